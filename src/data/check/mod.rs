//! The health of a dataset: what is in it, and everything that is wrong with it.

mod rules;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::frame::read;
use super::{Dataset, Fit, Frame, SliceFile, Split};
use crate::Result;

/// What [`Dataset::check`] found.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// The dataset's folder.
    pub root: PathBuf,
    /// No problem; warnings do not count.
    pub ok: bool,
    /// What each split holds, in the order train, validate, test; splits without a folder are left out.
    pub splits: Vec<SplitCount>,
    /// What makes the dataset unfit.
    pub problems: Vec<Finding>,
    /// What is worth knowing and may be meant.
    pub warnings: Vec<Finding>,
}

/// What a split holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SplitCount {
    /// Which one.
    pub split: Split,
    /// Image files.
    pub slices: usize,
    /// Subjects among them.
    pub subjects: usize,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What sort of thing.
    pub kind: FindingKind,
    /// The file, subject or folder it is about.
    pub subject: String,
    /// What was found, and what was expected.
    pub why: String,
}

/// The sorts of [`Finding`]; in JSON `subject-in-two-splits` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Problem: a subject has slices in two splits.
    SubjectInTwoSplits,
    /// Problem: a slice of a subject is there twice, perhaps as PNG and as JPEG.
    DuplicateSlice,
    /// Problem: two files are the same byte for byte.
    DuplicateFile,
    /// Problem: two files differ but show the same picture.
    DuplicatePicture,
    /// Problem: a file cannot be decoded.
    Unreadable,
    /// Problem: a picture is larger than the frame.
    TooLarge,
    /// Problem: a slice number above 31.
    BadNumber,
    /// Problem: `subjects.csv` puts a subject in another split than its folder does.
    SplitDisagrees,
    /// Problem: a split's folder holds no image.
    EmptySplit,
    /// Warning: a subject lacks some of its 32 slices.
    MissingSlices,
    /// Warning: a file not named `case_NNN_slice_M`, so that its subject is unknown.
    OtherName,
    /// Warning: a picture of another size than most.
    OddSize,
    /// Warning: a picture without anything in it.
    Blank,
    /// Warning: a subject without a row in `subjects.csv`, where there is that file.
    NotInSubjects,
}

/// What reading one file gave.
struct Seen<'a> {
    split: Split,
    file: &'a SliceFile,
    bytes: Option<[u8; 32]>,
    picture: Option<Picture>,
    error: Option<String>,
}

struct Picture {
    hash: [u8; 32],
    size: (u32, u32),
    blank: bool,
}

impl Dataset {
    /// Reads every slice of every split and reports what is there and all that is wrong with it.
    ///
    /// Pictures are compared by content: byte for byte, and as decoded frames.
    ///
    /// # Errors
    /// Only when nothing can be said at all: no dataset at `root`, or a `subjects.csv` that does not parse.
    pub fn check(root: &Path) -> Result<CheckReport> {
        Self::check_with(root, &|_, _| {})
    }

    /// [`Dataset::check`], calling `progress` with (files read, files in all) from several threads.
    ///
    /// # Errors
    /// As [`Dataset::check`].
    pub fn check_with(root: &Path, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<CheckReport> {
        let dataset = Dataset::scan(root)?;
        let files: Vec<_> =
            dataset.splits().flat_map(|split| dataset.files(split).map(move |file| (split, file))).collect();
        let done = AtomicUsize::new(0);
        let seen: Vec<_> = files
            .par_iter()
            .map(|&(split, file)| {
                let seen = look(split, file);
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
                seen
            })
            .collect();
        let mut problems = rules::splits_apart(&dataset);
        problems.extend(rules::each_file(&seen));
        problems.extend(rules::duplicates(&seen));
        let warnings = rules::curious(&dataset, &seen);
        Ok(CheckReport {
            root: root.to_path_buf(),
            ok: problems.is_empty(),
            splits: dataset
                .splits()
                .map(|split| SplitCount {
                    split,
                    slices: dataset.files(split).count(),
                    subjects: dataset.cases(split).len(),
                })
                .collect(),
            problems,
            warnings,
        })
    }
}

fn look(split: Split, file: &SliceFile) -> Seen<'_> {
    let mut seen = Seen { split, file, bytes: None, picture: None, error: None };
    let frame = read(&file.path).and_then(|bytes| {
        seen.bytes = Some(Sha256::digest(&bytes).into());
        Frame::from_bytes(&bytes, &file.path, Fit::Resize)
    });
    match frame {
        Ok(frame) => {
            let mut hash = Sha256::new();
            for value in &frame.pixels {
                hash.update(value.to_le_bytes());
            }
            seen.picture = Some(Picture {
                hash: hash.finalize().into(),
                size: frame.source_size(),
                blank: frame.pixels.iter().all(|&value| value == 0.0),
            });
        }
        Err(error) => seen.error = Some(error.why().to_string()),
    }
    seen
}
