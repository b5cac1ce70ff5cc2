//! Scores a slice at a time, as rows of a CSV file that can be merged without loss.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use ndarray::{ArrayView2, ArrayView3, Axis};
use serde::{Deserialize, Serialize};

use crate::data::SliceFile;
use crate::{Error, Result, metrics};

/// One slice's scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// The file's name, without its folder.
    pub file: String,
    /// The subject, where the name tells.
    pub case: Option<u32>,
    /// The slice position, where the name tells.
    pub slice: Option<u8>,
    /// SSIM on the 256x256 frame.
    pub ssim: f64,
    /// Mean of the SSIM map where the original is above 0.02.
    pub ssim_brain: f64,
    /// PSNR in dB.
    pub psnr: f64,
    /// How often each code is used, as `code:count`, in order of the codes.
    pub codes: String,
}

impl ScoreRow {
    /// Scores a reconstruction (floats, before any rounding) and its codes `[h, w]`.
    pub fn new(
        file: &SliceFile,
        original: ArrayView2<'_, f32>,
        reconstruction: ArrayView2<'_, f32>,
        codes: ArrayView2<'_, i64>,
    ) -> Self {
        let mut counts = BTreeMap::<i64, usize>::new();
        for &code in codes {
            *counts.entry(code).or_default() += 1;
        }
        let codes: Vec<String> = counts.iter().map(|(code, count)| format!("{code}:{count}")).collect();
        Self {
            file: file.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            case: file.case,
            slice: file.position,
            ssim: metrics::ssim(original, reconstruction),
            ssim_brain: metrics::ssim_brain(original, reconstruction),
            psnr: metrics::psnr(original, reconstruction),
            codes: codes.join(" "),
        }
    }

    /// The codes and how often each is used.
    pub fn code_counts(&self) -> impl Iterator<Item = (i64, u64)> + '_ {
        self.codes.split_whitespace().filter_map(|entry| {
            let (code, count) = entry.split_once(':')?;
            Some((code.parse().ok()?, count.parse().ok()?))
        })
    }
}

/// Scores in the order of the slices.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    /// A row a slice.
    pub rows: Vec<ScoreRow>,
}

impl Scores {
    /// Writes the rows as CSV; floats keep every bit.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        crate::fs::write_atomic(path, |file| {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for row in &self.rows {
                writer.serialize(row).map_err(std::io::Error::other)?;
            }
            if self.rows.is_empty() {
                writer
                    .write_record(["file", "case", "slice", "ssim", "ssim_brain", "psnr", "codes"])
                    .map_err(std::io::Error::other)?;
            }
            let bytes = writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
            file.write_all(&bytes)
        })
    }
}

/// Reads what [`Scores::write`] wrote.
///
/// # Errors
/// The file cannot be read, or is no such file.
pub fn read_csv(path: &Path) -> Result<Vec<ScoreRow>> {
    let wrong =
        |why: csv::Error| Error::input("cannot read scores", path, why).hint("pass files that oasis eval --csv wrote");
    csv::Reader::from_path(path).map_err(wrong)?.deserialize().collect::<Result<_, _>>().map_err(wrong)
}

/// The codes of image `index`.
pub(super) fn codes_of(codes: ArrayView3<'_, i64>, index: usize) -> ArrayView2<'_, i64> {
    codes.index_axis_move(Axis(0), index)
}
