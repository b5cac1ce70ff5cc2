//! What judging found.

use std::fmt;

use serde::Serialize;

use super::space::{Estimate, Space};
use super::{Anatomy, Apart, BitsPerCode, Memorised, Taught, TwoSample};

/// Frechet distances of samples to held-out real slices, by those of training slices to these.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Frechet {
    /// Of the encoder's latents, pooled.
    pub encoder_ratio: f64,
    pub encoder_interval: Option<[f64; 2]>,
    /// Of the principal components of small pictures.
    pub pca_ratio: f64,
    pub pca_interval: Option<[f64; 2]>,
}

impl Frechet {
    pub(super) fn of(encoder: &Space<'_>, pca: &Space<'_>) -> Self {
        let [encoder, pca] = [encoder, pca].map(Space::frechet_ratio);
        Self {
            encoder_ratio: encoder.value,
            encoder_interval: encoder.interval,
            pca_ratio: pca.value,
            pca_interval: pca.interval,
        }
    }
}

/// Distances and manifolds in the encoder's space.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Manifolds {
    /// Maximum mean discrepancy, as a ratio like those of [`Frechet`].
    pub mmd_ratio: f64,
    pub mmd_interval: Option<[f64; 2]>,
    /// Share of samples that lie where held-out real slices do.
    pub precision: f64,
    pub precision_interval: Option<[f64; 2]>,
    /// Share of held-out real slices that lie where samples do.
    pub recall: f64,
    pub recall_interval: Option<[f64; 2]>,
    /// The precision of training slices: what real slices of other subjects reach.
    pub real_precision: f64,
    /// Their recall.
    pub real_recall: f64,
}

impl Manifolds {
    pub(super) fn of(encoder: &Space<'_>) -> Self {
        let (mmd, precision, recall) = (encoder.mmd_ratio(), encoder.precision(), encoder.recall());
        Self {
            mmd_ratio: mmd.value,
            mmd_interval: mmd.interval,
            precision: precision.value,
            precision_interval: precision.interval,
            recall: recall.value,
            recall_interval: recall.interval,
            real_precision: encoder.real_precision(),
            real_recall: encoder.real_recall(),
        }
    }
}

/// Mean MS-SSIM of pairs of one slice position and two subjects.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct MsSsim {
    /// Of samples.
    pub samples: f64,
    pub samples_interval: Option<[f64; 2]>,
    /// Of reconstructions of real slices.
    pub real: f64,
    pub real_interval: Option<[f64; 2]>,
}

impl MsSsim {
    pub(super) fn of(samples: Estimate, real: Estimate) -> Self {
        Self {
            samples: samples.value,
            samples_interval: samples.interval,
            real: real.value,
            real_interval: real.interval,
        }
    }
}

/// What `oasis judge` reports. Intervals are of 95%, for other subjects; `None` where there is but one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct JudgeReport {
    pub backend: String,
    pub split: String,
    pub count: usize,
    pub seed: u64,
    pub temperature: f64,
    pub top_k: Option<usize>,
    pub top_p: Option<f64>,
    /// `None` where they were left out.
    pub bits_per_code: Option<BitsPerCode>,
    /// `None` where it was left out.
    pub two_sample: Option<TwoSample>,
    pub frechet: Frechet,
    #[serde(flatten)]
    pub manifolds: Manifolds,
    pub msssim: MsSsim,
    pub memorised: Memorised,
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
