//! Structural similarity: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
//! structural similarity", IEEE Transactions on Image Processing 13(4), 2004.
//!
//! 11x11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, range 1, population covariance, valid windows only. That is
//! scikit-image's `structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1)`,
//! which cuts the 5 border pixels that its filter extends, and `tf.image.ssim(max_val=1)`, which filters with `VALID`
//! padding (`filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03`).

use ndarray::{Array2, ArrayView2, s};

/// Side of the window. A map has 10 rows and 10 columns fewer than its images.
pub(super) const SSIM_WINDOW: usize = 11;
/// [`ssim_brain`] takes a pixel for brain where the original is above this.
pub(crate) const BRAIN_THRESHOLD: f32 = 0.02;

const SIGMA: f64 = 1.5;
const C1: f64 = 0.01 * 0.01;
const C2: f64 = 0.03 * 0.03;

/// The mean of [`ssim_map`]: 1 for equal images, at least -1.
///
/// # Panics
/// As [`ssim_map`].
pub fn ssim(a: ArrayView2<f32>, b: ArrayView2<f32>) -> f64 {
    let map = ssim_map(a, b);
    map.sum() / map.len() as f64
}

/// The mean of the map over the windows whose centre is brain, which is where the original is above 0.02. The black
/// border, about half of a slice and easy to reconstruct, is left out. NaN for an original without brain.
///
/// # Panics
/// As [`ssim_map`].
pub fn ssim_brain(original: ArrayView2<f32>, reconstruction: ArrayView2<f32>) -> f64 {
    over_brain(&ssim_map(original, reconstruction), original)
}

fn over_brain(map: &Array2<f64>, original: ArrayView2<f32>) -> f64 {
    let (rows, columns) = map.dim();
    let half = SSIM_WINDOW / 2;
    let centres = original.slice(s![half..half + rows, half..half + columns]);
    let (sum, count) = map
        .iter()
        .zip(centres.iter())
        .filter(|(_, centre)| **centre > BRAIN_THRESHOLD)
        .fold((0.0, 0usize), |(sum, count), (value, _)| (sum + value, count + 1));
    sum / count as f64
}

/// [`ssim`] and [`ssim_brain`], computed from one map.
///
/// # Panics
/// As [`ssim_map`].
pub fn ssim_both(original: ArrayView2<f32>, reconstruction: ArrayView2<f32>) -> (f64, f64) {
    let map = ssim_map(original, reconstruction);
    (map.sum() / map.len() as f64, over_brain(&map, original))
}

/// The similarity of every 11x11 window that lies inside the images: (H-10)x(W-10), entry (y, x) for the window centred
/// at (y+5, x+5). Swapping `a` and `b` gives the same bits.
///
/// # Panics
/// If the shapes differ or a side is under 11.
pub fn ssim_map(a: ArrayView2<f32>, b: ArrayView2<f32>) -> Array2<f64> {
    assert_eq!(a.dim(), b.dim(), "images of one size");
    let (height, width) = a.dim();
    assert!(
        height >= SSIM_WINDOW && width >= SSIM_WINDOW,
        "images of at least {SSIM_WINDOW}x{SSIM_WINDOW}, not {height}x{width}"
    );
    windows(a, b, similarity)
}

/// `measure` applied to the filtered a, b, a^2 + b^2 and ab of every window.
pub(super) fn windows(a: ArrayView2<f32>, b: ArrayView2<f32>, measure: impl Measure) -> Array2<f64> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { map_avx2(a, b, measure) };
    }
    map(a, b, measure)
}

/// A window's measure, from its filtered a, b, a^2 + b^2 and ab.
pub(super) trait Measure: Fn(f64, f64, f64, f64) -> f64 {}

impl<F: Fn(f64, f64, f64, f64) -> f64> Measure for F {}

/// [`map`] compiled for AVX2. The operations and their order are the same, and so is every bit of the results.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn map_avx2(a: ArrayView2<f32>, b: ArrayView2<f32>, measure: impl Measure) -> Array2<f64> {
    map(a, b, measure)
}

/// [`windows`] of images that are large enough.
#[inline(always)]
fn map(a: ArrayView2<f32>, b: ArrayView2<f32>, measure: impl Measure) -> Array2<f64> {
    let (height, width) = a.dim();
    let (rows, columns) = (height - SSIM_WINDOW + 1, width - SSIM_WINDOW + 1);
    let taps = taps();
    let a: Vec<f64> = a.iter().map(|&value| f64::from(value)).collect();
    let b: Vec<f64> = b.iter().map(|&value| f64::from(value)).collect();
    let mut map = Array2::zeros((rows, columns));
    // One output row at a time: the five moments filtered down the columns, then along the row.
    let mut down = [const { Vec::new() }; 4];
    for moment in &mut down {
        *moment = vec![0.0f64; width];
    }
    let mut along = [const { Vec::new() }; 4];
    for moment in &mut along {
        *moment = vec![0.0f64; columns];
    }
    for (y, mut out) in map.rows_mut().into_iter().enumerate() {
        down.iter_mut().for_each(|moment| moment.fill(0.0));
        for (k, &tap) in taps.iter().enumerate() {
            let start = (y + k) * width;
            let (a, b) = (&a[start..start + width], &b[start..start + width]);
            let [m_a, m_b, m_sq, m_ab] = &mut down;
            for x in 0..width {
                let (p, q) = (a[x], b[x]);
                m_a[x] += tap * p;
                m_b[x] += tap * q;
                m_sq[x] += tap * (p * p + q * q);
                m_ab[x] += tap * (p * q);
            }
        }
        for (moment, filtered) in down.iter().zip(&mut along) {
            filtered.fill(0.0);
            for (k, &tap) in taps.iter().enumerate() {
                let shifted = &moment[k..k + columns];
                for (sum, value) in filtered.iter_mut().zip(shifted) {
                    *sum += tap * value;
                }
            }
        }
        let [m_a, m_b, m_sq, m_ab] = &along;
        let out = out.as_slice_mut().expect("rows are contiguous");
        for x in 0..columns {
            out[x] = measure(m_a[x], m_b[x], m_sq[x], m_ab[x]);
        }
    }
    map
}

/// The similarity of a window, from its filtered a, b, a^2 + b^2 and ab.
#[inline(always)]
fn similarity(mean_a: f64, mean_b: f64, squares: f64, product: f64) -> f64 {
    let means = mean_a * mean_b;
    let mean_squares = mean_a * mean_a + mean_b * mean_b;
    let variances = squares - mean_squares;
    let covariance = product - means;
    ((2.0 * means + C1) * (2.0 * covariance + C2)) / ((mean_squares + C1) * (variances + C2))
}

/// The contrast and structure of a window's similarity, without the brightness.
#[inline(always)]
pub(super) fn contrast(mean_a: f64, mean_b: f64, squares: f64, product: f64) -> f64 {
    let variances = squares - mean_a * mean_a - mean_b * mean_b;
    let covariance = product - mean_a * mean_b;
    (2.0 * covariance + C2) / (variances + C2)
}

/// The Gaussian's eleven taps; they sum to 1.
fn taps() -> [f64; SSIM_WINDOW] {
    let centre = (SSIM_WINDOW / 2) as f64;
    let mut taps = [0.0; SSIM_WINDOW];
    for (k, tap) in taps.iter_mut().enumerate() {
        let x = k as f64 - centre;
        *tap = (-x * x / (2.0 * SIGMA * SIGMA)).exp();
    }
    let sum: f64 = taps.iter().sum();
    taps.map(|tap| tap / sum)
}
