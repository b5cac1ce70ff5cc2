//! The folds: fluid-filled sulci that run inward from the outline, as the zero lines of a noise field.

use ndarray::Array2;

use super::anatomy::Anatomy;
use super::noise::noise4;
use crate::data::frame::FRAME;

/// Middle of the brain in the frame: column and row.
pub(super) const MIDDLE: (f64, f64) = (125.5, 126.5);

/// The geometry of one slice, with a value for each pixel.
pub(super) struct Cortex {
    /// Distance inward from the outline in pixels; below 0 outside the brain.
    pub depth: Array2<f64>,
    /// Distance to the nearest sulcus in pixels, growing without bound where sulci end.
    pub sulcus: Array2<f64>,
}

impl Cortex {
    /// The geometry at height `z` in 0..1.
    pub fn new(anatomy: &Anatomy, z: f64) -> Self {
        let side = (FRAME, FRAME);
        let mut depth = Array2::from_elem(side, f64::NEG_INFINITY);
        let mut field = Array2::zeros(side);
        let mut reach = Array2::zeros(side);
        for ((row, column), depth) in depth.indexed_iter_mut() {
            let (x, y) = (column as f64 - MIDDLE.0, row as f64 - MIDDLE.1);
            let r = (x * x + y * y).sqrt();
            if r > 110.0 {
                continue;
            }
            // The middle has no direction: any will do.
            let (c, s) = if r > 0.0 { (x / r, y / r) } else { (1.0, 0.0) };
            *depth = anatomy.outline(c, s, z) - r;
            // One pixel more than the brain, for the slopes at its edge.
            if *depth > -3.0 {
                field[[row, column]] = folds(anatomy, (c, s), *depth, z);
                let wave = noise4(anatomy.seed ^ 1, [c * 4.0, s * 4.0, 0.5], z * 3.0);
                reach[[row, column]] = 17.0 + 13.0 * wave;
            }
        }
        let sulcus = Array2::from_shape_fn(side, |(row, column)| {
            if depth[[row, column]] < 0.0 {
                return 0.0;
            }
            // Value over slope is the distance to the zero line, to first order; the constant keeps it small on the
            // field's hilltops.
            let dx = (field[[row, column + 1]] - field[[row, column - 1]]) / 2.0;
            let dy = (field[[row + 1, column]] - field[[row - 1, column]]) / 2.0;
            let slope: f64 = (dx * dx + dy * dy + 0.0020f64).sqrt();
            let past = (depth[[row, column]] - reach[[row, column]]).max(0.0);
            field[[row, column]].abs() / slope + 0.7 * past
        });
        Self { depth, sulcus }
    }
}

/// The field whose zero lines are the sulci: stretched inward, mirrored at the midline, with a part that is not.
fn folds(anatomy: &Anatomy, (c, s): (f64, f64), depth: f64, z: f64) -> f64 {
    // Units around the outline, so that a fold is about thirteen pixels wide and three times as deep.
    let around = 5.6;
    let inward = depth / 42.0;
    let height = z * 4.0;
    // A slow sway bends the sulci away from the straight line to the middle.
    let sway = 0.22 * noise4(anatomy.seed ^ 2, [c * 4.0, s * 4.0, depth / 16.0], height);
    let (c, s) = (c - sway * s, s + sway * c);
    let mirrored = [c.abs() * around, s * around, inward];
    let own = [c * around, s * around, inward];
    0.85 * noise4(anatomy.seed ^ 3, mirrored, height) + 0.5 * noise4(anatomy.seed ^ 4, own, height)
}
