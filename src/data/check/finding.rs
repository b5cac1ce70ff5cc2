//! What a check reports.

use std::path::PathBuf;

use serde::Serialize;

use crate::data::slice::Split;

/// What [`crate::data::Dataset::check`] found.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// The dataset's folder.
    pub root: PathBuf,
    /// Whether there are no problems; warnings do not count.
    pub ok: bool,
    /// What each split holds, in the order train, validate, test; splits without a folder are left out.
    pub splits: Vec<SplitCount>,
    /// What makes the dataset unfit for training.
    pub problems: Vec<Finding>,
    /// What may be intended, but is worth knowing.
    pub warnings: Vec<Finding>,
}

/// What a split holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SplitCount {
    /// The split.
    pub split: Split,
    /// Its image files.
    pub slices: usize,
    /// The subjects that these are of.
    pub subjects: usize,
}

/// A problem or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What sort of problem or warning it is.
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
    /// Warning: a picture without anything in it, other than at the ends of a volume.
    Blank,
    /// Warning: a picture whose values are unlike those of a slice: almost black, or few different ones.
    OddValues,
    /// Warning: a subject without a row in `subjects.csv`, where there is that file.
    NotInSubjects,
}
