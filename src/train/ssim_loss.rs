//! SSIM with a gradient, for the loss.

use burn::tensor::{Device, Tensor};

const TAPS: usize = 11;
const SIGMA: f64 = 1.5;
const C1: f64 = 0.01 * 0.01;
const C2: f64 = 0.03 * 0.03;

/// Mean SSIM (Wang et al. 2004: 11x11 Gaussian, sigma 1.5, range 1, valid windows) with a gradient, for images of one
/// size.
///
/// The Gaussian is separable, so an image is blurred by a banded matrix on its left and one on its right: Burn's matrix
/// products are faster than its convolutions of a single channel.
#[derive(Debug, Clone)]
pub(super) struct SsimLoss {
    /// `[1, 1, H - 10, H]`
    rows: Tensor<4>,
    /// `[1, 1, W, W - 10]`
    columns: Tensor<4>,
}

impl SsimLoss {
    /// For images of `height` and `width` pixels, each above 10.
    pub(super) fn new(height: usize, width: usize, device: &Device) -> Self {
        let rows = banded(height, device);
        let columns = banded(width, device).swap_dims(2, 3);
        Self { rows, columns }
    }

    /// The mean SSIM, `[1]`, of the images of two batches `[batch, 1, H, W]` in 0..1.
    pub(super) fn ssim(&self, a: Tensor<4>, b: Tensor<4>) -> Tensor<1> {
        let mean_a = self.blur(a.clone());
        let mean_b = self.blur(b.clone());
        let square_a = mean_a.clone() * mean_a.clone();
        let square_b = mean_b.clone() * mean_b.clone();
        let product = mean_a * mean_b;
        let variances = self.blur(a.clone() * a.clone() + b.clone() * b.clone()) - square_a.clone() - square_b.clone();
        let covariance = self.blur(a * b) - product.clone();
        let numerator = (product.mul_scalar(2.0) + C1) * (covariance.mul_scalar(2.0) + C2);
        let denominator = (square_a + square_b + C1) * (variances + C2);
        (numerator / denominator).mean()
    }

    fn blur(&self, x: Tensor<4>) -> Tensor<4> {
        self.rows.clone().matmul(x).matmul(self.columns.clone())
    }
}

/// The matrix `[1, 1, size - 10, size]` that blurs along an axis of `size` pixels.
fn banded(size: usize, device: &Device) -> Tensor<4> {
    let centre = (TAPS / 2) as f64;
    let taps: Vec<f64> = (0..TAPS).map(|i| (-(i as f64 - centre).powi(2) / (2.0 * SIGMA * SIGMA)).exp()).collect();
    let total: f64 = taps.iter().sum();
    let valid = size - TAPS + 1;
    let mut values = vec![0f32; valid * size];
    for row in 0..valid {
        for (tap, weight) in taps.iter().enumerate() {
            values[row * size + row + tap] = (weight / total) as f32;
        }
    }
    Tensor::<1>::from_floats(values.as_slice(), device).reshape([1, 1, valid, size])
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use ndarray::ArrayView2;

    use super::*;
    use crate::metrics;

    #[test]
    fn the_loss_agrees_with_the_metric() {
        let device = Device::flex();
        let (rows, columns) = (40, 32);
        let image = |phase: f32| -> Vec<f32> {
            (0..rows * columns)
                .map(|at| 0.5 + 0.4 * ((at / columns) as f32 * 0.3 + (at % columns) as f32 * 0.7 + phase).sin())
                .collect()
        };
        let (a, b) = (image(0.0), image(0.4));
        let tensor =
            |values: &[f32]| Tensor::<4>::from_data(TensorData::new(values.to_vec(), [1, 1, rows, columns]), &device);
        let loss = SsimLoss::new(rows, columns, &device).ssim(tensor(&a), tensor(&b)).into_scalar::<f64>();
        let view = |values| ArrayView2::from_shape((rows, columns), values).unwrap();
        let metric = metrics::ssim(view(&a[..]), view(&b[..]));
        assert!((loss - metric).abs() < 1e-5, "{loss} against {metric}");
    }
}
