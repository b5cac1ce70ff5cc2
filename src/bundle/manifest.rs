//! `bundle.json`: what a bundle holds, how it was made, what it scored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::contract::{IMAGE, Sizes};
use super::keys;

/// The version of the manifest's schema that is written and read.
pub const SCHEMA_VERSION: u32 = 1;

/// The content of `bundle.json`. Fields that this version does not know are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The schema's version: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The id of the VQ-VAE training run: the same as in every file's metadata.
    pub run: String,
    /// The files by role.
    #[serde(default)]
    pub files: BTreeMap<String, FileEntry>,
    /// Rows and columns of the image: 256, 256.
    pub image: [usize; 2],
    /// Rows and columns of the grid of codes.
    pub grid: [usize; 2],
    /// The number of codewords K.
    pub codebook_size: usize,
    /// The length of a codeword D.
    pub latent_dim: usize,
    /// What the prior's condition may say.
    pub condition: Vocabulary,
    /// How an image file becomes the encoder's input.
    pub preprocessing: String,
    /// How the model was made.
    #[serde(default)]
    pub made: Made,
    /// How the exported files were checked against the model they came from.
    #[serde(default)]
    pub verification: Verification,
    /// What the model scored; free form.
    #[serde(default)]
    pub scores: Value,
    /// Everything else.
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileEntry {
    /// Its name within the bundle's folder.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The vocabulary of the prior's condition `(slice, class)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Vocabulary {
    /// The number of slice positions: 0 to this less one.
    pub slice_positions: i64,
    /// The value that means any slice position.
    pub slice_any: i64,
    /// The dementia classes, in order.
    pub classes: Vec<String>,
    /// The value that means any class.
    pub class_any: i64,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self {
            slice_positions: 32,
            slice_any: 32,
            classes: ["CDR 0", "CDR 0.5", "CDR 1 or more"].map(str::to_owned).to_vec(),
            class_any: 3,
        }
    }
}

/// How a model was made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Made {
    /// A digest of the data set.
    pub dataset_digest: String,
    /// The split that it was trained on.
    pub split: String,
    /// The training seed.
    pub seed: u64,
    /// The source's commit.
    pub commit: String,
    /// The device that it was trained on.
    pub device: String,
    /// Versions of what made it, by name.
    pub versions: BTreeMap<String, String>,
    /// Everything else.
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

/// How exported files were checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Verification {
    /// Burn against tract: the largest absolute error by role, or a sentence.
    pub tract: Value,
    /// Burn against ONNX Runtime: the same, or [`Verification::NOT_ON_ORT`].
    pub ort: Value,
}

impl Verification {
    /// What [`Verification::ort`] says where no ONNX Runtime was found.
    pub const NOT_ON_ORT: &'static str = "not verified on ort";
}

impl Default for Verification {
    fn default() -> Self {
        Self { tract: Value::Null, ort: Self::NOT_ON_ORT.into() }
    }
}

impl Manifest {
    /// A manifest of the given sizes, without its files, which the writer of the bundle fills in.
    pub fn new(run: impl Into<String>, sizes: Sizes) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            run: run.into(),
            files: BTreeMap::new(),
            image: IMAGE,
            grid: sizes.grid,
            codebook_size: sizes.codebook_size,
            latent_dim: sizes.latent_dim,
            condition: Vocabulary::default(),
            preprocessing: keys::PREPROCESSING_TEXT.to_owned(),
            made: Made::default(),
            verification: Verification::default(),
            scores: Value::Null,
            other: serde_json::Map::new(),
        }
    }
}
