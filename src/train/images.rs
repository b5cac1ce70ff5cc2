//! The training slices, decoded once.

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rayon::prelude::*;

use crate::Result;
use crate::data::{FRAME, Fit, Frame, SliceFile};

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

    /// The slices `indices` as `[batch, 1, rows, columns]` in 0..1: the centred crop, and where
    /// `mirror` is true for a slice, left and right exchanged.
    pub fn batch(&self, indices: &[usize], crop: [usize; 2], mirror: &[bool], device: &Device) -> Tensor<4> {
        let [rows, columns] = crop;
        let (top, left) = ((FRAME - rows) / 2, (FRAME - columns) / 2);
        let mut values = Vec::with_capacity(indices.len() * rows * columns);
        for (&index, &mirrored) in indices.iter().zip(mirror) {
            for row in self.frames[index].chunks_exact(FRAME).skip(top).take(rows) {
                let row = row[left..left + columns].iter().map(|&pixel| f32::from(pixel) / 255.0);
                if mirrored { values.extend(row.rev()) } else { values.extend(row) }
            }
        }
        Tensor::from_data(TensorData::new(values, [indices.len(), 1, rows, columns]), device)
    }

    /// Whole frames `[batch, 1, 256, 256]`.
    pub fn frames(&self, indices: &[usize], mirrored: bool, device: &Device) -> Tensor<4> {
        self.batch(indices, [FRAME, FRAME], &vec![mirrored; indices.len()], device)
    }
}

/// Which of `count` slices are mirrored: half of them, or none.
pub(crate) fn coin_flips(count: usize, flip: bool, rng: &mut impl Rng) -> Vec<bool> {
    (0..count).map(|_| flip && rng.random::<bool>()).collect()
}
