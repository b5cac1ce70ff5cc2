//! What judging found.

use std::fmt;

use serde::Serialize;

use super::{Anatomy, Apart, Memorised};

/// Mean bits a code.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BitsPerCode {
    /// By the prior, of the training slices.
    pub train: f64,
    /// Of the validation slices.
    pub validate: f64,
    /// Of the test slices.
    pub test: f64,
    /// Every code as likely: log2 K.
    pub uniform: f64,
    /// Of the test slices, by the codes' shares in training.
    pub order0: f64,
    /// Of the test slices, by the codes' shares at each place in training.
    pub per_position: f64,
}

/// How well a network tells samples from real slices of subjects that it was not trained on; 0.5 is chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TwoSample {
    /// Samples from reconstructions of real slices.
    pub accuracy: f64,
    /// The low end of its 95% interval for other subjects.
    pub low: f64,
    /// The high end.
    pub high: f64,
    /// Samples from real slices as they are.
    pub raw_accuracy: f64,
    /// Real codes in a drawn order from reconstructions.
    pub control: f64,
    /// Whether the control reaches 0.95; else the accuracy says nothing.
    pub valid: bool,
}

/// Frechet distances of samples to held-out real slices, by those of training slices to these.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Frechet {
    /// Of the encoder's latents, pooled.
    pub encoder_ratio: f64,
    /// Of the principal components of small pictures.
    pub pca_ratio: f64,
}

/// Mean MS-SSIM of pairs of one slice position.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MsSsim {
    /// Of samples.
    pub samples: f64,
    /// Of reconstructions of real slices.
    pub real: f64,
}

/// What `oasis judge` reports; see the contract for every field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct JudgeReport {
    pub backend: String,
    pub count: usize,
    pub seed: u64,
    pub temperature: f64,
    pub bits_per_code: BitsPerCode,
    pub two_sample: TwoSample,
    pub frechet: Frechet,
    /// Maximum mean discrepancy in the encoder's space, as a ratio like those of `frechet`.
    pub mmd_ratio: f64,
    /// Share of samples that lie where held-out real slices do, in the encoder's space.
    pub precision: f64,
    /// Share of held-out real slices that lie where samples do.
    pub recall: f64,
    /// The precision of training slices, which is what real slices of other subjects reach.
    pub real_precision: f64,
    pub msssim: MsSsim,
    pub memorised: Memorised,
    pub anatomy: Anatomy,
}

impl fmt::Display for JudgeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BitsPerCode { train, validate, test, uniform, order0, per_position } = self.bits_per_code;
        let two = self.two_sample;
        let less = 100.0 * (1.0 - test / per_position);
        writeln!(
            f,
            "{} samples, seed {}, temperature {}, by {}",
            self.count, self.seed, self.temperature, self.backend
        )?;
        writeln!(f, "bits a code     test {test:.3} (train {train:.3}, validate {validate:.3})")?;
        writeln!(
            f,
            "  beside        per position {per_position:.3} ({less:.1}% less), order 0 {order0:.3}, uniform {uniform:.1}"
        )?;
        let void = if two.valid { "" } else { ": VOID, the control must reach 0.95" };
        writeln!(f, "told apart      {:.3} ({:.3} to {:.3}); 0.5 is chance{void}", two.accuracy, two.low, two.high)?;
        writeln!(f, "  beside        raw slices {:.3}, control {:.3}", two.raw_accuracy, two.control)?;
        let Frechet { encoder_ratio, pca_ratio } = self.frechet;
        writeln!(f, "Frechet ratio   encoder {encoder_ratio:.2}, PCA {pca_ratio:.2}; MMD ratio {:.2}", self.mmd_ratio)?;
        let (precision, recall) = (self.precision, self.recall);
        writeln!(f, "precision       {precision:.3} (real {:.3}), recall {recall:.3}", self.real_precision)?;
        writeln!(f, "MS-SSIM, pairs  {:.4} (real {:.4})", self.msssim.samples, self.msssim.real)?;
        let Memorised { share, real_share, exact_copies, nearest, real_nearest, control_share, control_caught, .. } =
            self.memorised;
        writeln!(f, "memorised       {share:.4} (real {real_share:.4}), {exact_copies} exact copies")?;
        let caught = if control_caught { "caught" } else { "NOT caught" };
        writeln!(
            f,
            "  beside        nearest SSIM {nearest:.4} (real {real_nearest:.4}), control {control_share:.3}: {caught}"
        )?;
        let Anatomy { area, symmetry, ventricles, intensity } = self.anatomy;
        let rows = [("area", area), ("symmetry", symmetry), ("ventricles", ventricles), ("intensity", intensity)];
        for (name, Apart { samples, train, ratio }) in rows {
            writeln!(f, "{name:<15} apart {samples:.4}, training slices {train:.4}: ratio {ratio:.2}")?;
        }
        Ok(())
    }
}
