//! MS-SSIM and the distances between sets of features against pytorch-msssim and SciPy.

use ndarray::Array2;
use oasis::metrics::{frechet, median_distance, mmd, ms_ssim, precision};

use super::ssim::{noise, pair};

#[derive(serde::Deserialize)]
struct Golden {
    images: Vec<Images>,
    sets: Vec<Sets>,
}

#[derive(serde::Deserialize)]
struct Images {
    kind: String,
    height: usize,
    width: usize,
    seed: u64,
    ms_ssim: f64,
}

#[derive(serde::Deserialize)]
struct Sets {
    counts: [usize; 2],
    width: usize,
    seed: u64,
    shift: f64,
    scale: f64,
    frechet: f64,
    median: f64,
    mmd: f64,
    precision: f64,
    recall: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("quality_golden.json")).unwrap()
}

/// As `features` in `tools/golden/quality.py`.
fn features(count: usize, width: usize, seed: u64, shift: f64, scale: f64) -> Array2<f64> {
    Array2::from_shape_fn((count, width), |(y, x)| {
        let (x, y) = (x as u64, y as u64);
        shift + scale * (noise(x, y, seed) + 0.5 * noise(x >> 1, y, seed + 1))
    })
}

#[test]
fn golden_values_of_pytorch_msssim() {
    for case in golden().images {
        let (a, b) = pair(&case.kind, case.height, case.width, case.seed);
        let found = ms_ssim(a.view(), b.view());
        // Ours halves images in f32.
        assert!((found - case.ms_ssim).abs() < 1e-7, "{}: {found} {}", case.kind, case.ms_ssim);
        assert!((ms_ssim(a.view(), a.view()) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn golden_values_of_scipy() {
    for case in golden().sets {
        let [n, m] = case.counts;
        let a = features(n, case.width, case.seed, case.shift, case.scale);
        let b = features(m, case.width, case.seed + 10, 0.0, 1.0);
        let (a, b) = (a.view(), b.view());
        let near =
            |what: &str, ours: f64, theirs: f64| assert!((ours - theirs).abs() < 1e-9, "{what}: {ours} {theirs}");
        near("frechet", frechet(a, b), case.frechet);
        near("frechet, exchanged", frechet(b, a), case.frechet);
        near("median", median_distance(b), case.median);
        near("mmd", mmd(a, b, case.median), case.mmd);
        near("precision", precision(a, b, 3), case.precision);
        near("recall", precision(b, a, 3), case.recall);
        near("a set and itself", frechet(a, a), 0.0);
    }
}
