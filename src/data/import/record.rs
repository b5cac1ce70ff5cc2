//! `import.json`: what came from where, and what was left out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::sheet::Known;
use crate::data::slice::Split;
use crate::data::volume::{ReadFile, Scale, Values};

/// The file's name in a dataset's root.
pub(super) const FILE: &str = "import.json";

/// How slices are made; a run that goes on with another's work must have the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Making {
    /// Where the slab begins, where that was asked for.
    pub slab: Option<String>,
    /// What white is.
    pub scale: Scale,
    /// Bits of a pixel: 8 or 16.
    pub bits: u8,
    /// Which way the axes of files run, where that was asked for.
    pub axes: Option<String>,
    /// Whether all volumes were said to lie in an atlas.
    pub registered: bool,
}

/// A volume whose slices were written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Imported {
    /// NNN of `case_NNN_slice_M`.
    pub case: u32,
    /// Who it is of.
    pub subject: String,
    /// Which scan of the subject; empty where there is one.
    pub session: String,
    /// Age and dementia rating.
    #[serde(flatten)]
    pub known: Known,
    /// The file with the header, from the root of the tree.
    pub path: String,
    /// `Analyze 7.5`, `NIfTI-1` or `NIfTI-2`.
    pub format: String,
    /// The files that were read.
    pub files: Vec<ReadFile>,
    /// Voxels along each axis of the file.
    pub shape: [usize; 3],
    /// Which way these axes run.
    pub axes: String,
    /// The lowest and the highest slice that were taken, counted from the lowest of the volume.
    pub slab: [usize; 2],
    /// Their heights in millimetres, where the header has any.
    pub heights: Option<[f64; 2]>,
    /// Whether it is said to lie in an atlas.
    pub registered: bool,
    /// What its values are.
    pub values: Values,
    /// What about it is unlike what models are trained on.
    pub warnings: Vec<String>,
}

/// Files that were not taken, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotTaken {
    /// What they are.
    pub why: String,
    /// How many.
    pub count: usize,
    /// The first, from the root of the tree.
    pub first: String,
}

/// A volume that could not be used.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Unusable {
    /// The file with the header.
    #[serde(serialize_with = "crate::plain::text_of::path")]
    pub path: PathBuf,
    /// Why.
    pub why: String,
    /// The error.
    #[serde(skip)]
    pub error: crate::Error,
}

/// What an import did.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ImportReport {
    /// The dataset's folder.
    #[serde(serialize_with = "crate::plain::text_of::path")]
    pub out: PathBuf,
    /// The tree.
    #[serde(serialize_with = "crate::plain::text_of::path")]
    pub tree: PathBuf,
    /// The version of this program.
    pub version: String,
    /// How slices were made.
    pub making: Making,
    /// Decides the splits.
    pub seed: u64,
    /// Subjects in each split.
    pub subjects: BTreeMap<Split, usize>,
    /// Slices in all.
    pub slices: usize,
    /// Volumes that an earlier run had done.
    pub resumed: usize,
    /// The volumes, in the order of their numbers.
    pub volumes: Vec<Row>,
    /// Files that were not taken.
    pub left_out: Vec<NotTaken>,
    /// Volumes that could not be used.
    pub failed: Vec<Unusable>,
    /// What is odd about notes, tables and volumes.
    pub warnings: Vec<String>,
}

/// A volume and its split.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The split of its subject.
    pub split: Split,
    /// The volume.
    #[serde(flatten)]
    pub volume: Imported,
}
