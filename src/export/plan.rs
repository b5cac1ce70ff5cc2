//! The lengths at which a forward pass is recorded.

use super::limits::Limits;

/// How many recordings follow the first, with up to two dynamic axes and with more. Both are prime, so that the axes
/// take their lengths in orders of their own.
const FEW: usize = 7;
const MANY: usize = 11;

/// The lengths at which one axis is recorded, the first of them in the first recording.
///
/// An axis that may have any length, as a batch may, has small ones. Another has the length of the sample, and others
/// above and below, one of them far above; these are no multiples of each other and have nearly all remainders modulo 8.
/// `taken` are lengths of other dimensions, which an axis of any length leaves out.
pub(crate) fn lengths(size: usize, any: bool, limits: Limits, taken: &[usize]) -> Vec<usize> {
    let unit = limits.multiple;
    let mut lengths = match any || size / unit < 2 {
        true => small(size / unit, any),
        false => around(size / unit, limits),
    };
    lengths.iter_mut().for_each(|length| *length *= unit);
    lengths.retain(|length| limits.allow(*length));
    if any {
        let free: Vec<usize> =
            lengths.iter().copied().filter(|length| *length == 1 || !taken.contains(length)).collect();
        if free.len() > FEW {
            lengths = free;
        }
    }
    let mut seen = Vec::new();
    lengths.retain(|length| {
        !seen.contains(length) && {
            seen.push(*length);
            true
        }
    });
    if lengths.is_empty() { vec![size] } else { lengths }
}

/// Small lengths. Of an axis that is no batch, the length of the sample comes first.
fn small(size: usize, any: bool) -> Vec<usize> {
    const SMALL: [usize; 12] = [2, 5, 3, 8, 7, 1, 13, 17, 4, 11, 23, 6];
    let more = (18..60).filter(|length| !SMALL.contains(length));
    let first = (!any && size > 0).then_some(size);
    first.into_iter().chain(SMALL.into_iter().filter(|length| any || *length > 1)).chain(more).collect()
}

/// Lengths around that of the sample.
fn around(size: usize, limits: Limits) -> Vec<usize> {
    let mut chosen = vec![size];
    let most = limits.most.map_or(usize::MAX, |most| most / limits.multiple);
    let least = limits.least.div_ceil(limits.multiple).max(2);
    let choose = |chosen: &mut Vec<usize>, target: usize, allow: &dyn Fn(usize) -> bool| {
        let fresh =
            |length: usize| chosen.iter().all(|other| !length.is_multiple_of(*other) && !other.is_multiple_of(length));
        let new = |length: usize| chosen.iter().all(|other| other % 8 != length % 8);
        let near = || (target..target + 16).filter(|length| allow(*length));
        let best = near().find(|length| fresh(*length) && new(*length));
        let next = best.or_else(|| near().find(|length| !chosen.contains(length)));
        chosen.extend(next);
    };
    let above = |length: usize| length > size && length <= most;
    let below = |length: usize| length < size && length >= least;
    choose(&mut chosen, 2 * size + 1, &above);
    choose(&mut chosen, size + size / 3, &above);
    choose(&mut chosen, (size / 2).saturating_sub(1).max(least), &below);
    match limits.most {
        Some(_) if most > size => chosen.push(most),
        _ => {
            let far = (4 * size + 3).max(131_usize.div_ceil(limits.multiple));
            choose(&mut chosen, far, &above);
        }
    }
    choose(&mut chosen, size + 2 * size / 3, &above);
    match limits.least {
        // Nearly the shortest: what an axis is held against may be small.
        0 => {
            let short = (least..size.min(4)).rev().find(|length| !chosen.contains(length));
            chosen.extend(short);
        }
        _ if least < size => chosen.push(least),
        _ => {}
    }
    choose(&mut chosen, 2 * size + size / 2, &above);
    choose(&mut chosen, 3 * size + 1, &above);
    for more in 1..=2 * MANY {
        choose(&mut chosen, size + more, &above);
        choose(&mut chosen, size.saturating_sub(more).max(least), &below);
    }
    chosen
}

/// The lengths of all axes in recording `number`, from the lengths of each: the first of all in recording 0, then
/// another of each.
pub(crate) fn recording(number: usize, lengths: &[Vec<usize>]) -> Vec<usize> {
    let round = recordings(lengths.len());
    let of = |(index, lengths): (usize, &Vec<usize>)| match (number, lengths.len()) {
        (0, _) | (_, 1) => lengths[0],
        (_, count) => lengths[1 + ((number - 1) * (index + 1)) % round.min(count - 1)],
    };
    lengths.iter().enumerate().map(of).collect()
}

/// How many recordings follow the first one.
pub(crate) fn recordings(axes: usize) -> usize {
    match axes {
        0 => 0,
        1 | 2 => FEW,
        _ => MANY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(size: usize, any: bool, limits: Limits) -> Vec<usize> {
        let lengths = vec![lengths(size, any, limits, &[])];
        (0..=recordings(1)).map(|number| recording(number, &lengths)[0]).collect()
    }

    #[test]
    fn a_batch_is_recorded_at_small_lengths() {
        assert_eq!(recorded(4, true, Limits::default()), [2, 5, 3, 8, 7, 1, 13, 17]);
        assert_eq!(lengths(4, true, Limits::default(), &[2, 3])[..3], [5, 8, 7]);
        assert_eq!(recorded(1, false, Limits::default())[..4], [1, 2, 5, 3]);
    }

    #[test]
    fn other_axes_are_recorded_at_all_remainders() {
        for size in 5..200 {
            let lengths = recorded(size, false, Limits::default());
            let mut remainders: Vec<usize> = lengths.iter().map(|length| length % 8).collect();
            remainders.sort_unstable();
            remainders.dedup();
            assert!(remainders.len() >= 7, "{size}: {lengths:?}");
            assert!(lengths[1..].iter().all(|length| length % size != 0), "{size}: {lengths:?}");
            assert!(lengths.iter().any(|length| *length < size) && lengths.iter().any(|length| *length > 130));
        }
    }

    #[test]
    fn limits_are_kept_and_met() {
        let limits = Limits { multiple: 8, least: 16, most: Some(96) };
        let lengths = recorded(32, false, limits);
        assert!(lengths.iter().all(|length| limits.allow(*length)), "{lengths:?}");
        assert!(lengths.contains(&16) && lengths.contains(&96), "{lengths:?}");
        assert!(lengths.iter().any(|length| length / 8 % 2 == 1), "{lengths:?}");
    }

    #[test]
    fn several_axes_are_told_apart() {
        let all = [lengths(4, true, Limits::default(), &[]), lengths(16, false, Limits::default(), &[])];
        let sizes: Vec<Vec<usize>> = (0..=FEW).map(|number| recording(number, &all)).collect();
        assert_eq!(sizes[0], [2, 16]);
        for axis in 0..2 {
            let mut values: Vec<usize> = sizes.iter().map(|sizes| sizes[axis]).collect();
            values.sort_unstable();
            values.dedup();
            assert_eq!(values.len(), FEW + 1, "{sizes:?}");
        }
    }
}
