//! The report on the scores of many slices.

use std::collections::BTreeSet;

use serde::Serialize;

use super::scores::{Origin, ScoreRow};
use crate::bundle::Sizes;
use crate::metrics::{CodeUsage, Summary, interval_by_group};
use crate::{Error, ErrorKind, Result};

/// What an evaluation reports.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EvalReport {
    /// The engine.
    pub backend: String,
    /// Slices that were scored.
    pub images: usize,
    /// SSIM on the frame.
    pub ssim: Summary,
    /// SSIM where there is brain.
    pub ssim_brain: Low,
    /// PSNR in dB.
    pub psnr: Mean,
    /// How the codebook is used.
    pub codes: CodesReport,
    /// How far the means can be trusted.
    pub confidence: Confidence,
    /// Wall time: decoding, running and scoring.
    pub seconds: f64,
}

/// 95% confidence intervals of the means, as lower and upper bound, for new subjects ([`interval_by_group`]). `None` where
/// there are fewer than two subjects.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Confidence {
    /// The number of subjects. A slice whose name does not tell its subject counts as one of its own.
    pub subjects: usize,
    /// The bounds of the mean SSIM.
    pub ssim: Option<[f64; 2]>,
    /// The bounds of the mean SSIM where there is brain.
    pub ssim_brain: Option<[f64; 2]>,
    /// The bounds of the mean PSNR, in dB.
    pub psnr: Option<[f64; 2]>,
}

/// Mean and minimum over the slices that have brain; `None` where no slice has any.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Low {
    /// The arithmetic mean.
    pub mean: Option<f64>,
    /// The smallest value.
    pub min: Option<f64>,
}

/// A mean by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Mean {
    /// The arithmetic mean.
    pub mean: f64,
}

/// How the codebook is used over all slices.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CodesReport {
    /// Rows and columns of the codes of an image.
    pub grid: [usize; 2],
    /// The number of codewords, K.
    pub codebook_size: usize,
    /// Codewords that are used at least once.
    pub used: usize,
    /// `exp` of the entropy of the codewords' shares.
    pub perplexity: f64,
    /// `h * w * log2 K`.
    pub bits_per_image: f64,
}

/// A slice's subject and one of its scores.
type Score = (Option<u32>, f64);

/// The scores of slices so far, a few numbers each.
pub(super) struct Tally {
    ssim: Vec<Score>,
    /// A slice without brain has no such score.
    brain: Vec<Score>,
    psnr: Vec<Score>,
    usage: CodeUsage,
    grid: [usize; 2],
}

impl Tally {
    pub(super) fn new(sizes: Sizes) -> Self {
        let usage = CodeUsage::new(sizes.codebook_size);
        Self { ssim: Vec::new(), brain: Vec::new(), psnr: Vec::new(), usage, grid: sizes.grid }
    }

    pub(super) fn images(&self) -> usize {
        self.ssim.len()
    }

    /// Adds a slice.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] where its codes are not of the model's codebook.
    pub(super) fn add(&mut self, row: &ScoreRow) -> Result<()> {
        self.ssim.push((row.case, row.ssim));
        self.psnr.push((row.case, row.psnr));
        self.brain.extend(Some((row.case, row.ssim_brain)).filter(|(_, score)| !score.is_nan()));
        for (code, count) in row.code_counts().flatten() {
            self.usage.add(std::iter::repeat_n(&code, count as usize)).map_err(|error| {
                Error::new(ErrorKind::Input, "scores of another model", &row.file, &error)
                    .caused_by(error)
                    .hint("set `bundle` to the bundle that the scores were made with")
            })?;
        }
        Ok(())
    }

    /// The report on at least one slice.
    pub(super) fn report(&self, origin: &Origin, seconds: f64) -> EvalReport {
        let of = |scores: &[Score]| Summary::of(&scores.iter().map(|(_, score)| *score).collect::<Vec<_>>());
        let all = |scores| of(scores).expect("there are slices");
        let brain = of(&self.brain);
        let named: BTreeSet<u32> = self.ssim.iter().filter_map(|(case, _)| *case).collect();
        let nameless = self.ssim.iter().filter(|(case, _)| case.is_none()).count();
        let [height, width] = self.grid;
        EvalReport {
            backend: origin.backend.clone(),
            images: self.images(),
            ssim: all(&self.ssim),
            ssim_brain: Low { mean: brain.map(|brain| brain.mean), min: brain.map(|brain| brain.min) },
            psnr: Mean { mean: all(&self.psnr).mean },
            codes: CodesReport {
                grid: self.grid,
                codebook_size: self.usage.codebook_size(),
                used: self.usage.used(),
                perplexity: self.usage.perplexity(),
                bits_per_image: self.usage.bits_per_image(height, width),
            },
            confidence: Confidence {
                subjects: named.len() + nameless,
                ssim: interval_by_group(&self.ssim),
                ssim_brain: interval_by_group(&self.brain),
                psnr: interval_by_group(&self.psnr),
            },
            seconds,
        }
    }
}
