//! From shapes to grey values.

use ndarray::Array2;

use super::anatomy::Anatomy;
use super::cortex::{Cortex, MIDDLE};
use super::noise::{lerp, noise3, noise4, seed, step};
use crate::data::frame::FRAME;
use crate::data::slice::SLICES;
use crate::random::SplitMix;

const WHITE: f64 = 0.88;
const NUCLEI: f64 = 0.72;
const GREY: f64 = 0.60;
const SULCUS: f64 = 0.20;
const VENTRICLE: f64 = 0.13;
/// The darkest value within the brain; 0 is outside only.
const FLOOR: f64 = 0.04;

/// A slice of a made-up subject: 256x256 (rows, columns), 0..1, exactly 0 outside the brain (about 70% of the frame).
///
/// The brain lies in rows 32..224 and columns 48..208. The same arguments give the same bits everywhere.
///
/// # Panics
/// If `position` is not in 0..32.
pub fn draw(master: u64, subject: u32, position: u8) -> Array2<f32> {
    assert!(position < SLICES, "position {position} is not in 0..32");
    let anatomy = Anatomy::new(master, subject);
    let z = f64::from(position) / f64::from(SLICES - 1);
    let cortex = Cortex::new(&anatomy, z);
    let mut grain = SplitMix::new(seed(&[anatomy.seed, 5, position.into()]));
    Array2::from_shape_fn((FRAME, FRAME), |(row, column)| {
        let depth = cortex.depth[[row, column]];
        if depth < 0.0 {
            return 0.0;
        }
        let (x, y) = (column as f64 - MIDDLE.0, row as f64 - MIDDLE.1);
        let tissue = tissue(&anatomy, (x, y, z), depth, cortex.sulcus[[row, column]]);
        // The coil's uneven reception, the same through all slices.
        let bias = 1.0 + 0.16 * noise3(anatomy.seed ^ 6, [x / 70.0, y / 70.0, z]);
        let value = tissue * bias * anatomy.gain + anatomy.grain * grain.normal();
        value.clamp(FLOOR, 1.0) as f32
    })
}

/// Noise-free brightness of a place.
fn tissue(anatomy: &Anatomy, (x, y, z): (f64, f64, f64), depth: f64, sulcus: f64) -> f64 {
    // Everything inner is bent a little, so that the sides differ and lines sway.
    let bend = |salt: u64, reach: f64| reach * noise4(anatomy.seed ^ salt, [x / 28.0, y / 28.0, 0.3], z * 3.0);
    let wobble = 1.2 * noise3(anatomy.seed ^ 9, [x / 7.0, y / 7.0, z * 4.0]);
    let (bent_x, bent_y) = (x + bend(7, 4.0), y + bend(8, 4.0));
    let across = bent_x.abs();
    let fissure = (anatomy.fissure(across, bent_y, z) + 0.6 * wobble).max(0.0);
    let surface = (depth + 1.2).min(sulcus).min(fissure);
    // Sulci narrow with depth.
    let fluid = anatomy.sulcus * (1.0 - 0.5 * (depth / 28.0).min(1.0));
    let cortex = step((surface - fluid + 0.8) / 1.6);
    let white = step((surface - fluid - anatomy.cortex + 0.4) / 2.4);
    let texture = 0.035 * noise3(anatomy.seed ^ 10, [x / 5.0, y / 5.0, z * 6.0]);
    let mut value = lerp(lerp(SULCUS, GREY, cortex), WHITE + texture, white);
    value = lerp(value, NUCLEI + texture, white * anatomy.nuclei(across, bent_y, z));
    let ventricle = anatomy.ventricle(across, bent_y, z) + wobble;
    lerp(VENTRICLE, value, step((ventricle + 1.0) / 2.0))
}
