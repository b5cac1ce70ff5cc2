//! The slices of a training, decoded once and kept in memory.

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rayon::prelude::*;

use crate::Result;
use crate::data::{FRAME, Fit, Frame, SliceFile};
use crate::model::preset::VqvaeTraining;

/// Slices as frames of 8-bit pixels: 64 KiB each.
#[derive(Debug)]
pub(super) struct Images {
    frames: Vec<Vec<u8>>,
}

impl Images {
    /// Decodes `files`, on all cores.
    ///
    /// # Errors
    /// A slice that cannot be read.
    pub(super) fn decode(files: &[SliceFile]) -> Result<Self> {
        let frames = files
            .par_iter()
            .map(|file| {
                let frame = Frame::decode(&file.path, Fit::Exact)?;
                Ok(frame.pixels.iter().map(|&value| (value * 255.0).round() as u8).collect())
            })
            .collect::<Result<_>>()?;
        Ok(Self { frames })
    }

    /// How many slices there are.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// The variance of all pixels, where black is 0 and white is 1.
    pub(super) fn variance(&self) -> f64 {
        let (mut count, mut sum, mut squares) = (0u64, 0f64, 0f64);
        for frame in &self.frames {
            for &pixel in frame {
                let value = f64::from(pixel) / 255.0;
                sum += value;
                squares += value * value;
            }
            count += frame.len() as u64;
        }
        let mean = sum / count as f64;
        squares / count as f64 - mean * mean
    }

    /// The centred part of `rows` and `columns` of the slices at `indices`, each with its variation: `[batch, 1, rows,
    /// columns]` in 0..1.
    ///
    /// # Panics
    /// Where there are fewer variations than indices.
    pub(super) fn batch(&self, indices: &[usize], [rows, columns]: [usize; 2], varied: &[Variation]) -> TensorData {
        let (top, left) = ((FRAME - rows) / 2, (FRAME - columns) / 2);
        let mut values = Vec::with_capacity(indices.len() * rows * columns);
        for (&index, varied) in indices.iter().zip(&varied[..indices.len()]) {
            let [down, right] = varied.shift;
            let frame = &self.frames[index];
            for row in 0..rows {
                // Pixels that are moved in from outside of the frame are black.
                let row = (row + top).checked_add_signed(-down).filter(|&row| row < FRAME);
                let pixel = |column: usize| {
                    let column = if varied.mirror { columns - 1 - column } else { column } + left;
                    let at = row.zip(column.checked_add_signed(-right).filter(|&column| column < FRAME));
                    at.map_or(0.0, |(row, column)| f32::from(frame[row * FRAME + column]) / 255.0)
                };
                values.extend((0..columns).map(|column| (pixel(column) * varied.gain).min(1.0)));
            }
        }
        TensorData::new(values, [indices.len(), 1, rows, columns])
    }

    /// The whole frames of the slices at `indices`, `[batch, 1, 256, 256]` in 0..1; with `mirror`, left and right
    /// exchanged.
    pub(super) fn frames(&self, indices: &[usize], mirror: bool, device: &Device) -> Tensor<4> {
        let varied = vec![Variation { mirror, ..Variation::NONE }; indices.len()];
        Tensor::from_data(self.batch(indices, [FRAME; 2], &varied), device)
    }
}

/// How a slice is varied in training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Variation {
    /// Whether left and right are exchanged.
    pub(super) mirror: bool,
    /// How many pixels the slice is moved down and to the right.
    pub(super) shift: [isize; 2],
    /// The factor of its pixels, which are then clipped to 1.
    pub(super) gain: f32,
}

impl Variation {
    /// The slice as it is.
    const NONE: Self = Self { mirror: false, shift: [0; 2], gain: 1.0 };

    /// A variation drawn within the limits that `training` sets.
    pub(super) fn draw(training: &VqvaeTraining, rng: &mut impl Rng) -> Self {
        let (reach, spread) = (training.shift as i32, training.brightness as f32);
        Self {
            mirror: training.mirror && rng.random(),
            shift: [(); 2].map(|()| if reach == 0 { 0 } else { rng.random_range(-reach..=reach) as isize }),
            gain: if spread == 0.0 { 1.0 } else { rng.random_range(1.0 - spread..=1.0 + spread) },
        }
    }
}
