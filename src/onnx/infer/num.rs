//! Lengths and other integers that are known before a model is run.

/// An integer, or a multiple of the batch.
///
/// Nothing else can be told of a length that depends on the batch. So a tensor whose length is told grows at most in
/// proportion to the batch, and its cost for a batch of one says what it costs for every batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Num {
    /// The number for a batch of one.
    value: i64,
    /// Whether it is that many times the batch.
    batched: bool,
}

impl Num {
    /// The batch.
    pub const BATCH: Self = Self { value: 1, batched: true };
    /// One, whatever the batch.
    pub const ONE: Self = Self::fixed(1);

    /// A number that does not depend on the batch.
    pub const fn fixed(value: i64) -> Self {
        Self { value, batched: false }
    }

    /// The number where it does not depend on the batch.
    pub fn known(self) -> Option<i64> {
        (!self.batched).then_some(self.value)
    }

    /// The number for a batch of one.
    pub fn of_one(self) -> i64 {
        self.value
    }

    /// Whether it is a length: not negative.
    pub fn is_length(self) -> bool {
        self.value >= 0
    }

    /// The sum, where it is a number of this kind.
    pub fn plus(self, other: Self) -> Option<Self> {
        match (self, other) {
            (zero, same) | (same, zero) if zero.value == 0 => Some(same),
            _ if self.batched == other.batched => Some(Self { value: self.value.checked_add(other.value)?, ..self }),
            _ => None,
        }
    }

    /// The difference, where it is a number of this kind.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { value: other.value.checked_neg()?, ..other })
    }

    /// The product, where it is a number of this kind.
    pub fn times(self, other: Self) -> Option<Self> {
        let value = self.value.checked_mul(other.value)?;
        match (value, self.batched, other.batched) {
            (0, ..) => Some(Self::fixed(0)),
            (_, true, true) => None,
            (_, one, two) => Some(Self { value, batched: one || two }),
        }
    }

    /// The quotient, where it is a number of this kind: rounded towards zero for fixed numbers, exact for others.
    pub fn over(self, other: Self) -> Option<Self> {
        let exact = self.value.checked_rem(other.value)? == 0;
        let value = self.value.checked_div(other.value)?;
        match (self.batched, other.batched) {
            (false, false) => Some(Self::fixed(value)),
            (batched, true) if exact && batched => Some(Self::fixed(value)),
            (true, false) if exact => Some(Self { value, batched: true }),
            _ => None,
        }
    }

    /// The product of all; `None` where it cannot be told, or is larger than 63 bits.
    pub fn product(numbers: &[Self]) -> Option<Self> {
        if numbers.contains(&Self::fixed(0)) {
            return Some(Self::fixed(0));
        }
        numbers.iter().try_fold(Self::ONE, |product, number| product.times(*number))
    }
}

#[cfg(test)]
mod tests {
    use super::Num;

    #[test]
    fn multiples_of_the_batch_stay_multiples_of_it_or_are_not_told() {
        let (two, six) = (Num::fixed(2), Num::fixed(6));
        let many = Num::BATCH.times(six).unwrap();
        assert_eq!((many.known(), many.of_one()), (None, 6));
        assert_eq!(many.over(two), Num::BATCH.times(Num::fixed(3)));
        assert_eq!(many.over(Num::BATCH), Some(six));
        assert_eq!(many.plus(many), Num::BATCH.times(Num::fixed(12)));
        assert_eq!(many.minus(many).unwrap().of_one(), 0);
        assert_eq!((many.plus(two), many.times(many), two.over(many)), (None, None, None));
        assert_eq!(many.over(Num::fixed(4)), None);
        assert_eq!(Num::fixed(7).over(two), Some(Num::fixed(3)));
        assert_eq!((two.over(Num::fixed(0)), Num::fixed(i64::MIN).over(Num::fixed(-1))), (None, None));
        assert_eq!(Num::fixed(i64::MAX).plus(two), None);
    }

    #[test]
    fn products_that_no_number_holds_are_none() {
        assert_eq!(Num::product(&[Num::fixed(1 << 40), Num::fixed(1 << 40)]), None);
        assert_eq!(Num::product(&[Num::fixed(1 << 40), Num::fixed(1 << 40), Num::fixed(0)]), Some(Num::fixed(0)));
        assert_eq!(Num::product(&[]), Some(Num::ONE));
    }
}
