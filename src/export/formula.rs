//! Whole numbers that follow the dynamic axes, as one small symbolic form.

use std::fmt;

/// A whole number as arithmetic on the lengths of the dynamic axes.
///
/// A remainder is written as what a division leaves: `a % c` is `a - c*floor(a/c)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Formula {
    Number(i64),
    /// The length of a dynamic axis, by its position among them.
    Symbol(usize),
    Sum(Box<Formula>, Box<Formula>),
    Product(Box<Formula>, Box<Formula>),
    /// Division by a positive number, rounded down. What is divided is not negative.
    Floor(Box<Formula>, i64),
    Least(Box<Formula>, Box<Formula>),
    Greatest(Box<Formula>, Box<Formula>),
}

impl Formula {
    pub fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number(0), other) => other,
            (one, Self::Number(0)) => one,
            (Self::Number(a), Self::Number(b)) => Self::Number(a.wrapping_add(b)),
            (one, other) => Self::Sum(Box::new(one), Box::new(other)),
        }
    }

    pub fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number(0), _) | (_, Self::Number(0)) => Self::Number(0),
            (Self::Number(1), other) => other,
            (one, Self::Number(1)) => one,
            (Self::Number(a), Self::Number(b)) => Self::Number(a.wrapping_mul(b)),
            (one, other @ Self::Number(_)) => Self::Product(Box::new(other), Box::new(one)),
            (one, other) => Self::Product(Box::new(one), Box::new(other)),
        }
    }

    /// `floor(self / by)`; the remainder of a negative number is moved out, so that nothing negative is divided.
    pub fn over(self, by: i64) -> Self {
        match self {
            whole if by == 1 => whole,
            Self::Number(number) => Self::Number(number.div_euclid(by)),
            Self::Sum(one, other) => match *other {
                Self::Number(more) if !(0..by).contains(&more) => {
                    let rest = one.plus(Self::Number(more.rem_euclid(by)));
                    Self::Floor(Box::new(rest), by).plus(Self::Number(more.div_euclid(by)))
                }
                other => Self::Floor(Box::new(Self::Sum(one, Box::new(other))), by),
            },
            whole => Self::Floor(Box::new(whole), by),
        }
    }

    pub fn least(self, other: Self) -> Self {
        Self::Least(Box::new(self), Box::new(other))
    }

    pub fn greatest(self, other: Self) -> Self {
        Self::Greatest(Box::new(self), Box::new(other))
    }

    /// The number at the given lengths of the symbols; none where it does not fit 64 bits.
    pub fn at(&self, sizes: &[usize]) -> Option<i64> {
        Some(match self {
            Self::Number(number) => *number,
            Self::Symbol(index) => *sizes.get(*index)? as i64,
            Self::Sum(a, b) => a.at(sizes)?.checked_add(b.at(sizes)?)?,
            Self::Product(a, b) => a.at(sizes)?.checked_mul(b.at(sizes)?)?,
            Self::Floor(a, by) => a.at(sizes)?.div_euclid(*by),
            Self::Least(a, b) => a.at(sizes)?.min(b.at(sizes)?),
            Self::Greatest(a, b) => a.at(sizes)?.max(b.at(sizes)?),
        })
    }

    /// How many operations and numbers it is made of.
    pub fn weight(&self) -> usize {
        match self {
            Self::Number(_) | Self::Symbol(_) => 1,
            Self::Floor(a, _) => a.weight() + 2,
            Self::Sum(a, b) | Self::Product(a, b) | Self::Least(a, b) | Self::Greatest(a, b) => {
                a.weight() + b.weight() + 1
            }
        }
    }

    /// The formula with the names of the symbols.
    pub fn text(&self, names: &[&str]) -> String {
        Text { formula: self, names }.to_string()
    }
}

struct Text<'a> {
    formula: &'a Formula,
    names: &'a [&'a str],
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |formula: &Formula| formula.text(self.names);
        // A factor that is a sum stands in brackets.
        let factor = |formula: &Formula| match formula {
            Formula::Sum(..) => format!("({})", text(formula)),
            _ => text(formula),
        };
        match self.formula {
            Formula::Number(number) => write!(f, "{number}"),
            Formula::Symbol(index) => f.write_str(self.names.get(*index).copied().unwrap_or("?")),
            Formula::Sum(a, b) => {
                let (a, b) = (text(a), text(b));
                // The positive part first: `batch-2`, not `-2+batch`.
                let (a, b) = if a.starts_with('-') && !b.starts_with('-') { (b, a) } else { (a, b) };
                if b.starts_with('-') { write!(f, "{a}{b}") } else { write!(f, "{a}+{b}") }
            }
            Formula::Product(a, b) => match **a {
                Formula::Number(-1) => write!(f, "-{}", factor(b)),
                _ => write!(f, "{}*{}", factor(a), factor(b)),
            },
            Formula::Floor(a, by) => match &**a {
                Formula::Sum(a, more) if **more == Formula::Number(by - 1) => write!(f, "ceil({}/{by})", factor(a)),
                a => write!(f, "floor({}/{by})", factor(a)),
            },
            Formula::Least(a, b) => write!(f, "min({}, {})", text(a), text(b)),
            Formula::Greatest(a, b) => write!(f, "max({}, {})", text(a), text(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(index: usize) -> Formula {
        Formula::Symbol(index)
    }

    #[test]
    fn is_written_as_arithmetic() {
        let text = |formula: Formula| formula.text(&["batch", "time"]);
        let half = symbol(1).over(2);
        assert_eq!(text(Formula::Number(4).times(symbol(0)).plus(Formula::Number(1))), "4*batch+1");
        assert_eq!(text(symbol(1).plus(Formula::Number(1)).over(2)), "ceil(time/2)");
        assert_eq!(text(symbol(0).times(half.clone().plus(Formula::Number(1)))), "batch*(floor(time/2)+1)");
        assert_eq!(text(Formula::Number(-2).times(half).plus(symbol(1))), "time-2*floor(time/2)");
        assert_eq!(text(symbol(1).least(Formula::Number(8))), "min(time, 8)");
        assert_eq!(text(Formula::Number(-1).times(symbol(1)).plus(Formula::Number(3))), "3-time");
    }

    #[test]
    fn divides_nothing_negative() {
        let formula = symbol(0).plus(Formula::Number(-3)).over(2);
        assert_eq!(formula, symbol(0).plus(Formula::Number(1)).over(2).plus(Formula::Number(-2)));
        assert_eq!((formula.at(&[1]), formula.at(&[8])), (Some(-1), Some(2)));
        assert_eq!(symbol(0).times(symbol(0)).at(&[usize::MAX / 4]), None);
    }
}
