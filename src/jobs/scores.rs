//! The scores of each slice, as rows of a CSV file that can be merged without loss.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use ndarray::{ArrayView2, ArrayView3, Axis};
use serde::{Deserialize, Serialize};

use super::cell;
use crate::data::SliceFile;
use crate::fs::Draft;
use crate::runtime::Oasis;
use crate::{Result, metrics};

/// The columns of a file of scores: the fields of [`ScoreRow`].
pub(super) const COLUMNS: [&str; 9] =
    ["file", "case", "slice", "ssim", "ssim_brain", "psnr", "codes", "backend", "bundle"];

/// One slice's scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ScoreRow {
    /// The file's name, without its folder unless names repeat.
    #[serde(with = "cell")]
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
    /// The engine.
    pub backend: String,
    /// The bundle, by its [`crate::bundle::Bundle::id`].
    pub bundle: String,
}

/// The engine and the bundle that scores come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// The engine.
    pub backend: String,
    /// The bundle, by its [`crate::bundle::Bundle::id`].
    pub bundle: String,
}

impl Origin {
    /// The engine and the bundle of a pipeline.
    pub(super) fn of(oasis: &Oasis) -> Self {
        Self { backend: oasis.engine().name().to_owned(), bundle: oasis.bundle().id() }
    }
}

impl ScoreRow {
    /// Scores a reconstruction (floats, before any rounding) and its codes `[h, w]`; `label` is how the row names `file`.
    pub(super) fn new(
        label: String,
        file: &SliceFile,
        original: ArrayView2<'_, f32>,
        reconstruction: ArrayView2<'_, f32>,
        codes: ArrayView2<'_, i64>,
        origin: &Origin,
    ) -> Self {
        let mut counts = BTreeMap::<i64, usize>::new();
        for &code in codes {
            *counts.entry(code).or_default() += 1;
        }
        let codes: Vec<String> = counts.iter().map(|(code, count)| format!("{code}:{count}")).collect();
        let (ssim, ssim_brain) = metrics::ssim_both(original, reconstruction);
        Self {
            file: label,
            case: file.case,
            slice: file.position,
            ssim,
            ssim_brain,
            psnr: metrics::psnr(original, reconstruction),
            codes: codes.join(" "),
            backend: origin.backend.clone(),
            bundle: origin.bundle.clone(),
        }
    }

    /// The codes and how often each is used, once at least; an error is what is no such entry.
    pub(super) fn code_counts(&self) -> impl Iterator<Item = Result<(i64, u64), &str>> {
        self.codes.split(' ').map(|entry| {
            let parse = || {
                let (code, count) = entry.split_once(':')?;
                Some((code.parse().ok()?, count.parse().ok().filter(|count| *count > 0)?))
            };
            parse().ok_or(entry)
        })
    }

    /// The engine and the bundle that the row comes from.
    pub(super) fn origin(&self) -> Origin {
        Origin { backend: self.backend.clone(), bundle: self.bundle.clone() }
    }
}

/// A CSV file of scores that is written a row at a time and appears when it is finished. Floats keep every bit.
pub(super) struct ScoreFile {
    writer: csv::Writer<Draft>,
    empty: bool,
}

impl ScoreFile {
    /// Begins a file that the user named.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file, where it cannot be written.
    pub(super) fn create(path: &Path) -> Result<Self> {
        Ok(Self { writer: csv::Writer::from_writer(Draft::create(path)?), empty: true })
    }

    /// Begins a file that this program names, in a folder that the user named.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file, where it cannot be written.
    pub(super) fn inside(path: &Path) -> Result<Self> {
        Ok(Self { writer: csv::Writer::from_writer(Draft::inside(path)?), empty: true })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file, where it cannot be written.
    pub(super) fn add(&mut self, row: &ScoreRow) -> Result<()> {
        self.empty = false;
        self.writer.serialize(row).map_err(|error| self.writer.get_ref().failed(std::io::Error::other(error)))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file, where it cannot be written.
    pub(super) fn finish(self) -> Result<()> {
        let Self { writer, empty } = self;
        let mut draft = match writer.into_inner() {
            Ok(draft) => draft,
            Err(error) => {
                let why = std::io::Error::other(error.error().to_string());
                return Err(error.into_inner().get_ref().failed(why));
            }
        };
        if empty {
            let header = format!("{}\n", COLUMNS.join(","));
            draft.write_all(header.as_bytes()).map_err(|error| draft.failed(error))?;
        }
        draft.finish()
    }
}

/// The codes of image `index`.
pub(super) fn codes_of(codes: ArrayView3<'_, i64>, index: usize) -> ArrayView2<'_, i64> {
    codes.index_axis_move(Axis(0), index)
}
