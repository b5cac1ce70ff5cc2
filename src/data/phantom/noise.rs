//! Seeds, approximately normal numbers, and gradient noise (Perlin, "Improving noise", SIGGRAPH 2002).

use crate::random::{STEP, SplitMix, mix};

/// A seed made of several numbers, whose order matters.
pub(super) fn seed(parts: &[u64]) -> u64 {
    parts.iter().fold(0x6f61_7369_7300, |state, &part| mix(state ^ mix(part)))
}

impl SplitMix {
    /// Approximately normal with mean 0 and variance 1: the sum of twelve uniform numbers of 16 bits, minus 6.
    pub(super) fn normal(&mut self) -> f64 {
        let mut sum = 0u64;
        for _ in 0..3 {
            let word = self.next();
            sum += (0..4).map(|k| (word >> (16 * k)) & 0xffff).sum::<u64>();
        }
        (sum as f64 + 6.0) / 65_536.0 - 6.0
    }
}

/// Smooth noise in -1..1 over space, with mean 0 and features about one unit wide.
pub(super) fn noise3(seed: u64, p: [f64; 3]) -> f64 {
    let cell = p.map(f64::floor);
    let [x, y, z] = [p[0] - cell[0], p[1] - cell[1], p[2] - cell[2]];
    let [i, j, k] = cell.map(|c| c as i64);
    // Odd multipliers keep neighbouring cells apart; one scattering step does the rest.
    let cell_hash = |i: i64, j: i64, k: i64| {
        let i = (i as u64).wrapping_mul(STEP);
        let j = (j as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        let k = (k as u64).wrapping_mul(0x1656_67b1_9e37_79f9);
        mix(seed ^ i.wrapping_add(j).wrapping_add(k))
    };
    let corner = |dx: i64, dy: i64, dz: i64| {
        let hash = cell_hash(i + dx, j + dy, k + dz);
        slope(hash, x - dx as f64, y - dy as f64, z - dz as f64)
    };
    let (u, v, w) = (fade(x), fade(y), fade(z));
    lerp(
        lerp(lerp(corner(0, 0, 0), corner(1, 0, 0), u), lerp(corner(0, 1, 0), corner(1, 1, 0), u), v),
        lerp(lerp(corner(0, 0, 1), corner(1, 0, 1), u), lerp(corner(0, 1, 1), corner(1, 1, 1), u), v),
        w,
    )
}

/// [`noise3`] that changes along a fourth axis too: independent fields, one unit apart, are blended.
pub(super) fn noise4(seed: u64, p: [f64; 3], w: f64) -> f64 {
    let layer = w.floor();
    let t = fade(w - layer);
    let at = |layer: i64| noise3(mix(seed ^ mix(layer as u64)), p);
    let (a, b) = (at(layer as i64), at(layer as i64 + 1));
    // Dividing by the length of (1 - t, t) keeps the strength level between the fields.
    ((1.0 - t) * a + t * b) / ((1.0 - t) * (1.0 - t) + t * t).sqrt()
}

/// 0 below 0, 1 above 1, and a smooth curve between them.
pub(super) fn step(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

pub(super) fn lerp(a: f64, b: f64, t: f64) -> f64 {
    a + (b - a) * t
}

fn fade(t: f64) -> f64 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// A ramp along one of the twelve edge directions of a cube; four of these are chosen twice as often.
fn slope(hash: u64, x: f64, y: f64, z: f64) -> f64 {
    let h = (hash >> 40) & 15;
    let u = if h < 8 { x } else { y };
    let v = match h {
        0..4 => y,
        12 | 14 => x,
        _ => z,
    };
    let u = if h & 1 == 0 { u } else { -u };
    u + if h & 2 == 0 { v } else { -v }
}
