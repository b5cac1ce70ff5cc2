//! The feature vectors that images are compared by: pooled latents of the encoder, and small pictures.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::sets::Set;
use crate::Result;
use crate::bundle::IMAGE;
use crate::runtime::{Oasis, image_at};

/// A pixel of a small picture is the mean of a square with sides of so many pixels.
const POOL: usize = 4;

/// The mean and the standard deviation of each channel of the latents, `[n, 2 D]`. The codes of a set are decoded and
/// encoded again, so that real slices and samples have passed the same decoder.
///
/// # Errors
/// Those of the engine.
pub(super) fn encoder_features(oasis: &Oasis, set: &Set) -> Result<Array2<f64>> {
    let dim = oasis.sizes().latent_dim;
    let mut features = Array2::zeros((set.len(), 2 * dim));
    set.decode(oasis, |first, images| {
        let latents = oasis.latents(images.view())?;
        for (index, latents) in latents.axis_iter(Axis(0)).enumerate() {
            for (channel, latents) in latents.axis_iter(Axis(0)).enumerate() {
                let latents = latents.mapv(f64::from);
                features[[first + index, channel]] = latents.mean().expect("a grid");
                features[[first + index, dim + channel]] = latents.std(0.0);
            }
        }
        Ok(())
    })?;
    Ok(features)
}

/// A set's decoded images, reduced to 64x64 pixels: `[n, 4096]`.
///
/// # Errors
/// Those of the engine.
pub(super) fn small_pictures(oasis: &Oasis, set: &Set) -> Result<Array2<f64>> {
    let side = IMAGE[0] / POOL;
    let mut small = Array2::zeros((set.len(), side * side));
    set.decode(oasis, |first, images| {
        for index in 0..images.dim().0 {
            small.row_mut(first + index).assign(&pooled(image_at(images, index)));
        }
        Ok(())
    })?;
    Ok(small)
}

/// The means of squares of 4x4 pixels, row by row.
fn pooled(image: ArrayView2<'_, f32>) -> Array1<f64> {
    let side = IMAGE[0] / POOL;
    Array1::from_shape_fn(side * side, |at| {
        let (y, x) = (POOL * (at / side), POOL * (at % side));
        f64::from(image.slice(s![y..y + POOL, x..x + POOL]).sum()) / (POOL * POOL) as f64
    })
}

/// The principal components of a set of vectors.
pub(super) struct Components {
    mean: Array1<f64>,
    /// The directions `[d, components]`.
    axes: Array2<f64>,
}

impl Components {
    /// The `count` directions in which the rows of `set` `[n, d]` vary most. They come from the eigenvectors of the `n`
    /// by `n` products of its centred rows, which is less work than those of the `d` by `d` covariance.
    pub(super) fn of(set: ArrayView2<'_, f64>, count: usize) -> Self {
        let mean = set.mean_axis(Axis(0)).expect("there are vectors");
        let centred = &set - &mean;
        let products = centred.dot(&centred.t());
        let n = set.nrows();
        let SymmetricEigen { eigenvectors, eigenvalues } =
            SymmetricEigen::new(DMatrix::from_fn(n, n, |i, j| products[[i, j]]));
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| eigenvalues[*b].total_cmp(&eigenvalues[*a]));
        let count = count.min(n - 1);
        let weights = Array2::from_shape_fn((n, count), |(row, at)| {
            eigenvectors[(row, order[at])] / eigenvalues[order[at]].max(1e-12).sqrt()
        });
        Self { mean, axes: centred.t().dot(&weights) }
    }

    /// The coordinates `[n, components]` of vectors `[n, d]`.
    pub(super) fn project(&self, set: ArrayView2<'_, f64>) -> Array2<f64> {
        (&set - &self.mean).dot(&self.axes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_the_directions_of_most_variance() {
        // Two hidden directions, one ten times as wide as the other.
        let wave = |at: usize, period: f64| (at as f64 / period).sin();
        let set = Array2::from_shape_fn((40, 6), |(row, column)| {
            let (wide, narrow) = (10.0 * wave(row, 1.7), wave(row, 0.9));
            let (u, v) = ([3.0, 4.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 5.0, 12.0, 0.0]);
            2.0 + wide * u[column] / 5.0 + narrow * v[column] / 13.0
        });
        let components = Components::of(set.view(), 2);
        let first = components.axes.column(0);
        assert!((first[0].abs() - 0.6).abs() < 0.02 && (first[1].abs() - 0.8).abs() < 0.02, "{first}");
        let projected = components.project(set.view());
        assert!(projected.mean_axis(Axis(0)).unwrap().iter().all(|mean| mean.abs() < 1e-9));
        assert!(projected.column(0).std(0.0) > 5.0 * projected.column(1).std(0.0));
    }
}
