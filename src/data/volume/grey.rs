//! From the values of a volume to grey levels.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::slab::Slab;

/// The share of voxels with a value that may be below 0.
const FEW: f64 = 0.01;
/// How much smoother numbers must be with their bytes in the other order to be taken for swapped.
const SMOOTHER: f64 = 2.0;

/// What white is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// The highest value of each slice, as in the public sets of slices.
    #[default]
    Slice,
    /// The highest value of all slices that are taken.
    Volume,
}

/// What the values of the slices are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Values {
    /// The lowest value.
    pub low: f64,
    /// The highest value.
    pub high: f64,
    /// Voxels below 0, which become black.
    pub negative: usize,
    /// Voxels that are no number, which become black.
    pub nan: usize,
}

/// The highest value of each slice, checked.
#[derive(Debug)]
pub(super) struct Range {
    pub values: Values,
    /// What white is in each slice; 0 where all of it is black.
    pub white: Vec<f64>,
}

impl Range {
    /// Looks at all slices.
    ///
    /// The error follows a path: all is black, a value is infinite, too many are below 0, or the bytes of the numbers seem
    /// to be in another order than the header says.
    pub fn of(slab: &Slab, scale: Scale, float: bool) -> Result<Self, String> {
        let mut values = Values { low: f64::INFINITY, high: f64::NEG_INFINITY, negative: 0, nan: 0 };
        let (mut white, mut lit, mut odd) = (Vec::with_capacity(slab.len()), 0_usize, 0_usize);
        let mut infinite = false;
        for index in 0..slab.len() {
            let mut high: f64 = 0.0;
            for &value in &slab.slice(index) {
                if value.is_nan() {
                    values.nan += 1;
                    continue;
                }
                infinite |= value.is_infinite();
                values.negative += usize::from(value < 0.0);
                lit += usize::from(value != 0.0);
                odd += usize::from(value != 0.0 && !(1e-30..1e30).contains(&value.abs()));
                values.low = values.low.min(value);
                values.high = values.high.max(value);
                high = high.max(value);
            }
            white.push(high);
        }
        let Values { low, high, negative, nan } = values;
        let all = slab.len() * slab.size().0 * slab.size().1;
        if float && 10 * (odd + nan) > lit + nan && 10 * odd > lit {
            return Err(
                "its values are as small and large as floats can be: are its bytes in the other order?".to_owned()
            );
        }
        if infinite {
            return Err(format!("its values go from {low} to {high}, expected numbers"));
        }
        if nan == all {
            return Err("none of its voxels is a number".to_owned());
        }
        if high <= 0.0 {
            return Err(if negative > 0 {
                format!("its values go from {low} to {high}, expected some above 0")
            } else {
                "its slices are black all over".to_owned()
            });
        }
        if negative as f64 > FEW * lit as f64 {
            let share = 100.0 * negative as f64 / lit as f64;
            return Err(format!(
                "its values go from {low} to {high}, and {share:.0}% of them are below 0, expected the background at 0"
            ));
        }
        if !float && swapped(slab) {
            return Err(
                "its values jump from voxel to voxel, and not with their bytes in the other order: header and voxels \
                        are of different orders of bytes"
                    .to_owned(),
            );
        }
        if scale == Scale::Volume {
            white.fill(high);
        }
        Ok(Self { values, white })
    }

    /// A slice in levels of 0 to `most`: `value / white * most`, rounded to nearest.
    pub fn levels(&self, slab: &Slab, index: usize, most: u16) -> Array2<u16> {
        let white = self.white[index];
        slab.slice(index).mapv(|value| {
            // What is no number fails the comparison.
            if value > 0.0 { (value / white * f64::from(most)).round() as u16 } else { 0 }
        })
    }
}

/// Whether the middle slice is far smoother with the bytes of its numbers in the other order.
fn swapped(slab: &Slab) -> bool {
    let roughness = |picture: &Array2<f64>| {
        let (low, high) =
            picture.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
        let rows = picture.rows().into_iter();
        let steps: f64 =
            rows.map(|row| row.iter().zip(row.iter().skip(1)).map(|(a, b)| (a - b).abs()).sum::<f64>()).sum();
        if high > low { steps / (high - low) } else { 0.0 }
    };
    let middle = slab.len() / 2;
    let (told, other) = (roughness(&slab.slice(middle)), roughness(&slab.swapped(middle)));
    other > 0.0 && told > SMOOTHER * other
}
