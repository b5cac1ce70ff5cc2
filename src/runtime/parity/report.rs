//! The comparison's numbers, what they may be, and how they are gathered.

use ndarray::Array4;
use serde::Serialize;

use super::samples::SamplesReport;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whether every pair agrees.
    pub pass: bool,
    /// Each pair of engines.
    pub pairs: Vec<PairReport>,
}

/// What the comparison of two engines found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairReport {
    /// The first engine.
    pub a: String,
    /// The second engine.
    pub b: String,
    /// Whether they agree in everything.
    pub pass: bool,
    /// The number of images.
    pub images: usize,
    /// The SSIM of each engine's own reconstructions.
    pub ssim: SsimReport,
    /// The codes of each engine's own latents.
    pub codes: CodesReport,
    /// Each stage, on identical inputs.
    pub stages: Stages,
    /// Samples of the prior, where any were drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<SamplesReport>,
}

/// SSIM of reconstructions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SsimReport {
    /// The mean of the first engine.
    pub a_mean: f64,
    /// The mean of the second engine.
    pub b_mean: f64,
    /// The largest difference on one image, each engine decoding its own codes.
    pub max_abs_diff: f64,
    /// The same, but both decoding the codes of the first engine where a code differs.
    pub max_abs_diff_same_codes: f64,
    /// What the latter may be: an excused flip is a change of codeword, which may move SSIM by more than float error.
    pub tolerance: f64,
    /// Whether it is no more. Flips that are not excused fail by themselves.
    pub pass: bool,
}

/// Codes through each engine's own encoder and quantizer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct CodesReport {
    /// The share of codes that are the same.
    pub agreement: f64,
    /// How many differ.
    pub flips: usize,
    /// How many differ although the codewords' distances are further apart than float error explains.
    pub unexcused_flips: usize,
    /// The largest difference of squared distances among the flips; null where the codebook is not known.
    pub max_margin: Option<f64>,
}

/// The stages of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stages {
    /// Latents.
    pub encoder: StageReport,
    /// Codes: the differences are those of the squared distances to the chosen codewords, or, where the codebook is not
    /// known, 1 for each code that differs.
    pub quantizer: StageReport,
    /// Reconstructions.
    pub decoder: StageReport,
    /// Logits; absent where the bundle has no prior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<StageReport>,
}

impl Stages {
    /// Whether every stage agrees.
    pub fn pass(&self) -> bool {
        self.encoder.pass && self.quantizer.pass && self.decoder.pass && self.prior.is_none_or(|prior| prior.pass)
    }
}

/// One stage of a pair: every `|a - b| <= atol + rtol |b|`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageReport {
    /// The largest difference; null where it is not a number.
    pub max_abs: f64,
    /// The mean difference.
    pub mean_abs: f64,
    /// The absolute tolerance.
    pub atol: f64,
    /// The tolerance relative to `b`.
    pub rtol: f64,
    /// The largest difference in 8-bit grey levels; images only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_levels: Option<u8>,
    /// Whether all values are within tolerance, and images within one level.
    pub pass: bool,
}

/// What two engines may differ by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// One image's SSIM.
    pub ssim: f64,
    /// Values, absolutely.
    pub atol: f64,
    /// Values, relatively.
    pub rtol: f64,
    /// Logits, absolutely.
    pub logits_atol: f64,
    /// Logits, relatively.
    pub logits_rtol: f64,
}

impl Tolerance {
    /// Two engines on a CPU.
    pub const CPU: Self = Self { ssim: 1e-4, atol: 1e-5, rtol: 1e-4, logits_atol: 1e-4, logits_rtol: 1e-4 };
    /// At least one on CUDA, with TF32 off.
    pub const CUDA: Self = Self { ssim: 1e-3, atol: 1e-4, rtol: 1e-3, logits_atol: 1e-4, logits_rtol: 1e-3 };

    /// That of two engines by name.
    pub fn of(a: &str, b: &str) -> Self {
        if [a, b].iter().any(|name| name.ends_with("cuda")) { Self::CUDA } else { Self::CPU }
    }
}

/// The larger, where NaN is larger than all.
pub(super) fn worse(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Gathers the differences of a stage.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    report: StageReport,
    sum: f64,
    count: usize,
}

impl Stage {
    pub(super) fn new(atol: f64, rtol: f64) -> Self {
        let report = StageReport { max_abs: 0.0, mean_abs: 0.0, atol, rtol, max_levels: None, pass: true };
        Self { report, sum: 0.0, count: 0 }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Adds a difference that is or is not within tolerance.
    pub(super) fn add_one(&mut self, difference: f64, pass: bool) {
        self.count += 1;
        self.sum += difference;
        self.report.max_abs = worse(self.report.max_abs, difference);
        self.report.pass &= pass;
    }

    pub(super) fn add(&mut self, a: impl Iterator<Item = f32>, b: impl Iterator<Item = f32>) {
        for (a, b) in a.zip(b) {
            let (a, b) = (f64::from(a), f64::from(b));
            let difference = (a - b).abs();
            // False for NaN.
            let pass = difference <= self.report.atol + self.report.rtol * b.abs();
            self.add_one(difference, pass);
        }
    }

    /// Adds images: values within tolerance, and 8-bit levels no more than one apart.
    pub(super) fn add_images(&mut self, a: &Array4<f32>, b: &Array4<f32>) {
        self.add(a.iter().copied(), b.iter().copied());
        let level = |value: &f32| (value * 255.0).round().clamp(0.0, 255.0) as u8;
        let apart = a.iter().zip(b).map(|(a, b)| level(a).abs_diff(level(b))).max().unwrap_or(0);
        let apart = self.report.max_levels.unwrap_or(0).max(apart);
        self.report.max_levels = Some(apart);
        self.report.pass &= apart <= 1;
    }

    pub(super) fn report(mut self) -> StageReport {
        self.report.mean_abs = if self.count == 0 { 0.0 } else { self.sum / self.count as f64 };
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_a_number_fails_a_stage() {
        let mut stage = Stage::new(1.0, 1.0);
        stage.add([1.0, f32::NAN, 1.0].into_iter(), [1.0, f32::NAN, 1.0].into_iter());
        let report = stage.report();
        assert!(!report.pass && report.max_abs.is_nan());
    }

    #[test]
    fn tolerance_is_absolute_and_relative() {
        let of = |a: f32, b: f32| {
            let mut stage = Stage::new(1e-5, 1e-4);
            stage.add([a].into_iter(), [b].into_iter());
            stage.report().pass
        };
        assert!(of(0.0, 0.9e-5) && !of(0.0, 1.1e-5) && of(10.0, 10.0009) && !of(10.0, 10.0012));
    }

    #[test]
    fn images_two_levels_apart_fail() {
        let image = |value: f32| Array4::from_elem((1, 1, 1, 1), value / 255.0);
        let mut stage = Stage::new(1.0, 1.0);
        stage.add_images(&image(3.4), &image(3.6));
        assert_eq!(stage.clone().report().max_levels, Some(1));
        assert!(stage.clone().report().pass);
        stage.add_images(&image(3.4), &image(4.6));
        assert!(!stage.report().pass);
    }
}
