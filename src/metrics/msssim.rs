//! Multi-scale structural similarity: Wang, Simoncelli and Bovik, "Multiscale structural similarity for image quality
//! assessment", Asilomar 2003.

use ndarray::{Array2, ArrayView2};

use super::ssim::{SSIM_WINDOW, contrast, ssim, windows};

/// The weights of the scales, from fine to coarse.
const WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/// Similarity at five scales, each half the size of the one before: the product of the scales' means, each to the power of
/// its weight. A scale's mean is that of contrast and structure alone, and at the coarsest scale that of the whole
/// similarity; a negative mean counts as 0. 1 for equal images. Windows are those of [`ssim`]. Equal to
/// `tf.image.ssim_multiscale` and `pytorch_msssim` where sides are multiples of 16.
///
/// # Panics
/// If the shapes differ or a side is under 176, so that a window does not fit at the coarsest scale.
pub fn ms_ssim(a: ArrayView2<f32>, b: ArrayView2<f32>) -> f64 {
    let last = WEIGHTS.len() - 1;
    let smallest = SSIM_WINDOW << last;
    assert!(a.nrows() >= smallest && a.ncols() >= smallest, "images of at least {smallest}x{smallest}");
    let (mut a, mut b) = (a.to_owned(), b.to_owned());
    let mut product = 1.0;
    for (scale, weight) in WEIGHTS.into_iter().enumerate() {
        let mean = if scale == last {
            ssim(a.view(), b.view())
        } else {
            windows(a.view(), b.view(), contrast).mean().expect("windows fit")
        };
        product *= mean.max(0.0).powf(weight);
        if scale < last {
            (a, b) = (halved(a.view()), halved(b.view()));
        }
    }
    product
}

/// The means of blocks of 2x2 pixels. An odd last row or column is left out.
fn halved(image: ArrayView2<f32>) -> Array2<f32> {
    Array2::from_shape_fn((image.nrows() / 2, image.ncols() / 2), |(y, x)| {
        let square = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(down, right)| image[[2 * y + down, 2 * x + right]]);
        square.iter().sum::<f32>() / 4.0
    })
}
