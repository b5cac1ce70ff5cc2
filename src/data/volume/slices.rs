//! Neighbouring axial slices of a volume: their values, and their grey levels.

use std::path::{Path, PathBuf};

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::grey::{Range, Scale, Values};
use super::slab::Slab;
use super::why::failed;
use crate::Result;

/// A file that a volume was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadFile {
    /// The file.
    #[serde(serialize_with = "crate::plain::text_of::path")]
    pub path: PathBuf,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// Neighbouring axial slices of a volume.
#[derive(Debug)]
pub struct Slices {
    slab: Slab,
    float: bool,
    path: PathBuf,
    /// The files that they were read from.
    pub files: Vec<ReadFile>,
}

/// Slices whose values were looked at.
#[derive(Debug)]
pub struct GreySlices {
    slab: Slab,
    range: Range,
    /// The files that they were read from.
    pub files: Vec<ReadFile>,
}

impl Slices {
    /// Slices whose voxels are in the file `path`.
    pub(super) fn new(slab: Slab, float: bool, path: &Path, files: Vec<ReadFile>) -> Self {
        Self { slab, float, path: path.to_owned(), files }
    }

    /// A slice, 0 being the lowest that was read: values as the header scales them, the first row being the foremost, the
    /// first column the leftmost of the head.
    ///
    /// # Panics
    /// If there are not as many slices.
    pub fn values(&self, index: usize) -> Array2<f64> {
        self.slab.slice(index)
    }

    /// Looks at the values of all slices. Black is 0; what is below, and what is no number, becomes 0. White is the highest
    /// value, of each slice or of all by `scale`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`]: all is black, a value is infinite, more than 1% of the values that are not 0 are below
    /// it, or the bytes of the voxels are in another order than the header says.
    pub fn grey(self, scale: Scale) -> Result<GreySlices> {
        let range = Range::of(&self.slab, scale, self.float).map_err(|why| failed(&self.path, why))?;
        Ok(GreySlices { slab: self.slab, range, files: self.files })
    }
}

impl GreySlices {
    /// What their values are.
    pub fn values(&self) -> &Values {
        &self.range.values
    }

    /// What white is in a slice; 0 where all of it is black.
    pub fn white(&self, index: usize) -> f64 {
        self.range.white[index]
    }

    /// A slice in 8 bits.
    pub fn bytes(&self, index: usize) -> Array2<u8> {
        self.range.levels(&self.slab, index, 255).mapv(|level| level as u8)
    }

    /// A slice in 16 bits.
    pub fn words(&self, index: usize) -> Array2<u16> {
        self.range.levels(&self.slab, index, u16::MAX)
    }
}
