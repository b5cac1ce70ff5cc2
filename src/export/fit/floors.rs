//! Quotients that are rounded down, alone and in sums with what they divide.

use std::ops::RangeInclusive;

use super::term::Term;
use crate::export::formula::Formula;

/// The greatest divisor of a quotient alone.
const MOST: i64 = 4096;
/// The greatest factor of what a quotient alone divides, and the greatest divisor where that is not 1.
const FACTOR: i64 = 4;
const MOST_WITH_FACTOR: i64 = 64;
/// The greatest divisor in a sum.
const MOST_IN_SUM: i64 = 64;
/// Divisors beyond that, in a sum that rounds down, up or to the nearest.
const ROUND: [i64; 6] = [80, 96, 128, 160, 256, 512];
/// How many formulas are of use: where there are more, another recording is what tells them apart.
const ENOUGH: usize = 512;

/// Every `floor((a*term + b)/c)` that gives `y` in every recording.
pub(crate) fn quotients(y: &[i64], term: &Term) -> Vec<Formula> {
    let mut found = Vec::new();
    let order = |row: &usize| term.values[*row];
    let (Some(low), Some(high)) = ((0..y.len()).min_by_key(order), (0..y.len()).max_by_key(order)) else {
        return found;
    };
    let (wide, rise) = (term.values[high] - term.values[low], y[high] - y[low]);
    for a in 1..=FACTOR {
        let most = if a == 1 { MOST } else { MOST_WITH_FACTOR };
        // The quotient rises by a*wide/c, give or take less than one.
        let least = (a * wide).div_euclid((rise + 1).max(1)).max(2);
        // A divisor beyond all that was recorded rounds to nothing.
        let most = most.min(a * wide);
        let most = if rise > 1 { most.min((a * wide).div_euclid(rise - 1)) } else { most };
        for c in (least..=most).filter(|c| divisor(a, *c) == 1) {
            let Some(offsets) = offsets(y, term, a, c) else {
                continue;
            };
            for b in offsets {
                let whole = Formula::Number(a).times(term.formula.clone()).plus(Formula::Number(b));
                found.push(whole.over(c));
                if found.len() >= ENOUGH {
                    return found;
                }
            }
        }
    }
    found
}

/// The offsets `b` with which `floor((a*term + b)/c)` is `y` in every recording.
fn offsets(y: &[i64], term: &Term, a: i64, c: i64) -> Option<RangeInclusive<i64>> {
    let (mut least, mut most) = (i64::MIN, i64::MAX);
    for (y, value) in y.iter().zip(&term.values) {
        let start = c.checked_mul(*y)?.checked_sub(a.checked_mul(*value)?)?;
        least = least.max(start);
        most = most.min(start + c - 1);
        if least > most {
            return None;
        }
    }
    Some(least..=most)
}

/// Every `k*floor((term + b)/c) + m*term + d` that gives `y` in every recording.
pub(crate) fn with_remainder(y: &[i64], term: &Term) -> Vec<Formula> {
    let mut found = Vec::new();
    let x = &term.values;
    let Some(other) = x.iter().position(|value| *value != x[0]) else {
        return found;
    };
    let run = x[other] - x[0];
    // What is left of a number after the line through its first and another recording is taken away.
    let bend = |value: &dyn Fn(usize) -> i64, row: usize| {
        i128::from(value(row) - value(0)) * i128::from(run)
            - i128::from(value(other) - value(0)) * i128::from(x[row] - x[0])
    };
    let bends: Vec<i128> = (0..y.len()).map(|row| bend(&|row| y[row], row)).collect();
    let all = (2..=MOST_IN_SUM).flat_map(|c| (0..c).map(move |b| (c, b)));
    let round = ROUND.into_iter().flat_map(|c| [0, c / 2, c - 1].map(|b| (c, b)));
    for (c, b) in all.chain(round) {
        let floor = |row: usize| (x[row] + b).div_euclid(c);
        let mut factor = None;
        let fits = (0..y.len()).all(|row| match (bend(&floor, row), bends[row]) {
            (0, rest) => rest == 0,
            (bend, rest) => rest % bend == 0 && *factor.get_or_insert(rest / bend) == rest / bend,
        });
        let Some(k) = factor.filter(|k| fits && *k != 0).and_then(|k| i64::try_from(k).ok()) else {
            continue;
        };
        let rest = (y[other] - y[0]) - k * (floor(other) - floor(0));
        if rest % run != 0 {
            continue;
        }
        let m = rest / run;
        let d = y[0] - k * floor(0) - m * x[0];
        let quotient = term.formula.clone().plus(Formula::Number(b)).over(c);
        let line = Formula::Number(m).times(term.formula.clone());
        found.push(Formula::Number(k).times(quotient).plus(line).plus(Formula::Number(d)));
        if found.len() >= ENOUGH {
            return found;
        }
    }
    found
}

fn divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(values: &[i64]) -> Term {
        Term { formula: Formula::Symbol(0), values: values.to_vec() }
    }

    #[test]
    fn finds_how_lengths_round() {
        let x = [12, 14, 19, 25, 32, 131, 6, 5];
        let of = |formula: fn(i64) -> i64| x.map(formula);
        let text = |found: Vec<Formula>| found.iter().map(|f| f.text(&["t"])).collect::<Vec<_>>();
        assert_eq!(text(quotients(&of(|t| t / 2), &term(&x))), ["floor(t/2)"]);
        assert_eq!(text(quotients(&of(|t| (t - 3) / 2 + 1), &term(&x))), ["ceil(t/2)-1"]);
        let padded = text(with_remainder(&of(|t| t.div_euclid(8) * 8 + 8 * i64::from(t % 8 != 0)), &term(&x)));
        assert_eq!(padded, ["8*ceil(t/8)"]);
        assert!(text(with_remainder(&of(|t| t % 5), &term(&x))).contains(&"t-5*floor(t/5)".to_owned()));
        assert!(quotients(&of(|t| t * t / 7), &term(&x)).is_empty());
    }
}
