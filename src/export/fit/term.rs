//! A formula with its value in every recording.

use crate::export::formula::Formula;

/// A formula with its value in every recording.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub formula: Formula,
    pub values: Vec<i64>,
}

impl Term {
    /// The product of two terms; none where it does not fit 64 bits.
    pub fn times(&self, other: &Self) -> Option<Self> {
        let values = self.values.iter().zip(&other.values).map(|(a, b)| a.checked_mul(*b)).collect::<Option<_>>()?;
        Some(Self { formula: self.formula.clone().times(other.formula.clone()), values })
    }
}
