//! Peak signal-to-noise ratio.

use ndarray::ArrayView2;

/// 10 log10(1 / MSE) in decibels, for values in 0..1; infinite for equal images.
///
/// # Panics
/// If the shapes differ.
pub fn psnr(a: ArrayView2<f32>, b: ArrayView2<f32>) -> f64 {
    assert_eq!(a.dim(), b.dim(), "images of one size");
    let sum: f64 = a
        .iter()
        .zip(b.iter())
        .map(|(&a, &b)| {
            let d = f64::from(a) - f64::from(b);
            d * d
        })
        .sum();
    -10.0 * (sum / a.len() as f64).log10()
}
