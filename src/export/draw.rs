//! Random values for the inputs of a model.

use std::ops::{Range, RangeInclusive};

use burn::backend::TensorData;

use super::operation::Operation;
use crate::random::SplitMix;

/// What the floats of a case are like. Integers and truth values are drawn in one way alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floats {
    /// Evenly from the range of the input; around zero where it has none.
    Plain,
    /// A few values that come again and again.
    Ties,
    /// Of either sign, from small to large, where the input has no range.
    Large,
    /// Infinities and NaN among others, where the input has no range.
    NotFinite,
}

impl Floats {
    /// What they are like in case `number`: each of the four in turn, without what the operations do not define.
    pub fn of(number: usize, operations: &[Operation]) -> Self {
        match number % 4 {
            1 if operations.iter().all(orders_ties) => Self::Ties,
            2 => Self::Large,
            3 if operations.iter().all(takes_not_finite) => Self::NotFinite,
            _ => Self::Plain,
        }
    }
}

/// Whether Burn says in which order an operation puts equal values. Its sorting does not.
fn orders_ties(operation: &Operation) -> bool {
    let unordered = ["ArgSort", "SortWithIndices", "ArgTopK", "TopKWithIndices"];
    operation.family != "Numeric" || !unordered.contains(&operation.name)
}

/// Whether an operation's results are those of IEEE 754 for every float: it moves, compares, adds or multiplies.
fn takes_not_finite(operation: &Operation) -> bool {
    match operation.family {
        "Init" | "Bool" => true,
        "Base" => !["Scatter", "ScatterNd", "SelectAssign"].contains(&operation.name),
        "Numeric" => [
            "Add",
            "AddScalar",
            "Sub",
            "SubScalar",
            "Mul",
            "MulScalar",
            "Div",
            "DivScalar",
            "Abs",
            "Neg",
            "Full",
            "Greater",
            "GreaterElem",
            "GreaterEqual",
            "GreaterEqualElem",
            "Lower",
            "LowerElem",
            "LowerEqual",
            "LowerEqualElem",
        ]
        .contains(&operation.name),
        "Float" => ["Exp", "Sqrt", "IsNan", "IsInf"].contains(&operation.name),
        _ => false,
    }
}

/// Truth values of a shape.
pub(crate) fn bools(shape: &[usize], random: &mut SplitMix) -> TensorData {
    let values: Vec<bool> = values(shape, || random.next() & 1 == 1);
    TensorData::new(values, shape.to_vec())
}

/// Integers of a shape and range; the ends of the range come more often than what lies between.
pub(crate) fn ints(shape: &[usize], range: &RangeInclusive<i64>, random: &mut SplitMix) -> TensorData {
    let (least, most) = (*range.start(), *range.end());
    let span = most.wrapping_sub(least).cast_unsigned();
    let values: Vec<i64> = values(shape, || match random.next() % 8 {
        0 => least,
        1 => most,
        _ => least.wrapping_add((random.next() % span.saturating_add(1).max(1)).cast_signed()),
    });
    TensorData::new(values, shape.to_vec())
}

/// Floats of a shape, within a range where the input has one.
pub(crate) fn floats(shape: &[usize], floats: Floats, range: Option<&Range<f64>>, random: &mut SplitMix) -> TensorData {
    let plain = range.cloned().unwrap_or(-1.0..1.0);
    let steps = |random: &mut SplitMix| (random.next() % 8) as f64 / 8.0;
    let values: Vec<f64> = values(shape, || match (floats, range) {
        (Floats::Ties, _) => plain.start + (plain.end - plain.start) * steps(random),
        (Floats::Large, None) => {
            let sign = if random.next() & 1 == 1 { 1.0 } else { -1.0 };
            sign * random.range(-LARGE, LARGE).exp2()
        }
        (Floats::NotFinite, None) => match random.next() % 16 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => 0.0,
            _ => random.range(plain.start, plain.end),
        },
        _ => random.range(plain.start, plain.end),
    });
    TensorData::new(values, shape.to_vec())
}

/// Large floats are up to 2 to this power.
const LARGE: f64 = 6.0;

fn values<T>(shape: &[usize], mut draw: impl FnMut() -> T) -> Vec<T> {
    (0..shape.iter().product()).map(|_| draw()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_reach_both_ends_of_every_range() {
        for range in [0..=0, -3..=5, 0..=i64::from(i32::MAX), i64::MIN..=i64::MAX] {
            let drawn = ints(&[200], &range, &mut SplitMix::new(1));
            let (least, most) = (drawn.iter::<i64>().min(), drawn.iter::<i64>().max());
            assert_eq!((least, most), (Some(*range.start()), Some(*range.end())));
        }
    }

    #[test]
    fn floats_without_a_range_are_of_both_signs_and_large() {
        let drawn = |kind, range: Option<Range<f64>>| -> Vec<f64> {
            floats(&[400], kind, range.as_ref(), &mut SplitMix::new(1)).iter::<f64>().collect()
        };
        let large = drawn(Floats::Large, None);
        assert!(
            large.iter().any(|x| *x > 32.0) && large.iter().any(|x| *x < -32.0) && large.iter().any(|x| x.abs() < 0.1)
        );
        let mut ties = drawn(Floats::Ties, None);
        ties.sort_by(f64::total_cmp);
        ties.dedup();
        assert_eq!(ties, [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75]);
        assert!(drawn(Floats::NotFinite, None).iter().any(|x| x.is_nan()));
        assert!(drawn(Floats::NotFinite, Some(2.0..3.0)).iter().all(|x| (2.0..3.0).contains(x)));
        assert!(drawn(Floats::Large, Some(2.0..3.0)).iter().all(|x| (2.0..3.0).contains(x)));
    }
}
