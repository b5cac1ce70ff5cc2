//! Resizing a picture with a triangle filter.
//!
//! A new value is the weighted mean of the old values around its place. The weight falls in a straight line from the place
//! itself to nothing at a distance of one pixel: an old one where the picture grows, a new one where it shrinks, so that
//! nothing aliases. Columns are filtered first, then rows; every step is in f32.

use ndarray::{Array2, ArrayView1, s};

/// A picture that is resized while its rows come in, so that the old one is never in memory as a whole.
pub(super) struct Resize {
    across: Vec<Taps>,
    down: Vec<Taps>,
    /// (new rows, old columns): the rows so far, weighted.
    sums: Array2<f32>,
    row: usize,
}

impl Resize {
    /// From one size to another, both (rows, columns) and without a zero.
    pub fn new(from: (usize, usize), to: (usize, usize)) -> Self {
        Self { across: taps(from.1, to.1), down: taps(from.0, to.0), sums: Array2::zeros((to.0, from.1)), row: 0 }
    }

    /// Takes the next row, from the top.
    pub fn push(&mut self, row: ArrayView1<f32>) {
        for (taps, mut sum) in self.down.iter().zip(self.sums.rows_mut()) {
            if let Some(weight) = self.row.checked_sub(taps.first).and_then(|index| taps.weights.get(index)) {
                sum.scaled_add(*weight, &row);
            }
        }
        self.row += 1;
    }

    /// The new picture (rows, columns), clipped to 0..1 with NaN kept, after the last row.
    pub fn finish(self) -> Array2<f32> {
        self.finish_as(|value| value)
    }

    /// [`Resize::finish`] with every value changed, so that a large picture is in memory in one form.
    pub fn finish_as<T: Copy + Default>(self, change: impl Fn(f32) -> T) -> Array2<T> {
        let mut picture = Array2::from_elem((self.down.len(), self.across.len()), T::default());
        for (sums, mut row) in self.sums.rows().into_iter().zip(picture.rows_mut()) {
            for (taps, value) in self.across.iter().zip(&mut row) {
                let sums = sums.slice(s![taps.first..]);
                let pairs = taps.weights.iter().zip(&sums);
                *value = change(pairs.fold(0.0, |sum, (weight, value)| sum + value * weight).clamp(0.0, 1.0));
            }
        }
        picture
    }

    /// The bytes that it takes to resize a picture, beside the new one.
    pub fn memory(from: (usize, usize), to: (usize, usize)) -> usize {
        size_of::<f32>() * (to.0 * from.1 + 2 * (from.0 + from.1 + to.0 + to.1)) + size_of::<Taps>() * (to.0 + to.1)
    }
}

/// What one new value is made of.
struct Taps {
    /// The first old value.
    first: usize,
    /// The weights of that one and of those after it; their sum is 1.
    weights: Vec<f32>,
}

/// For each of `to` new values along an axis, its share of the `from` old ones.
fn taps(from: usize, to: usize) -> Vec<Taps> {
    let ratio = from as f32 / to as f32;
    let reach = ratio.max(1.0);
    let tap = |index: usize| {
        let place = (index as f32 + 0.5) * ratio;
        let first = ((place - reach).floor() as i64).clamp(0, from as i64 - 1) as usize;
        let end = ((place + reach).ceil() as i64).clamp(first as i64 + 1, from as i64) as usize;
        let distance = |old: usize| ((old as f32 - (place - 0.5)) / reach).abs();
        let mut weights: Vec<f32> =
            (first..end).map(|old| if distance(old) < 1.0 { 1.0 - distance(old) } else { 0.0 }).collect();
        let sum = weights.iter().fold(0.0, |sum, weight| sum + weight);
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Taps { first, weights }
    };
    (0..to).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use image::imageops::{FilterType, resize};
    use image::{ImageBuffer, Luma};

    use super::*;

    #[test]
    fn values_are_those_of_the_image_crate() {
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 * 1.2 - 0.1
        };
        for (from, to) in [
            ((300, 512), (150, 256)),
            ((257, 3), (256, 3)),
            ((1, 2_000), (1, 256)),
            ((2_000, 1), (256, 1)),
            ((150, 256), (300, 512)),
            ((1, 256), (1, 2_000)),
            ((7, 5), (5, 7)),
            ((1_031, 769), (256, 191)),
            ((256, 191), (1_031, 769)),
        ] {
            let mut old = Array2::from_shape_simple_fn(from, &mut random);
            old[[from.0 / 2, from.1 / 2]] = f32::NAN;
            let mut ours = Resize::new(from, to);
            old.rows().into_iter().for_each(|row| ours.push(row));
            let ours = ours.finish();
            let raw = old.iter().copied().collect();
            let image: ImageBuffer<Luma<f32>, Vec<f32>> =
                ImageBuffer::from_raw(from.1 as u32, from.0 as u32, raw).unwrap();
            let theirs = resize(&image, to.1 as u32, to.0 as u32, FilterType::Triangle);
            let theirs = Array2::from_shape_vec(to, theirs.into_raw()).unwrap();
            let bits = |picture: &Array2<f32>| picture.mapv(f32::to_bits);
            assert_eq!(bits(&ours), bits(&theirs), "{from:?} to {to:?}");
        }
    }
}
