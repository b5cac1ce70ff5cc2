//! The differentiable SSIM is the SSIM that is reported.

use burn::tensor::{Device, Tensor, TensorData};
use ndarray::ArrayView2;
use oasis::train::SsimLoss;

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
    let metric = oasis::metrics::ssim(view(&a[..]), view(&b[..]));
    assert!((loss - metric).abs() < 1e-5, "{loss} against {metric}");
}
