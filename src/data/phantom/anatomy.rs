//! The large shapes of a subject, in pixels from the middle of the brain: x to the right, y down (to the back of the
//! head), z from 0 (lowest slice) to 1 (highest).

use super::noise::{lerp, seed, step};
use crate::random::SplitMix;

/// The properties in which subjects differ.
pub(super) struct Anatomy {
    /// Seed of every noise field of the subject.
    pub seed: u64,
    /// Clinical dementia rating: 0, 0.5, 1 or 2.
    pub cdr: f32,
    /// Width of the fluid in the sulci, in pixels.
    pub sulcus: f64,
    /// Thickness of the cortex, in pixels.
    pub cortex: f64,
    /// Brightness of the scan.
    pub gain: f64,
    /// Standard deviation of the scanner's noise.
    pub grain: f64,
    size: f64,
    /// Cosine and sine coefficients of the outline's second to fifth harmonic.
    harmonics: [[f64; 2]; 4],
    ventricles: f64,
    /// Height z at which the ventricles are largest.
    peak: f64,
}

impl Anatomy {
    pub fn new(master: u64, subject: u32) -> Self {
        let seed = seed(&[master, subject.into()]);
        let mut random = SplitMix::new(seed);
        let cdr = match random.unit() {
            u if u < 0.50 => 0.0,
            u if u < 0.80 => 0.5,
            u if u < 0.96 => 1.0,
            _ => 2.0,
        };
        let atrophy = f64::from(cdr).min(1.0);
        let harmonics = [0.010, 0.007, 0.006, 0.004].map(|most| [random.range(-most, most), random.range(-most, most)]);
        Self {
            seed,
            cdr,
            sulcus: random.range(0.7, 1.2) + 0.7 * atrophy,
            cortex: random.range(3.2, 4.2) - 0.4 * atrophy,
            gain: random.range(0.84, 1.0),
            grain: random.range(0.010, 0.020),
            size: random.range(0.965, 1.01),
            harmonics,
            ventricles: random.range(0.65, 1.05) + 0.40 * atrophy,
            peak: random.range(0.55, 0.70),
        }
    }

    /// Distance from the middle to the outline in the direction (c, s), a unit vector.
    pub fn outline(&self, c: f64, s: f64, z: f64) -> f64 {
        let half_width = (67.0 - 3.0 * z * z) * self.size;
        let half_height = (84.0 - 5.5 * z * z) * self.size;
        let (p, q) = (c / half_width, s / half_height);
        let ellipse = 1.0 / (p * p + q * q).sqrt();
        let mut shape = 1.0;
        // Powers of the unit complex number c + is give the harmonics.
        let (mut re, mut im) = (c, s);
        for (order, [a, b]) in (2..).zip(self.harmonics) {
            (re, im) = (re * c - im * s, re * s + im * c);
            shape += a * re + b * im;
            if order == 4 {
                // Skulls are fuller at the four corners than an ellipse.
                shape -= 0.018 * re;
            }
        }
        // Wider behind than in front, and a notch where the hemispheres meet.
        shape += 0.022 * s * (1.0 - s * s) * 2.6;
        let x = c * ellipse;
        shape -= 0.022 / (1.0 + x * x / 12.0);
        // Between frontal and temporal lobe, in the low slices.
        let notch = (s + 0.33) / 0.07;
        shape -= 0.045 * (1.0 - step(z / 0.45)) / (1.0 + notch * notch);
        ellipse * shape
    }

    /// Signed distance to the fluid of the ventricles, below 0 within; `x` is the distance from the midline.
    pub fn ventricle(&self, x: f64, y: f64, z: f64) -> f64 {
        // How open they are at this height: from nothing at either end to all at the peak.
        let open = if z < self.peak {
            step((z + 0.12) / (self.peak + 0.12))
        } else {
            1.0 - step((z - self.peak) / (1.06 - self.peak))
        };
        let scale = self.ventricles;
        let spread = lerp(1.0, 0.62, step((z - 0.5) / 0.5));
        let wide = (12.5 * open - 3.5) * scale;
        let front = capsule((x, y), (5.0, -14.0), (4.5 + 13.0 * spread, -33.0 + 6.0 * z), wide * 0.55, wide * 0.85);
        let back = capsule((x, y), (4.5, 14.0), (6.0 + 10.0 * spread, 36.0 - 6.0 * z), wide * 0.50, wide * 0.72);
        // The bodies join front and back in the upper half only.
        let join = wide * step((z - 0.35) / 0.25) * 0.52 - 4.0 * (1.0 - step((z - 0.35) / 0.25));
        let body = capsule((x, y), (5.0, -14.0), (5.0, 14.0), join, join);
        // The third ventricle, a slit on the midline of the low slices.
        let slit = 3.2 * scale * (1.0 - step((z - 0.2) / 0.3)) - 1.6;
        let third = capsule((x, y), (0.0, -6.0), (0.0, 12.0), slit, slit);
        front.min(back).min(body).min(third)
    }

    /// Distance to the fissure between the hemispheres or to the one beside the insula, whichever is nearer.
    pub fn fissure(&self, x: f64, y: f64, z: f64) -> f64 {
        let front = segment((x, y), (0.0, -100.0), (0.0, -47.0 + 11.0 * z));
        let back = segment((x, y), (0.0, 47.0 - 9.0 * z), (0.0, 100.0));
        let fade = 14.0 * step((z - 0.30) / 0.25);
        let sylvian =
            segment((x, y), (70.0, -3.0), (44.0, -5.0)).min(segment((x, y), (43.0, -18.0), (41.0, 14.0))) + fade;
        front.min(back).min(sylvian)
    }

    /// How much a place belongs to the deep grey nuclei (caudate, thalamus, putamen), 0..1.
    pub fn nuclei(&self, x: f64, y: f64, z: f64) -> f64 {
        let here = 1.0 - step((z - 0.40) / 0.25);
        let oval = |cx: f64, cy: f64, rx: f64, ry: f64| {
            let (dx, dy) = ((x - cx) / rx, (y - cy) / ry);
            1.0 - step(((dx * dx + dy * dy).sqrt() - 0.8) / 0.35)
        };
        let thalamus = oval(10.0, 6.0, 9.0, 13.0);
        let caudate = oval(15.0 + 2.0 * self.ventricles, -22.0, 5.0, 8.0);
        let putamen = oval(28.0 - 0.12 * y, -6.0, 5.5, 15.0);
        here * thalamus.max(caudate).max(putamen)
    }
}

/// The clinical dementia rating of a made-up subject: 0 (half of them), 0.5, 1 or 2. A higher rating comes with larger
/// ventricles and wider sulci.
pub fn cdr(seed: u64, subject: u32) -> f32 {
    Anatomy::new(seed, subject).cdr
}

type Point = (f64, f64);

/// Distance to a stretch of line, and how far along it the nearest point is, 0..1.
fn along(p: Point, a: Point, b: Point) -> (f64, f64) {
    let (px, py) = (p.0 - a.0, p.1 - a.1);
    let (bx, by) = (b.0 - a.0, b.1 - a.1);
    let t = ((px * bx + py * by) / (bx * bx + by * by)).clamp(0.0, 1.0);
    let (dx, dy) = (px - t * bx, py - t * by);
    ((dx * dx + dy * dy).sqrt(), t)
}

fn segment(p: Point, a: Point, b: Point) -> f64 {
    along(p, a, b).0
}

/// Signed distance to a stretch of line whose thickness goes from `ra` to `rb`.
fn capsule(p: Point, a: Point, b: Point, ra: f64, rb: f64) -> f64 {
    let (distance, t) = along(p, a, b);
    distance - lerp(ra, rb, t)
}
