//! The family of formulas, put together from its parts.

use super::term::Term;
use super::{extremes, floors, linear};
use crate::export::formula::Formula;
use crate::export::limits::Symbol;

/// The axes, then their products of two and three, squares and cubes among them.
pub(crate) fn terms(symbols: &[Symbol]) -> Vec<Term> {
    let axes: Vec<Term> = symbols
        .iter()
        .enumerate()
        .map(|(index, symbol)| Term {
            formula: Formula::Symbol(index),
            values: symbol.sizes.iter().map(|size| *size as i64).collect(),
        })
        .collect();
    let mut terms = axes.clone();
    let mut from: Vec<(usize, Term)> = axes.iter().cloned().enumerate().collect();
    for _ in 0..if axes.len() > 3 { 1 } else { 2 } {
        let longer = |(last, term): &(usize, Term)| -> Vec<(usize, Term)> {
            (*last..axes.len()).filter_map(|next| Some((next, term.times(&axes[next])?))).collect()
        };
        from = from.iter().flat_map(longer).collect();
        terms.extend(from.iter().map(|(_, term)| term.clone()));
    }
    terms
}

/// Formulas of terms, and what rounds or is bounded of axes.
pub(crate) fn of_terms(values: &[i64], terms: &[Term], axes: &[Term]) -> Vec<Formula> {
    let several = match axes.len() {
        0..=2 => 3,
        3 => 2,
        _ => 1,
    };
    let mut found = linear::sums(values, terms, several.min(values.len().saturating_sub(3)).max(1));
    if axes.len() > 1 && values.len() > axes.len() + 2 {
        found.extend(linear::whole_sum(values, axes));
    }
    for term in terms {
        found.extend(floors::quotients(values, term));
    }
    for axis in axes {
        found.extend(floors::with_remainder(values, axis));
        found.extend(extremes::bounded(values, axis));
    }
    found.extend(extremes::of_two(values, axes));
    found
}

/// What rounds or is bounded, of one axis.
pub(crate) fn of_axis(values: &[i64], axis: &Term) -> Vec<Formula> {
    let mut found = linear::sums(values, std::slice::from_ref(axis), 1);
    found.extend(floors::quotients(values, axis));
    found.extend(floors::with_remainder(values, axis));
    found.extend(extremes::bounded(values, axis));
    found
}

/// Sums and products of known numbers.
pub(crate) fn composed(values: &[i64], known: &[Term]) -> Vec<Formula> {
    const MANY: usize = 40;
    let known = &known[..known.len().min(MANY)];
    let mut products = Vec::new();
    for (i, one) in known.iter().enumerate() {
        for (j, two) in known[..=i].iter().enumerate() {
            let Some(pair) = two.times(one) else {
                continue;
            };
            products.extend(known[..=j].iter().filter_map(|three| three.times(&pair)));
            products.push(pair);
        }
    }
    let mut found = linear::sums(values, &products, 1);
    found.extend(linear::sums(values, known, 3));
    found.extend(extremes::of_two(values, known));
    found
}
