//! The formulas of a stated family that give a number in every recording.
//!
//! For the lengths of the dynamic axes, and products of them, as terms `t`, the family is
//! - sums `k*t + l*u + c` of at most three terms, and sums of all axes;
//! - quotients `floor((a*t + b)/c)`, and sums of one with a multiple of what it divides;
//! - bounds `min(a*t + b, c)`, `max(a*t + b, c)`, and the smaller or greater of two axes;
//! - a product of some axes with one of these;
//!
//! and, where none of these fits, sums and products of at most three numbers of the recording that have such a formula.

mod extremes;
mod family;
mod floors;
mod linear;
mod number;
mod probes;
mod term;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::formula::Formula;
use super::limits::Symbol;
use family::{composed, of_axis, of_terms, terms};
use number::numbers;
pub(crate) use number::{Function, Number};
use probes::probes;
use term::Term;

/// How many formulas for one number are told apart at once.
const KEPT: usize = 200;

/// The numbers of a recording that follow the dynamic axes, with the formulas that fit each.
#[derive(Debug, Default)]
pub(crate) struct Formulas {
    names: Vec<String>,
    probes: Vec<Vec<usize>>,
    /// The axes, and products of some of them.
    terms: Vec<Term>,
    axes: usize,
    whole: HashMap<Vec<i64>, Vec<Formula>>,
}

/// A number that several formulas fit, as two of them say it.
pub(crate) struct Doubt {
    pub one: String,
    pub other: String,
}

/// What is said of a number that several formulas fit.
pub(crate) fn in_doubt(doubt: &Doubt) -> String {
    let Doubt { one, other } = doubt;
    format!("a number that follows the dynamic axes may be {one} or {other}, which the recordings do not tell apart")
}

impl Formulas {
    /// Finds the formulas of whole numbers, each given with its value in every recording.
    pub fn find(symbols: &[Symbol], numbers: BTreeSet<Vec<i64>>) -> Self {
        let mut formulas = Self {
            names: symbols.iter().map(|symbol| symbol.name.clone()).collect(),
            probes: probes(symbols),
            terms: terms(symbols),
            axes: symbols.len(),
            whole: HashMap::new(),
        };
        let mut open = Vec::new();
        for values in numbers {
            match formulas.simple(&values) {
                found if found.is_empty() => open.push(values),
                found => {
                    formulas.whole.insert(values, found);
                }
            }
        }
        let known = formulas.known();
        for values in open {
            let found = formulas.distinct(composed(&values, &known));
            formulas.whole.insert(values, found);
        }
        formulas
    }

    /// The formula of a whole number; none where none fits or, in `Err`, two of them where several fit.
    pub fn of(&self, values: &[i64]) -> Result<Option<Formula>, Doubt> {
        if values.iter().all(|value| *value == values[0]) {
            return Ok(Some(Formula::Number(values[0])));
        }
        let searched;
        let found = match self.whole.get(values) {
            Some(found) => found,
            None => {
                let simple = self.simple(values);
                searched = if simple.is_empty() { self.distinct(composed(values, &self.known())) } else { simple };
                &searched
            }
        };
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            [one, other, ..] => Err(Doubt { one: self.text(one), other: self.text(other) }),
        }
    }

    /// The formula of a number that is not whole, as [`Self::of`] gives that of a whole one.
    pub fn of_number(&self, values: &[f64]) -> Result<Option<Number>, Doubt> {
        let mut terms = self.known();
        for by in [-2, -1, 1, 2] {
            for axis in &self.terms[..self.axes] {
                terms.push(Term {
                    formula: axis.formula.clone().plus(Formula::Number(by)),
                    values: axis.values.iter().map(|value| value + by).collect(),
                });
            }
        }
        let mut found = numbers(values, &terms);
        let mut seen: Vec<Vec<f64>> = Vec::new();
        found.retain(|number| {
            let here: Vec<f64> = self.probes.iter().map(|sizes| number.at(sizes).unwrap_or(f64::NAN)).collect();
            let close = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-5 * a.abs().max(b.abs()) || a.is_nan();
            let known = seen.iter().any(|other| other.iter().zip(&here).all(|(a, b)| close(*a, *b)));
            if !known {
                seen.push(here);
            }
            !known
        });
        let text = |number: &Number| number.text(|formula| self.text(formula));
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            [one, other, ..] => Err(Doubt { one: text(one), other: text(other) }),
        }
    }

    pub fn text(&self, formula: &Formula) -> String {
        formula.text(&self.names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The lengths of the axes at which the most formulas that fit so far give different numbers, and two formulas that
    /// they tell apart; nothing where every number has one formula at most. `barred` are lengths not to be chosen.
    pub fn in_doubt(&self, barred: &dyn Fn(&[usize]) -> bool) -> Option<(Vec<usize>, Doubt)> {
        let doubts: Vec<&Vec<Formula>> = self.whole.values().filter(|found| found.len() > 1).collect();
        let told_apart = |sizes: &Vec<usize>| -> usize {
            let groups = doubts.iter().map(|found| {
                let mut groups = BTreeMap::<Option<i64>, usize>::new();
                found.iter().for_each(|formula| *groups.entry(formula.at(sizes)).or_default() += 1);
                found.len() * found.len() - groups.values().map(|count| count * count).sum::<usize>()
            });
            groups.sum()
        };
        let open = self.probes.iter().filter(|sizes| !barred(sizes)).map(|sizes| (told_apart(sizes), sizes));
        let (_, best) = open.filter(|(count, _)| *count > 0).max_by_key(|(count, _)| *count)?;
        let (one, other) = doubts.iter().find_map(|found| {
            let other = found.iter().find(|formula| formula.at(best) != found[0].at(best))?;
            Some((&found[0], other))
        })?;
        Some((best.clone(), Doubt { one: self.text(one), other: self.text(other) }))
    }

    /// Of several formulas that fit a number, keeps the first where it is an axis, a multiple of one, or an axis and a
    /// fixed number more, and shorter than all others.
    pub fn keep_simplest(&mut self) {
        for found in self.whole.values_mut() {
            let [first, second, ..] = found.as_slice() else {
                continue;
            };
            let simple = match first {
                Formula::Symbol(_) => true,
                Formula::Product(a, b) | Formula::Sum(a, b) => {
                    let one = |formula: &Formula| matches!(formula, Formula::Symbol(_) | Formula::Number(_));
                    one(a) && one(b)
                }
                _ => false,
            };
            if simple && first.weight() <= second.weight() {
                found.truncate(1);
            }
        }
    }

    /// The terms, and the numbers that have one formula.
    fn known(&self) -> Vec<Term> {
        let mut known = self.terms.clone();
        let mut unique: Vec<(&Vec<i64>, &Formula)> = self
            .whole
            .iter()
            .filter_map(|(values, found)| if let [one] = found.as_slice() { Some((values, one)) } else { None })
            .collect();
        unique.sort_by_key(|(_, formula)| (formula.weight(), *formula));
        for (values, formula) in unique {
            if known.iter().all(|term| term.values != *values) {
                known.push(Term { formula: formula.clone(), values: values.clone() });
            }
        }
        known
    }

    /// Formulas of the axes, and products of axes with them.
    fn simple(&self, values: &[i64]) -> Vec<Formula> {
        let axes = &self.terms[..self.axes];
        let mut found = of_terms(values, &self.terms, axes);
        if found.is_empty() {
            for factor in &self.terms {
                let parts = values.iter().zip(&factor.values).map(|(y, x)| (*x != 0 && y % x == 0).then(|| y / x));
                let Some(rest) = parts.collect::<Option<Vec<i64>>>() else {
                    continue;
                };
                let rounded = axes.iter().flat_map(|axis| of_axis(&rest, axis));
                found.extend(rounded.map(|formula| factor.formula.clone().times(formula)));
            }
        }
        self.distinct(found)
    }

    /// One formula, the shortest, of those that give the same number at all lengths that are tried.
    fn distinct(&self, mut found: Vec<Formula>) -> Vec<Formula> {
        found.sort_by_cached_key(|formula| (formula.weight(), formula.clone()));
        let mut seen = BTreeSet::new();
        found.retain(|formula| seen.insert(self.probes.iter().map(|sizes| formula.at(sizes)).collect::<Vec<_>>()));
        found.truncate(KEPT);
        found
    }
}
