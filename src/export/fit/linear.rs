//! Sums of multiples of known numbers.

use super::term::Term;
use crate::export::formula::Formula;

/// Every `k1*t1 + k2*t2 + ... + c` of at most `most` of the terms that gives `y` in every recording, with whole `k` and
/// `c`.
pub(crate) fn sums(y: &[i64], terms: &[Term], most: usize) -> Vec<Formula> {
    let mut found = Vec::new();
    let mut chosen = Vec::new();
    extend(y, terms, most, 0, &mut chosen, &mut found);
    found
}

fn extend(y: &[i64], terms: &[Term], most: usize, from: usize, chosen: &mut Vec<usize>, found: &mut Vec<Formula>) {
    for next in from..terms.len() {
        chosen.push(next);
        let columns: Vec<&[i64]> = chosen.iter().map(|index| terms[*index].values.as_slice()).collect();
        match solve(&columns, y) {
            // What needs fewer terms was found with fewer.
            Some((factors, constant)) if !factors.contains(&0) => {
                found.push(written(chosen.iter().map(|index| &terms[*index]), &factors, constant));
            }
            _ if chosen.len() < most => extend(y, terms, most, next + 1, chosen, found),
            _ => {}
        }
        chosen.pop();
    }
}

/// The sum of all terms, each with a factor that may be 0, that gives `y` in every recording.
pub(crate) fn whole_sum(y: &[i64], terms: &[Term]) -> Option<Formula> {
    let columns: Vec<&[i64]> = terms.iter().map(|term| term.values.as_slice()).collect();
    let (factors, constant) = solve(&columns, y)?;
    Some(written(terms.iter(), &factors, constant))
}

fn written<'a>(terms: impl Iterator<Item = &'a Term>, factors: &[i64], constant: i64) -> Formula {
    let parts = terms.zip(factors).map(|(term, factor)| Formula::Number(*factor).times(term.formula.clone()));
    parts.reduce(Formula::plus).unwrap_or(Formula::Number(0)).plus(Formula::Number(constant))
}

/// The only whole factors and the constant with which the columns sum to `y`; none where there are none, or several.
pub(crate) fn solve(columns: &[&[i64]], y: &[i64]) -> Option<(Vec<i64>, i64)> {
    let count = columns.len();
    // The constant falls out of the differences from the first recording.
    let mut rows: Vec<Vec<i128>> = (1..y.len())
        .map(|row| {
            let all = columns.iter().copied().chain(std::iter::once(y));
            all.map(|column| i128::from(column[row]) - i128::from(column[0])).collect()
        })
        .collect();
    for pivot in 0..count {
        let at = (pivot..rows.len()).find(|row| rows[*row][pivot] != 0)?;
        rows.swap(pivot, at);
        let (head, tail) = rows.split_at_mut(pivot + 1);
        let top = &head[pivot];
        for row in tail.iter_mut().filter(|row| row[pivot] != 0) {
            let (by, of) = (top[pivot], row[pivot]);
            for (value, above) in row.iter_mut().zip(top) {
                *value = value.checked_mul(by)?.checked_sub(above.checked_mul(of)?)?;
            }
            let shared = row.iter().fold(0, |shared, value| divisor(shared, *value));
            if shared > 1 {
                row.iter_mut().for_each(|value| *value /= shared);
            }
        }
    }
    if rows[count..].iter().any(|row| row[count] != 0) {
        return None;
    }
    let mut factors = vec![0i128; count];
    for pivot in (0..count).rev() {
        let row = &rows[pivot];
        let known: i128 =
            (pivot + 1..count).map(|column| row[column].checked_mul(factors[column])).sum::<Option<_>>()?;
        let rest = row[count] - known;
        if rest % row[pivot] != 0 {
            return None;
        }
        factors[pivot] = rest / row[pivot];
    }
    let factors = factors.into_iter().map(i64::try_from).collect::<Result<Vec<_>, _>>().ok()?;
    let sum: i128 =
        factors.iter().zip(columns).map(|(factor, column)| i128::from(*factor) * i128::from(column[0])).sum();
    Some((factors, i64::try_from(i128::from(y[0]) - sum).ok()?))
}

fn divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs() } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_what_has_one_whole_solution() {
        assert_eq!(solve(&[&[2, 5, 3]], &[9, 21, 13]), Some((vec![4], 1)));
        assert_eq!(solve(&[&[1, 2, 5, 7], &[3, 1, 4, 1]], &[7, 7, 16, 17]), Some((vec![2, 1], 2)));
        assert_eq!(solve(&[&[2, 4, 6]], &[1, 2, 3]), None, "a factor of one half");
        assert_eq!(solve(&[&[2, 5, 3]], &[9, 21, 14]), None, "no line");
        assert_eq!(solve(&[&[1, 2, 3], &[2, 4, 6]], &[1, 2, 3]), None, "many solutions");
    }
}
