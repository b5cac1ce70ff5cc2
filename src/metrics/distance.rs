//! How far apart two sets of feature vectors are, such as those of samples and of real slices. A set is `[n, d]`, with a
//! vector in each row.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// The Frechet distance of the normal distributions with the sets' means and covariances,
/// `|m - m'|^2 + tr(S + S' - 2 (S S')^(1/2))` (Dowson and Landau 1982; Heusel et al. 2017, "GANs Trained by a Two
/// Time-Scale Update Rule Converge to a Local Nash Equilibrium").
///
/// # Panics
/// For sets of different width or of fewer than two vectors.
pub fn frechet(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> f64 {
    let (mean_a, spread_a) = moments(a);
    let (mean_b, spread_b) = moments(b);
    let apart: f64 = (&mean_a - &mean_b).mapv(|value| value * value).sum();
    let root = power(&spread_a, 0.5);
    let product = &root * &spread_b * &root;
    let joint: f64 = SymmetricEigen::new(product).eigenvalues.iter().map(|value| value.max(0.0).sqrt()).sum();
    apart + spread_a.trace() + spread_b.trace() - 2.0 * joint
}

fn moments(set: ArrayView2<'_, f64>) -> (Array1<f64>, DMatrix<f64>) {
    let (n, d) = set.dim();
    assert!(n > 1, "at least two vectors");
    let mean = set.mean_axis(Axis(0)).expect("there are vectors");
    let centred = &set - &mean;
    let covariance = centred.t().dot(&centred) / (n - 1) as f64;
    (mean, DMatrix::from_fn(d, d, |i, j| covariance[[i, j]]))
}

/// A power of a symmetric matrix. Negative eigenvalues, which only rounding gives, count as 0.
fn power(matrix: &DMatrix<f64>, exponent: f64) -> DMatrix<f64> {
    let SymmetricEigen { eigenvectors, eigenvalues } = SymmetricEigen::new(matrix.clone());
    let scaled = DMatrix::from_diagonal(&eigenvalues.map(|value| value.max(0.0).powf(exponent)));
    &eigenvectors * scaled * eigenvectors.transpose()
}

/// The squared maximum mean discrepancy under a Gaussian kernel (Gretton et al. 2012, "A Kernel Two-Sample Test", equation
/// 5). Every pair is counted, that of a vector with itself too, so that it is never negative. `width` is the width of the
/// kernel, usually the [`median_distance`] of the real vectors.
///
/// # Panics
/// For sets of different width, or no vectors.
pub fn mmd(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>, width: f64) -> f64 {
    let mean = |x: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>| {
        squared_distances(x, y).mapv(|squared| (-squared / (2.0 * width * width)).exp()).mean().expect("vectors")
    };
    mean(a, a) + mean(b, b) - 2.0 * mean(a, b)
}

/// The median distance between two vectors of a set, a common kernel width for [`mmd`].
///
/// # Panics
/// For fewer than two vectors.
pub fn median_distance(set: ArrayView2<'_, f64>) -> f64 {
    let squared = squared_distances(set, set);
    let mut all: Vec<f64> = squared.indexed_iter().filter(|((i, j), _)| i < j).map(|(_, value)| value.sqrt()).collect();
    let middle = all.len() / 2;
    *all.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Squared Euclidean distances `[n, m]` of the vectors of two sets.
fn squared_distances(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
    let between = |x: ArrayView1<'_, f64>, y: ArrayView1<'_, f64>| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum()
    };
    Array2::from_shape_fn((a.nrows(), b.nrows()), |(i, j)| between(a.row(i), b.row(j)))
}

/// The share of `samples` that are closer to some real vector than this one is to its `k`th nearest real neighbour
/// (Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models"). With the sets
/// exchanged it is the recall.
///
/// # Panics
/// For sets of different width, or not more than `k` real vectors.
pub fn precision(samples: ArrayView2<'_, f64>, real: ArrayView2<'_, f64>, k: usize) -> f64 {
    let within = squared_distances(real, real);
    let radii: Vec<f64> = within
        .rows()
        .into_iter()
        .map(|row| {
            // The nearest is the vector itself.
            let mut row = row.to_vec();
            *row.select_nth_unstable_by(k, f64::total_cmp).1
        })
        .collect();
    let across = squared_distances(samples, real);
    let inside = |row: ArrayView1<'_, f64>| row.iter().zip(&radii).any(|(squared, radius)| squared <= radius);
    let count = across.rows().into_iter().filter(|row| inside(row.view())).count();
    count as f64 / samples.nrows() as f64
}
