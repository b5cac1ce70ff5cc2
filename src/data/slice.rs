//! The name of a slice and the split it belongs to.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

/// Neighbouring slices of one subject: positions 0 (bottom) to 31 (top).
pub const SLICES: u8 = 32;

/// What may follow `case_NNN_slice_M.`, in any case of letters.
const SUFFIXES: [&str; 6] = ["nii.png", "png", "jpg", "jpeg", "nii.jpg", "nii.jpeg"];

/// A part of a dataset. No subject is in two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// The slices that weights are fitted to.
    Train,
    /// The slices that runs and epochs are compared on.
    Validate,
    /// The slices that results are reported on; nothing is chosen by them.
    Test,
}

impl Split {
    /// All three, in the order train, validate, test.
    pub const ALL: [Split; 3] = [Split::Train, Split::Validate, Split::Test];

    /// `train`, `validate` or `test`.
    pub fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Validate => "validate",
            Split::Test => "test",
        }
    }

    /// The split's folder inside a dataset: `keras_png_slices_train` and so on.
    pub fn folder(self) -> &'static str {
        match self {
            Split::Train => "keras_png_slices_train",
            Split::Validate => "keras_png_slices_validate",
            Split::Test => "keras_png_slices_test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Split {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Split::ALL.into_iter().find(|split| split.name() == text).ok_or_else(|| {
            Error::new(ErrorKind::Usage, "unknown split", text, "expected train, validate or test")
                .hint("set `split` to train, validate or test")
        })
    }
}

/// One slice on disk, with what its name tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SliceFile {
    /// Where it is.
    pub path: PathBuf,
    /// NNN of `case_NNN_slice_M`, the subject; `None` when the name has another shape.
    pub case: Option<u32>,
    /// M of `case_NNN_slice_M`, 0..=31, bottom to top; `None` when the name has another shape or M is above 31.
    pub position: Option<u8>,
}

impl SliceFile {
    /// Parses the name `case_NNN_slice_M.{nii.png,png,jpg,jpeg,nii.jpg,nii.jpeg}`; the file itself is not opened.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let (case, position) = match parse(&path) {
            Some((case, slice)) => (Some(case), u8::try_from(slice).ok().filter(|&slice| slice < SLICES)),
            None => (None, None),
        };
        Self { path, case, position }
    }

    /// The file's name without its folder, with bytes that are no UTF-8 as `\xHH`.
    pub fn file_name(&self) -> String {
        self.path.file_name().map(crate::plain::spell).unwrap_or_default()
    }
}

/// Case and slice number of a file name, the slice number as written.
pub(super) fn parse(path: &Path) -> Option<(u32, u32)> {
    let name = path.file_name()?.to_str()?;
    let (stem, suffix) = name.split_once('.')?;
    if !SUFFIXES.iter().any(|known| known.eq_ignore_ascii_case(suffix)) {
        return None;
    }
    let (case, slice) = stem.strip_prefix("case_")?.split_once("_slice_")?;
    Some((digits(case)?, digits(slice)?))
}

/// A number of digits alone: `u32::from_str` would take a plus sign too.
fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
