//! SSIM and the rest over a split.

use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::chunks::{Failure, Stream, image, stack};
use super::scores::{ScoreRow, Scores, codes_of, read_csv};
use crate::bundle::Sizes;
use crate::metrics::{CodeUsage, Summary};
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
    pub ssim: Summary,
    /// SSIM where there is brain.
    pub ssim_brain: Low,
    /// PSNR in dB.
    pub psnr: Mean,
    /// How the codebook is used.
    pub codes: Codes,
    /// Wall time: decoding, running and scoring.
    pub seconds: f64,
}

/// Mean and minimum over the slices that have brain; `None` where none has.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Low {
    pub mean: Option<f64>,
    pub min: Option<f64>,
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
    let report = EvalReport::new(oasis.engine().name(), &scores.rows, oasis.sizes(), seconds)?;
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
    let report = EvalReport::new(backend, &rows, sizes, 0.0)?;
    Ok((Scores { rows }, report))
}

impl EvalReport {
    fn new(backend: &str, rows: &[ScoreRow], sizes: Sizes, seconds: f64) -> Result<Self> {
        let of = |value: fn(&ScoreRow) -> f64| {
            Summary::of(&rows.iter().map(value).collect::<Vec<_>>()).expect("there are rows")
        };
        // A slice without brain has no such score.
        let brain: Vec<f64> = rows.iter().map(|row| row.ssim_brain).filter(|score| !score.is_nan()).collect();
        let brain = Summary::of(&brain);
        let mut usage = CodeUsage::new(sizes.codebook_size);
        for (code, count) in rows.iter().flat_map(ScoreRow::code_counts) {
            usage.add(std::iter::repeat_n(&code, count as usize)).map_err(|error| {
                Error::new(crate::ErrorKind::Input, "scores of another model", "--merge", error)
                    .hint("pass the --bundle that the scores were made with")
            })?;
        }
        let [height, width] = sizes.grid;
        Ok(Self {
            backend: backend.to_owned(),
            images: rows.len(),
            ssim: of(|row| row.ssim),
            ssim_brain: Low { mean: brain.map(|brain| brain.mean), min: brain.map(|brain| brain.min) },
            psnr: Mean { mean: of(|row| row.psnr).mean },
            codes: Codes {
                grid: sizes.grid,
                codebook_size: sizes.codebook_size,
                used: usage.used(),
                perplexity: usage.perplexity(),
                bits_per_image: usage.bits_per_image(height, width),
            },
            seconds,
        })
    }
}
