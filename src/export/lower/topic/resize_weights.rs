//! The weights of a resize along one axis, as a matrix of `[old length, new length]`.

/// The coordinate on the old axis of an element of the new one.
fn coordinate(at: usize, from: usize, to: usize, aligned: bool) -> f64 {
    match aligned {
        true => at as f64 * ((from as f64 - 1.0) / (to.max(2) - 1) as f64),
        false => (at as f64 + 0.5) * (from as f64 / to as f64) - 0.5,
    }
}

/// The weights of a kernel. A neighbour outside of the axis counts as the one at its edge; with `cut`, so does a
/// coordinate below 0.
pub(crate) fn weights(
    from: usize,
    to: usize,
    aligned: bool,
    cut: bool,
    taps: fn(f64) -> Vec<(isize, f64)>,
) -> Vec<f64> {
    let mut weights = vec![0.0; from * to];
    for new in 0..to {
        let at = coordinate(new, from, to, aligned);
        let at = if cut { at.max(0.0) } else { at };
        for (tap, weight) in taps(at - at.floor()) {
            let old = (at.floor() as isize + tap).clamp(0, from as isize - 1) as usize;
            weights[old * to + new] += weight;
        }
    }
    weights
}

/// The weights of the Lanczos kernel of six elements. Those outside of the axis are left out, and the others sum to 1.
pub(crate) fn lanczos_weights(from: usize, to: usize, aligned: bool) -> Vec<f64> {
    let mut weights = vec![0.0; from * to];
    for new in 0..to {
        let at = coordinate(new, from, to, aligned);
        let base = at.floor();
        let taps: Vec<(usize, f64)> = (-2..=3)
            .map(|tap| (base as isize + tap, lanczos(at - (base + tap as f64))))
            .filter(|(old, _)| (0..from as isize).contains(old))
            .map(|(old, weight)| (old as usize, weight))
            .collect();
        let sum: f64 = taps.iter().map(|(_, weight)| weight).sum();
        let sum = if sum == 0.0 { 1.0 } else { sum };
        for (old, weight) in taps {
            weights[old * to + new] += weight / sum;
        }
    }
    weights
}

/// The cubic kernel with `a = -0.75` (Keys 1981, <https://doi.org/10.1109/TASSP.1981.1163711>).
pub(crate) fn cubic(distance: f64) -> f64 {
    const A: f64 = -0.75;
    let t = distance.abs();
    if t < 1.0 {
        ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0
    } else if t < 2.0 {
        ((A * t - 5.0 * A) * t + 8.0 * A) * t - 4.0 * A
    } else {
        0.0
    }
}

/// The Lanczos kernel with three lobes a side.
fn lanczos(distance: f64) -> f64 {
    if distance == 0.0 {
        return 1.0;
    }
    if distance.abs() >= 3.0 {
        return 0.0;
    }
    let turn = std::f64::consts::PI * distance;
    turn.sin() * (turn / 3.0).sin() / (turn * turn / 3.0)
}
