//! The smaller and the greater of two numbers, one of which follows an axis.

use super::term::Term;
use crate::export::formula::Formula;

/// Every `min(a*term + b, c)` and `max(a*term + b, c)` that gives `y` in every recording. Both sides of the bend must
/// have been recorded: the side of `c` twice.
pub(crate) fn bounded(y: &[i64], term: &Term) -> Vec<Formula> {
    let mut found = Vec::new();
    for upper in [true, false] {
        let Some(bound) = (if upper { y.iter().max() } else { y.iter().min() }).copied() else {
            continue;
        };
        if y.iter().filter(|value| **value == bound).count() < 2 {
            continue;
        }
        for (a, b) in lines(y, term, bound) {
            let line = |x: i64| a.checked_mul(x)?.checked_add(b);
            let here = |x: i64| line(x).map(|value| if upper { value.min(bound) } else { value.max(bound) });
            if y.iter().zip(&term.values).all(|(y, x)| here(*x) == Some(*y)) {
                let line = Formula::Number(a).times(term.formula.clone()).plus(Formula::Number(b));
                let bound = Formula::Number(bound);
                found.push(if upper { line.least(bound) } else { line.greatest(bound) });
            }
        }
    }
    found
}

/// The lines through what is off the bound: one where two points give it, else those of small slopes.
fn lines(y: &[i64], term: &Term, bound: i64) -> Vec<(i64, i64)> {
    let mut off = y.iter().zip(&term.values).filter(|(y, _)| **y != bound);
    let Some((y0, x0)) = off.next() else {
        return Vec::new();
    };
    match off.find(|(_, x)| *x != x0) {
        Some((y1, x1)) if (y1 - y0) % (x1 - x0) == 0 => {
            let a = (y1 - y0) / (x1 - x0);
            vec![(a, y0 - a * x0)]
        }
        Some(_) => Vec::new(),
        None => [1, -1, 2, -2].map(|a| (a, y0 - a * x0)).to_vec(),
    }
}

/// Every `min` and `max` of two terms that gives `y` in every recording.
pub(crate) fn of_two(y: &[i64], terms: &[Term]) -> Vec<Formula> {
    let mut found = Vec::new();
    for (i, one) in terms.iter().enumerate() {
        for other in &terms[..i] {
            let pairs = || one.values.iter().zip(&other.values).zip(y);
            if pairs().all(|((a, b), y)| a.min(b) == y) {
                found.push(other.formula.clone().least(one.formula.clone()));
            } else if pairs().all(|((a, b), y)| a.max(b) == y) {
                found.push(other.formula.clone().greatest(one.formula.clone()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_bounds_that_were_met() {
        let term = Term { formula: Formula::Symbol(0), values: vec![12, 14, 25, 131, 6, 5] };
        let text = |y: &[i64]| bounded(y, &term).iter().map(|f| f.text(&["t"])).collect::<Vec<_>>();
        assert_eq!(text(&[12, 14, 16, 16, 6, 5]), ["min(t, 16)"]);
        assert_eq!(text(&[4, 2, 0, 0, 10, 11]), ["max(16-t, 0)"]);
        assert_eq!(text(&[12, 14, 25, 131, 6, 5]), [] as [&str; 0]);
    }
}
