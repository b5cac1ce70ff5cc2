//! What to train, on what, into which folder.

use std::path::PathBuf;

use super::device::DeviceKind;
use crate::Result;
use crate::model::Preset;

/// What to train, on what, into which folder.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TrainRequest {
    /// The folder of the slices, a [`Dataset`](crate::data::Dataset).
    pub data: PathBuf,
    /// The run folder.
    pub out: PathBuf,
    /// The preset's name, for `run.json`.
    pub preset_name: String,
    /// The settings of both models and of their trainings.
    pub preset: Preset,
    /// The device that trains.
    pub device: DeviceKind,
    /// The seed of every random draw.
    pub seed: u64,
    /// Whether to train on the validation slices too. The last epoch then counts as the best.
    pub join_validate: bool,
    /// Whether to go on with the run in `out`, if there is one.
    pub resume: bool,
    /// The commit of the source, for `run.json`.
    pub commit: Option<String>,
}

impl TrainRequest {
    /// A training on the CPU with seed 1 and the preset `preset`, changed by overrides `set` such as
    /// `vqvae.codebook_size=256`.
    ///
    /// # Errors
    /// Those of [`Preset::named`].
    pub fn new(data: impl Into<PathBuf>, out: impl Into<PathBuf>, preset: &str, set: &[String]) -> Result<Self> {
        Ok(Self {
            data: data.into(),
            out: out.into(),
            preset_name: preset.to_owned(),
            preset: Preset::named(preset, set)?,
            device: DeviceKind::Cpu,
            seed: 1,
            join_validate: false,
            resume: false,
            commit: None,
        })
    }
}
