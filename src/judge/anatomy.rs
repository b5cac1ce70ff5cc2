//! Coarse anatomy of images, in numbers that need no trained network.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::Serialize;

use super::sets::Set;
use super::space::Estimate;
use crate::Result;
use crate::metrics::BRAIN_THRESHOLD;
use crate::runtime::{Oasis, image_at};

/// Bins of the histogram of grey levels within the brain.
const BINS: usize = 32;
/// Slice positions in a band; images are compared within their band.
const BAND: i64 = 4;
/// A pixel counts as fluid where it is darker than this share of the brain's median.
const FLUID: f32 = 0.45;

/// How far a measure of samples is from that of held-out real slices, beside how far that of training slices is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Apart {
    /// The distance of samples to held-out real slices.
    pub samples: f64,
    /// The distance of training slices to held-out real slices.
    pub train: f64,
    /// `samples / train`; 1 is what other real slices reach.
    pub ratio: f64,
    /// The 95% interval of `ratio` for other subjects.
    pub interval: Option<[f64; 2]>,
}

/// How far the anatomy of samples is from that of real slices: Wasserstein distances between the distributions of a
/// measure, averaged over bands of four slice positions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Anatomy {
    /// The share of the frame that is brain.
    pub area: Apart,
    /// The correlation of the brain with its mirror image.
    pub symmetry: Apart,
    /// The share of the middle of the brain that is dark: the ventricles.
    pub ventricles: Apart,
    /// The grey levels within the brain, of all pixels of a band together.
    pub intensity: Apart,
}

/// The measures of a set's images. Image i of every set that is compared has the same slice position.
pub(super) struct Measures {
    /// The area, the symmetry and the ventricles of each image `[n, 3]`.
    numbers: Array2<f64>,
    /// The shares of the grey levels of each image `[n, BINS]`.
    greys: Array2<f64>,
    bands: Vec<i64>,
}

impl Measures {
    /// Measures a set's decoded images.
    ///
    /// # Errors
    /// Those of the engine.
    pub(super) fn of(oasis: &Oasis, set: &Set) -> Result<Self> {
        let mut numbers = Array2::zeros((set.len(), 3));
        let mut greys = Array2::zeros((set.len(), BINS));
        set.decode(oasis, |first, images| {
            for index in 0..images.dim().0 {
                let image = image_at(images, index);
                numbers.row_mut(first + index).assign(&Array1::from_vec(vec![
                    area(image),
                    symmetry(image),
                    ventricles(image),
                ]));
                greys.row_mut(first + index).assign(&histogram(image));
            }
            Ok(())
        })?;
        let bands = set.condition.column(0).iter().map(|position| position / BAND).collect();
        Ok(Self { numbers, greys, bands })
    }

    /// How far `samples` and `train` are from these, which are the held-out real slices; their subjects are `cases`.
    pub(super) fn judge(&self, samples: &Self, train: &Self, cases: &[Option<u32>]) -> Anatomy {
        let apart = |distance: &dyn Fn(&Self, &[usize]) -> f64| {
            let over_bands = |other: &Self, kept: &[usize]| {
                let mut bands = BTreeMap::<i64, Vec<usize>>::new();
                for index in kept {
                    bands.entry(self.bands[*index]).or_default().push(*index);
                }
                bands.values().map(|band| distance(other, band)).sum::<f64>() / bands.len() as f64
            };
            let ratio = Estimate::ratio(cases, |kept| [over_bands(samples, kept), over_bands(train, kept)]);
            let all: Vec<usize> = (0..cases.len()).collect();
            Apart {
                samples: over_bands(samples, &all),
                train: over_bands(train, &all),
                ratio: ratio.value,
                interval: ratio.interval,
            }
        };
        let number = |column: usize| {
            apart(&|other: &Self, band: &[usize]| {
                let values =
                    |set: &Self| -> Vec<f64> { band.iter().map(|index| set.numbers[[*index, column]]).collect() };
                wasserstein(&values(other), &values(self))
            })
        };
        let intensity = apart(&|other: &Self, band: &[usize]| {
            let mean = |set: &Self| set.greys.select(Axis(0), band).mean_axis(Axis(0)).expect("there are images");
            let mut apart = mean(other) - mean(self);
            apart.accumulate_axis_inplace(Axis(0), |before, share| *share += before);
            apart.mapv(f64::abs).sum() / BINS as f64
        });
        Anatomy { area: number(0), symmetry: number(1), ventricles: number(2), intensity }
    }
}

/// The Wasserstein distance of two sets of numbers: the area between their cumulative distribution functions.
fn wasserstein(a: &[f64], b: &[f64]) -> f64 {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (a, b) = (sorted(a), sorted(b));
    let mut all = [a.clone(), b.clone()].concat();
    all.sort_unstable_by(f64::total_cmp);
    let below = |values: &[f64], end: f64| values.partition_point(|value| *value <= end) as f64 / values.len() as f64;
    all.windows(2).map(|pair| (pair[1] - pair[0]) * (below(&a, pair[0]) - below(&b, pair[0])).abs()).sum()
}

/// The share of the image that is brain.
fn area(image: ArrayView2<'_, f32>) -> f64 {
    image.iter().filter(|value| **value > BRAIN_THRESHOLD).count() as f64 / image.len() as f64
}

/// The correlation of the left half with the mirrored right half, over pixels that are brain on either side; 0 without
/// brain.
fn symmetry(image: ArrayView2<'_, f32>) -> f64 {
    let half = image.ncols() / 2;
    let mut pairs = Vec::new();
    for row in image.rows() {
        for column in 0..half {
            let (left, right) = (row[column], row[image.ncols() - 1 - column]);
            if left > BRAIN_THRESHOLD || right > BRAIN_THRESHOLD {
                pairs.push((f64::from(left), f64::from(right)));
            }
        }
    }
    let n = pairs.len() as f64;
    let (sum_l, sum_r) = pairs.iter().fold((0.0, 0.0), |(l, r), pair| (l + pair.0, r + pair.1));
    let (mean_l, mean_r) = (sum_l / n, sum_r / n);
    let (mut both, mut left, mut right) = (0.0, 0.0, 0.0);
    for (l, r) in &pairs {
        both += (l - mean_l) * (r - mean_r);
        left += (l - mean_l).powi(2);
        right += (r - mean_r).powi(2);
    }
    let product = (left * right).sqrt();
    if product > 0.0 { both / product } else { 0.0 }
}

/// The share of dark pixels in the middle third, by rows and by columns, of the brain's bounding box; 0 without brain.
fn ventricles(image: ArrayView2<'_, f32>) -> f64 {
    let brain: Vec<(usize, usize)> =
        image.indexed_iter().filter(|(_, value)| **value > BRAIN_THRESHOLD).map(|(at, _)| at).collect();
    let range = |of: fn(&(usize, usize)) -> usize| {
        let (low, high) = (brain.iter().map(of).min()?, brain.iter().map(of).max()? + 1);
        Some((low + (high - low) / 3, high - (high - low) / 3))
    };
    let (Some((top, bottom)), Some((left, right))) = (range(|at| at.0), range(|at| at.1)) else { return 0.0 };
    let mut values: Vec<f32> = brain.iter().map(|at| image[*at]).collect();
    let middle = values.len() / 2;
    let median = *values.select_nth_unstable_by(middle, f32::total_cmp).1;
    let inner = image.slice(ndarray::s![top..bottom, left..right]);
    inner.iter().filter(|value| **value < FLUID * median).count() as f64 / inner.len().max(1) as f64
}

/// The shares of the grey levels among the pixels of the brain; all 0 without brain.
fn histogram(image: ArrayView2<'_, f32>) -> Array1<f64> {
    let mut shares = Array1::zeros(BINS);
    for value in image.iter().filter(|value| **value > BRAIN_THRESHOLD) {
        shares[((value * BINS as f32) as usize).min(BINS - 1)] += 1.0;
    }
    let total: f64 = shares.sum();
    if total > 0.0 { shares / total } else { shares }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasserstein_is_how_far_mass_moves() {
        assert!((wasserstein(&[0.0, 1.0], &[2.0, 3.0]) - 2.0).abs() < 1e-12);
        assert!((wasserstein(&[0.0, 0.0, 3.0], &[0.0, 1.0]) - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(wasserstein(&[1.0, 2.0], &[2.0, 1.0]), 0.0);
    }

    #[test]
    fn a_drawn_brain_is_measured() {
        // A bright ellipse with a dark middle, symmetric but for one bright square.
        let mut image = Array2::<f32>::from_shape_fn((256, 256), |(y, x)| {
            let (dy, dx) = ((y as f32 - 127.5) / 90.0, (x as f32 - 127.5) / 70.0);
            let radius = dy * dy + dx * dx;
            if radius > 1.0 {
                0.0
            } else if radius < 0.04 {
                0.1
            } else {
                0.6
            }
        });
        let expected = std::f64::consts::PI * 90.0 * 70.0 / 65536.0;
        assert!((area(image.view()) - expected).abs() < 0.002);
        assert!((symmetry(image.view()) - 1.0).abs() < 1e-9);
        let dark = ventricles(image.view());
        // An ellipse of a fifth of the axes within a box of a third of them.
        assert!((dark - std::f64::consts::PI * 0.04 / (4.0 / 9.0)).abs() < 0.01, "{dark}");
        image.slice_mut(ndarray::s![100..140, 60..100]).fill(1.0);
        assert!(symmetry(image.view()) < 0.9);
        let shares = histogram(image.view());
        assert!((shares.sum() - 1.0).abs() < 1e-12 && shares[19] > 0.5, "{shares}");
        assert_eq!(symmetry(Array2::zeros((8, 8)).view()), 0.0);
        assert_eq!(ventricles(Array2::zeros((8, 8)).view()), 0.0);
    }
}
