//! SSIM and the rest over a split.

use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::chunks::{Failure, Stream, image, stack};
use super::scores::{ScoreRow, Scores, codes_of, read_csv};
use crate::bundle::Sizes;
use crate::runtime::Oasis;
use crate::{Error, Result};

/// What `oasis eval` reports; see the contract for every field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvalReport {
    /// The engine.
    pub backend: String,
    /// Slices that were scored.
    pub images: usize,
    /// SSIM on the frame.
    pub ssim: Spread,
    /// SSIM where there is brain.
    pub ssim_brain: Low,
    /// PSNR in dB.
    pub psnr: Mean,
    /// How the codebook is used.
    pub codes: Codes,
    /// Wall time: decoding, running and scoring.
    pub seconds: f64,
}

/// Mean, standard deviation (of the population) and range.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Spread {
    pub mean: f64,
    pub std: f64,
    pub min: f64,
    pub max: f64,
}

/// Mean and minimum.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Low {
    pub mean: f64,
    pub min: f64,
}

/// A mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Mean {
    pub mean: f64,
}

/// How the codebook is used over all slices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Codes {
    /// Codes `[h, w]` an image.
    pub grid: [usize; 2],
    /// K.
    pub codebook_size: usize,
    /// Codewords used at least once.
    pub used: usize,
    /// `exp` of the entropy of the codewords' shares.
    pub perplexity: f64,
    /// `h * w * log2 K`.
    pub bits_per_image: f64,
}

/// Scores every slice of `stream`.
///
/// # Errors
/// The engine fails, or no slice could be read at all.
pub fn evaluate(oasis: &Oasis, stream: &mut Stream<'_>) -> Result<(Scores, EvalReport, Vec<Failure>)> {
    let started = Instant::now();
    let mut scores = Scores::default();
    let failures = stream.run(|frames| {
        let images = stack(frames);
        let codes = oasis.encode(images.view())?;
        let reconstructions = oasis.decode(codes.view())?;
        let rows: Vec<ScoreRow> = frames
            .par_iter()
            .enumerate()
            .map(|(index, (file, frame))| {
                let codes = codes_of(codes.view(), index);
                ScoreRow::new(file, frame.pixels.view(), image(&reconstructions, index), codes)
            })
            .collect();
        scores.rows.extend(rows);
        Ok(())
    })?;
    if scores.rows.is_empty() {
        return Err(match failures.into_iter().next() {
            Some(failure) => failure.error,
            None => Error::new(crate::ErrorKind::Input, "nothing to evaluate", "--data", "there are no slices"),
        });
    }
    let seconds = started.elapsed().as_secs_f64();
    let report = EvalReport::new(oasis.engine().name(), &scores.rows, oasis.sizes(), seconds);
    Ok((scores, report, failures))
}

/// Joins the scores of shards, in the order of the slices' names, as one run would have given them.
///
/// # Errors
/// A file cannot be read, or a slice is in two of them.
pub fn merge(files: &[PathBuf], backend: &str, sizes: Sizes) -> Result<(Scores, EvalReport)> {
    let mut rows = Vec::new();
    for file in files {
        rows.extend(read_csv(file)?);
    }
    rows.sort_by_cached_key(|row| (row.case, row.slice, row.file.clone()));
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].file == pair[1].file) {
        let why = format!("the slice {} is in them twice", pair[0].file);
        return Err(Error::input("cannot merge scores", &files[0], why).hint("pass each shard once"));
    }
    if rows.is_empty() {
        let first = files.first().map_or(Path::new("--merge"), PathBuf::as_path);
        return Err(Error::input("cannot merge scores", first, "there are no rows in any of the files"));
    }
    let report = EvalReport::new(backend, &rows, sizes, 0.0);
    Ok((Scores { rows }, report))
}

impl EvalReport {
    fn new(backend: &str, rows: &[ScoreRow], sizes: Sizes, seconds: f64) -> Self {
        let count = rows.len() as f64;
        let mean = |value: fn(&ScoreRow) -> f64| rows.iter().map(value).sum::<f64>() / count;
        let min = |value: fn(&ScoreRow) -> f64| rows.iter().map(value).fold(f64::INFINITY, f64::min);
        let ssim = mean(|row| row.ssim);
        let variance = rows.iter().map(|row| (row.ssim - ssim).powi(2)).sum::<f64>() / count;
        let mut uses = vec![0u64; sizes.codebook_size];
        for (code, count) in rows.iter().flat_map(ScoreRow::code_counts) {
            if let Some(slot) = usize::try_from(code).ok().and_then(|code| uses.get_mut(code)) {
                *slot += count;
            }
        }
        let [height, width] = sizes.grid;
        Self {
            backend: backend.to_owned(),
            images: rows.len(),
            ssim: Spread {
                mean: ssim,
                std: variance.sqrt(),
                min: min(|row| row.ssim),
                max: rows.iter().map(|row| row.ssim).fold(f64::NEG_INFINITY, f64::max),
            },
            ssim_brain: Low { mean: mean(|row| row.ssim_brain), min: min(|row| row.ssim_brain) },
            psnr: Mean { mean: mean(|row| row.psnr) },
            codes: Codes {
                grid: sizes.grid,
                codebook_size: sizes.codebook_size,
                used: uses.iter().filter(|&&count| count > 0).count(),
                perplexity: perplexity(&uses),
                bits_per_image: (height * width) as f64 * (sizes.codebook_size as f64).log2(),
            },
            seconds,
        }
    }
}

/// `exp` of the entropy of the shares of `uses`.
fn perplexity(uses: &[u64]) -> f64 {
    let total = uses.iter().sum::<u64>() as f64;
    let share = |&count: &u64| count as f64 / total;
    uses.iter().filter(|&&count| count > 0).map(share).map(|p| -p * p.ln()).sum::<f64>().exp()
}
