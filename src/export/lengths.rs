//! How long a dimension is in each of several recordings, and how a model declares it.

use super::fit::Formulas;
use crate::onnx::Dim;

/// A dimension's length in every trace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Lengths(pub Vec<usize>);

impl Lengths {
    /// The length, where it is the same in every trace.
    pub fn fixed(&self) -> Option<usize> {
        let first = *self.0.first()?;
        self.0.iter().all(|size| *size == first).then_some(first)
    }

    /// The lengths as numbers of a formula.
    pub fn numbers(&self) -> Vec<i64> {
        self.0.iter().map(|size| *size as i64).collect()
    }
}

/// The dimension as a model declares it: a number, or a name that is a symbol or the text of a formula.
pub(crate) fn declared(lengths: &Lengths, formulas: &Formulas) -> Dim {
    if let Some(size) = lengths.fixed() {
        return Dim::Fixed(size);
    }
    Dim::Symbol(match formulas.of(&lengths.numbers()) {
        Ok(Some(formula)) => formulas.text(&formula),
        _ => {
            let sizes: Vec<String> = lengths.0.iter().map(ToString::to_string).collect();
            format!("dim_{}", sizes.join("_"))
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::export::limits::{Limits, Symbol};

    #[test]
    fn explains_dimensions_by_the_batch() {
        let sizes = vec![2, 5, 3, 8, 7, 1, 13, 17, 130, 64];
        let of = |length: fn(usize) -> usize| Lengths(sizes.iter().map(|size| length(*size)).collect());
        let batch = Symbol { name: "batch".into(), sizes: sizes.clone(), limits: Limits::default() };
        let formulas = Formulas::find(&[batch], BTreeSet::new());
        let text = |lengths: &Lengths| declared(lengths, &formulas).to_string();
        assert_eq!(text(&of(|_| 4)), "4");
        assert_eq!(text(&of(|batch| batch)), "batch");
        assert_eq!(text(&of(|batch| 4 * batch + 1)), "4*batch+1");
        assert_eq!(text(&of(|batch| batch * batch)), "batch*batch");
        assert_eq!(text(&of(|batch| batch / 2)), "floor(batch/2)");
        assert_eq!(text(&of(|batch| batch ^ 6)), "dim_4_3_5_14_1_7_11_23_132_70");
    }
}
