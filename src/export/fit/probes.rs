//! Lengths at which formulas are compared.

use crate::export::limits::Symbol;

/// How many lengths of one axis.
const EACH: usize = 160;
/// How many combinations of lengths.
const MIXED: usize = 64;

/// Lengths of the axes: many of each with the others as in the first recording, and combinations of all.
pub(crate) fn probes(symbols: &[Symbol]) -> Vec<Vec<usize>> {
    let base: Vec<usize> = symbols.iter().map(|symbol| symbol.sizes[0]).collect();
    let choices: Vec<Vec<usize>> = symbols.iter().map(lengths).collect();
    let mut probes = Vec::new();
    for (index, choices) in choices.iter().enumerate() {
        for length in choices {
            let mut sizes = base.clone();
            sizes[index] = *length;
            probes.push(sizes);
        }
    }
    if symbols.len() > 1 {
        for number in 0..MIXED {
            let chosen = |(index, choices): (usize, &Vec<usize>)| {
                let at = (number + 1) * (2 * index + 7) * 31;
                choices.get(at % choices.len().max(1)).copied().unwrap_or(base[index])
            };
            probes.push(choices.iter().enumerate().map(chosen).collect());
        }
    }
    probes
}

/// Lengths that an axis may have: all small ones, then some up to twice the greatest that was recorded.
fn lengths(symbol: &Symbol) -> Vec<usize> {
    let limits = symbol.limits;
    let recorded = symbol.sizes.iter().copied().max().unwrap_or(1);
    let most = limits.most.unwrap_or(2 * recorded).min(2 * recorded);
    let least = limits.least.max(symbol.sizes.iter().copied().min().unwrap_or(1)).max(1);
    let all: Vec<usize> = (least..=most).filter(|length| limits.allow(*length)).collect();
    let (near, far) = all.split_at(all.len().min(EACH / 2));
    let step = far.len().div_ceil(EACH / 2).max(1);
    // An odd step, so that what is even and odd is among them.
    let step = if step > 1 { step | 1 } else { step };
    near.iter().chain(far.iter().step_by(step)).copied().collect()
}
