//! `run.json`: what a run trains, and on what.

use std::fmt;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::Preset;
use crate::{Error, Result};

const FILE: &str = "run.json";
/// Larger files are refused: 1 MiB.
const MAX_FILE: u64 = 1 << 20;

/// Which of the two models a run trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// The VQ-VAE.
    Vqvae,
    /// The prior over its codes.
    Prior,
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vqvae => "VQ-VAE",
            Self::Prior => "prior",
        })
    }
}

/// The content of `run.json`: what it takes to resume a run, to publish its model, and to tell it from other runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunRecord {
    /// The model that is trained.
    pub kind: ModelKind,
    /// The preset's name.
    pub preset_name: String,
    /// The preset with all overrides applied.
    pub preset: Preset,
    /// The seed of every random draw.
    pub seed: u64,
    /// The device that trains: `cpu`, `vulkan` or `cuda`.
    pub device: String,
    /// The versions of this crate and of Burn.
    pub versions: String,
    /// The commit of the source, where it is known.
    pub commit: Option<String>,
    /// SHA-256 over the training and validation slices.
    pub dataset: String,
    /// The splits that are trained on.
    pub splits: Vec<String>,
    /// How many training slices there are.
    pub slices: usize,
    /// SHA-256 of the weights of the VQ-VAE whose codes a prior is trained on.
    pub vqvae: Option<String>,
}

impl RunRecord {
    /// Reads the `run.json` of a run folder.
    ///
    /// # Errors
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) where there is none, or it is not one that this version
    /// understands.
    pub fn read(root: &Path) -> Result<Self> {
        let path = root.join(FILE);
        let text = crate::fs::read_text(&path, MAX_FILE).map_err(|why| {
            Error::input("not a run folder", &path, &why).caused_by(why).hint("`oasis train` writes run folders")
        })?;
        let bad = |why: Error| why.hint("restore the file, or train again into another folder for `out`");
        let record: Self = serde_json::from_str(&text)
            .map_err(|why| bad(Error::input("cannot use the run", &path, &why).caused_by(why)))?;
        record
            .preset
            .validate()
            .map_err(|why| bad(Error::input("cannot use the run", &path, why.message()).caused_by(why)))?;
        Ok(record)
    }

    /// Writes it into a run folder.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(&self, root: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).expect("a record is JSON");
        crate::fs::write_inside(&root.join(FILE), |file| file.write_all(text.as_bytes()))
    }

    /// Whether a run with this record may be resumed as one with `other`: they train the same model on the same slices
    /// with the same settings. Device, versions and number of epochs may differ.
    pub(super) fn resumes_as(&self, other: &Self) -> bool {
        let fixed = |record: &Self| {
            let mut record = record.clone();
            record.preset.vqvae_training.recipe.epochs = 1;
            record.preset.prior_training.recipe.epochs = 1;
            Self { device: String::new(), versions: String::new(), commit: None, ..record }
        };
        fixed(self) == fixed(other)
    }
}
