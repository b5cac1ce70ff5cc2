//! What a comparison reports.

use serde::Serialize;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Whether every pair agrees.
    pub pass: bool,
    /// Each pair of engines.
    pub pairs: Vec<PairReport>,
}

/// What the comparison of two engines found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
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
    /// Samples of the prior; absent where none were drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<SamplesReport>,
}

/// SSIM of reconstructions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SsimReport {
    /// The mean of the first engine.
    pub a_mean: f64,
    /// The mean of the second engine.
    pub b_mean: f64,
    /// The largest difference on one image where each engine decodes its own codes.
    pub max_abs_diff: f64,
    /// The largest difference on one image where the second engine decodes the codes of the first.
    pub max_abs_diff_same_codes: f64,
    /// The limit of `max_abs_diff_same_codes`. `max_abs_diff` has none, since an excused flip replaces a codeword, which
    /// may change SSIM by more than float error does.
    pub tolerance: f64,
    /// Whether `max_abs_diff_same_codes` is within its limit.
    pub pass: bool,
}

/// Codes through each engine's own encoder and quantizer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CodesReport {
    /// The share of codes that are the same.
    pub agreement: f64,
    /// How many differ.
    pub flips: usize,
    /// How many differ although float error cannot explain it: one of the two codewords is clearly farther away.
    pub unexcused_flips: usize,
    /// The largest difference, over the flips, between the squared distances to the two codewords; null where there is no
    /// flip or the codebook is not known.
    pub max_margin: Option<f64>,
}

/// The stages of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stages {
    /// Latents.
    pub encoder: StageReport,
    /// Codes. The difference is that of the squared distances to the two chosen codewords, or 1 for each code that differs
    /// where the codebook is not known.
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

/// One stage of a pair. Every value must hold `|a - b| <= atol + rtol |b|`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StageReport {
    /// The largest difference; null in JSON where a value is NaN.
    pub max_abs: f64,
    /// The mean difference.
    pub mean_abs: f64,
    /// The absolute part of the limit.
    pub atol: f64,
    /// The part of the limit that is relative to `b`.
    pub rtol: f64,
    /// The largest difference in 8-bit grey levels; images only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_levels: Option<u8>,
    /// Whether all values are within the limit, and images within one grey level.
    pub pass: bool,
}

/// Samples of two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SamplesReport {
    /// How many samples each engine drew.
    pub count: usize,
    /// How many samples are the same grid of codes.
    pub identical: usize,
    /// Whether all are the same.
    pub pass: bool,
}
