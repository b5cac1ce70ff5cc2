//! The training slices, decoded once.

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rayon::prelude::*;

use crate::Result;
use crate::data::{FRAME, Fit, Frame, SliceFile};
use crate::model::preset::VqvaeTraining;

/// Slices as 8-bit frames in memory: 64 KiB each.
#[derive(Debug)]
pub struct Images {
    frames: Vec<Vec<u8>>,
}

impl Images {
    /// Decodes `files`, all cores at once.
    ///
    /// # Errors
    /// The first slice that cannot be read.
    pub fn decode(files: &[SliceFile]) -> Result<Self> {
        let frames = files
            .par_iter()
            .map(|file| {
                let frame = Frame::decode(&file.path, Fit::Exact)?;
                Ok(frame.pixels.iter().map(|&value| (value * 255.0).round() as u8).collect())
            })
            .collect::<Result<_>>()?;
        Ok(Self { frames })
    }

    /// Number of slices.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The variance of all pixels, in units of 0..1 squared.
    pub fn variance(&self) -> f64 {
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

    /// The slices `indices` as `[batch, 1, rows, columns]` in 0..1: the centred part of that size, varied.
    ///
    /// # Panics
    /// There are fewer variations than indices.
    pub fn batch(&self, indices: &[usize], [rows, columns]: [usize; 2], varied: &[Variation]) -> TensorData {
        let (top, left) = ((FRAME - rows) / 2, (FRAME - columns) / 2);
        let mut values = Vec::with_capacity(indices.len() * rows * columns);
        for (&index, varied) in indices.iter().zip(&varied[..indices.len()]) {
            let [down, right] = varied.shift;
            let frame = &self.frames[index];
            for row in 0..rows {
                // What comes from beyond the frame is black.
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

    /// Whole frames `[batch, 1, 256, 256]`.
    pub fn frames(&self, indices: &[usize], mirror: bool, device: &Device) -> Tensor<4> {
        let varied = vec![Variation { mirror, ..Variation::NONE }; indices.len()];
        Tensor::from_data(self.batch(indices, [FRAME; 2], &varied), device)
    }
}

/// How a slice is varied in training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variation {
    /// Left and right exchanged.
    pub mirror: bool,
    /// Pixels that it is moved by, down and right.
    pub shift: [isize; 2],
    /// What its pixels are multiplied by, before they are clipped to 1.
    pub gain: f32,
}

impl Variation {
    /// As it is.
    pub const NONE: Self = Self { mirror: false, shift: [0; 2], gain: 1.0 };

    /// One drawn within what `training` allows.
    pub fn draw(training: &VqvaeTraining, rng: &mut impl Rng) -> Self {
        let (reach, spread) = (training.shift as i32, training.brightness as f32);
        Self {
            mirror: training.mirror && rng.random(),
            shift: [(); 2].map(|()| if reach == 0 { 0 } else { rng.random_range(-reach..=reach) as isize }),
            gain: if spread == 0.0 { 1.0 } else { rng.random_range(1.0 - spread..=1.0 + spread) },
        }
    }
}
