//! Codes in colour.

use ndarray::{Array2, ArrayView2};

use crate::random::{STEP, mix};

/// The side of one code in the picture, in pixels.
const CELL: usize = 8;

/// A picture of codes (rows, columns), in RGB: one 8x8 square of [`code_colour`] for each. Codes outside 0..k are black.
pub(crate) fn codes_image(codes: ArrayView2<i64>, k: usize) -> Array2<[u8; 3]> {
    let (rows, columns) = codes.dim();
    let palette: Vec<_> = (0..k).map(code_colour).collect();
    Array2::from_shape_fn((rows * CELL, columns * CELL), |(y, x)| {
        let code = codes[[y / CELL, x / CELL]];
        usize::try_from(code).ok().and_then(|code| palette.get(code)).copied().unwrap_or([0, 0, 0])
    })
}

/// The colour of a code in RGB, the same for every codebook and every picture. Hue, lightness and chroma come from a hash of the
/// index, so that neighbouring indices look different.
///
/// Colours are chosen in Oklab (Ottosson, "A perceptual color space for image processing", 2020), where equal distances
/// look equal, with lightness 0.45..0.85; the chroma is lowered until the colour is in sRGB.
fn code_colour(code: usize) -> [u8; 3] {
    let hash = mix((code as u64).wrapping_mul(STEP));
    let part = |shift: u32| ((hash >> shift) & 0xffff) as f32 / 65_535.0;
    let angle = part(0) * std::f32::consts::TAU;
    let lightness = 0.45 + 0.40 * part(16);
    let mut chroma = 0.07 + 0.12 * part(32);
    loop {
        let rgb = oklab(lightness, chroma * angle.cos(), chroma * angle.sin());
        if chroma < 0.01 || rgb.iter().all(|value| (0.0..=1.0).contains(value)) {
            return rgb.map(|value| (gamma(value.clamp(0.0, 1.0)) * 255.0).round() as u8);
        }
        chroma *= 0.9;
    }
}

/// Linear sRGB of an Oklab colour.
fn oklab(lightness: f32, a: f32, b: f32) -> [f32; 3] {
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ]
}

/// The sRGB transfer function.
fn gamma(linear: f32) -> f32 {
    if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ndarray::array;

    use super::*;

    #[test]
    fn codes_are_squares_of_their_colour() {
        let picture = codes_image(array![[0i64, 1, 511], [-1, 512, 2]].view(), 512);
        assert_eq!(picture.dim(), (2 * CELL, 3 * CELL));
        assert_eq!(picture[[CELL - 1, CELL - 1]], code_colour(0));
        assert_eq!(picture[[0, 2 * CELL]], code_colour(511));
        assert_eq!(picture[[CELL, 0]], [0, 0, 0]);
        assert_eq!(picture[[CELL, CELL]], [0, 0, 0]);
    }

    #[test]
    fn colours_differ_and_none_is_black() {
        let colours: HashSet<_> = (0..512).map(code_colour).collect();
        assert_eq!(colours.len(), 512);
        assert!(colours.iter().all(|rgb| rgb.iter().any(|&value| value > 60)));
    }
}
