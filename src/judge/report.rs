//! The result of judging, and its text.

use std::fmt;

use serde::Serialize;

use super::anatomy::{Anatomy, Apart};
use super::diversity::MsSsim;
use super::likelihood::BitsPerCode;
use super::memory::Memorised;
use super::space::{Frechet, Manifolds};
use super::two_sample::{Taught, TwoSample};
use crate::data::Split;

/// The result of judging. Intervals are of 95%, for other subjects; `None` where there is only one subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JudgeReport {
    /// The engine that ran the bundle.
    pub backend: String,
    /// The split of the held-out slices that samples were compared with.
    pub split: Split,
    /// How many samples were judged.
    pub count: usize,
    /// The seed of every random draw.
    pub seed: u64,
    /// What the logits of the samples were divided by.
    pub temperature: f64,
    /// Samples drew among this many of the likeliest codes only.
    pub top_k: Option<usize>,
    /// Samples drew among the likeliest codes that together reach this probability only.
    pub top_p: Option<f64>,
    /// How well the prior predicts real slices; `None` where the request was for a quick judging.
    pub bits_per_code: Option<BitsPerCode>,
    /// How well a network tells samples from real slices; `None` where the request was for a quick judging.
    pub two_sample: Option<TwoSample>,
    /// Frechet distances to real slices.
    pub frechet: Frechet,
    /// Other distances to real slices, and how the two sets cover each other.
    #[serde(flatten)]
    pub manifolds: Manifolds,
    /// How much images differ from each other.
    pub msssim: MsSsim,
    /// Whether samples repeat training slices.
    pub memorised: Memorised,
    /// How far the anatomy of samples is from that of real slices.
    pub anatomy: Anatomy,
}

impl fmt::Display for JudgeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (k, p) = (self.top_k.map(|k| format!(", top-k {k}")), self.top_p.map(|p| format!(", top-p {p}")));
        let (k, p) = (k.unwrap_or_default(), p.unwrap_or_default());
        writeln!(
            f,
            "{} samples by {}, seed {}, temperature {}{k}{p}; beside {} slices; [95% intervals for other subjects]",
            self.count, self.backend, self.seed, self.temperature, self.split
        )?;
        match &self.bits_per_code {
            None => writeln!(f, "bits a code     left out")?,
            Some(bits) => {
                let less = 100.0 * (1.0 - bits.test / bits.per_position);
                let test = ranged(bits.test, bits.test_interval, 3);
                writeln!(
                    f,
                    "bits a code     {test}, training slices {:.3}, validation {:.3}",
                    bits.train, bits.validate
                )?;
                let (place, order0, uniform) = (bits.per_position, bits.order0, bits.uniform);
                writeln!(
                    f,
                    "  beside        per position {place:.3} ({less:.1}% less), order 0 {order0:.3}, uniform {uniform:.1}"
                )?;
                let (known, real) = (bits.known_by_heart, bits.real_known_by_heart);
                writeln!(f, "  known by heart {known:.4} of training slices, {real:.4} of validation slices")?;
            }
        }
        match &self.two_sample {
            None => writeln!(f, "told apart      left out")?,
            Some(two) => {
                let void = if two.valid { "" } else { ": VOID, the control must reach 0.95" };
                writeln!(
                    f,
                    "told apart      {:.3} [{:.3}, {:.3}]; 0.5 is chance{void}",
                    two.accuracy, two.low, two.high
                )?;
                writeln!(f, "  beside        raw slices {:.3}, control {:.3}", two.raw_accuracy, two.control)?;
                let Taught { slices, accuracy, low, high } = two.taught;
                writeln!(f, "  taught        {accuracy:.3} [{low:.3}, {high:.3}], by {slices} training slices")?;
            }
        }
        let Frechet { encoder_ratio, encoder_interval, pca_ratio, pca_interval } = self.frechet;
        let (encoder, pca) = (ranged(encoder_ratio, encoder_interval, 2), ranged(pca_ratio, pca_interval, 2));
        writeln!(f, "Frechet ratio   encoder {encoder}, PCA {pca}")?;
        let near = &self.manifolds;
        writeln!(f, "MMD ratio       {}", ranged(near.mmd_ratio, near.mmd_interval, 2))?;
        let precision = ranged(near.precision, near.precision_interval, 3);
        writeln!(f, "precision       {precision}, training slices {:.3}", near.real_precision)?;
        let recall = ranged(near.recall, near.recall_interval, 3);
        writeln!(f, "recall          {recall}, training slices {:.3}", near.real_recall)?;
        let MsSsim { samples, samples_interval, real, real_interval } = self.msssim;
        let (samples, real) = (ranged(samples, samples_interval, 4), ranged(real, real_interval, 4));
        writeln!(f, "MS-SSIM, pairs  {samples}, real {real}")?;
        let seen = &self.memorised;
        let (share, real) = (seen.share, seen.real_share);
        writeln!(f, "memorised       {share:.4}, real {real:.4}; {} exact copies", seen.exact_copies)?;
        let caught = if seen.control_caught { "caught" } else { "NOT caught" };
        let (nearest, real) = (seen.nearest, seen.real_nearest);
        writeln!(
            f,
            "  beside        nearest SSIM {nearest:.4}, real {real:.4}; control {:.3}: {caught}",
            seen.control_share
        )?;
        let Anatomy { area, symmetry, ventricles, intensity } = self.anatomy;
        let rows = [("area", area), ("symmetry", symmetry), ("ventricles", ventricles), ("intensity", intensity)];
        for (name, Apart { samples, train, ratio, interval }) in rows {
            let ratio = ranged(ratio, interval, 2);
            writeln!(f, "{name:<15} apart {samples:.4}, training slices {train:.4}: ratio {ratio}")?;
        }
        Ok(())
    }
}

/// `1.23 [1.10, 1.40]`
fn ranged(value: f64, interval: Option<[f64; 2]>, digits: usize) -> String {
    match interval {
        Some([low, high]) => format!("{value:.digits$} [{low:.digits$}, {high:.digits$}]"),
        None => format!("{value:.digits$}"),
    }
}
