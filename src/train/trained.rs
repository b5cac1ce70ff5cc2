//! Trained models, read back from their run folders.

use std::path::Path;

use burn::tensor::Device;

use super::record::{ModelKind, RunRecord};
use super::run::{Run, load_bytes, load_module, read_tensors};
use super::state::State;
use crate::digest::sha256;
use crate::model::{Prior, Vqvae};
use crate::{Error, Result};

/// A VQ-VAE, read back from its run folder.
#[derive(Debug)]
#[non_exhaustive]
pub struct TrainedVqvae {
    /// The model, with the weights of the best epoch.
    pub model: Vqvae,
    /// The run's `run.json`.
    pub record: RunRecord,
    /// SHA-256 of the weights' file, in hexadecimal.
    pub digest: String,
    /// The state of the best epoch's checkpoint.
    pub state: State,
}

impl TrainedVqvae {
    /// Reads the weights of a run's best epoch onto `device`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) where the folder is not the run of a VQ-VAE, has no finished
    /// epoch, or holds damaged weights.
    pub fn load(root: &Path, device: &Device) -> Result<Self> {
        let record = read(root, ModelKind::Vqvae, "vqvae")?;
        let (state, folder) = Run::at(root).best()?;
        let path = folder.join("model.bpk");
        let bytes = read_tensors(&path)?;
        let digest = sha256(&bytes);
        let model = load_bytes(Vqvae::new(&record.preset.vqvae, device), &path, bytes)?;
        Ok(Self { model, record, digest, state })
    }
}

/// A prior, read back from its run folder.
#[derive(Debug)]
#[non_exhaustive]
pub struct TrainedPrior {
    /// The model, with the weights of the best epoch.
    pub model: Prior,
    /// The run's `run.json`.
    pub record: RunRecord,
    /// The state of the best epoch's checkpoint.
    pub state: State,
}

impl TrainedPrior {
    /// Reads the weights of a run's best epoch onto `device`, once it is clear that the prior was trained on the codes
    /// of `vqvae`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) where the folder is not the run of a prior, has no finished epoch
    /// or holds damaged weights, and for a prior over the codes of another VQ-VAE.
    pub fn load(root: &Path, vqvae: &TrainedVqvae, device: &Device) -> Result<Self> {
        let record = read(root, ModelKind::Prior, "prior")?;
        if record.vqvae.as_deref() != Some(&vqvae.digest) {
            let found = record.vqvae.as_deref().unwrap_or("none");
            return Err(Error::input(
                "the prior belongs to another VQ-VAE",
                root,
                format!("it was trained on codes of weights {found}, expected {}", vqvae.digest),
            )
            .hint("train a prior over this VQ-VAE with `oasis train prior`"));
        }
        let (state, folder) = Run::at(root).best()?;
        let fresh = Prior::new(&record.preset.prior, &record.preset.vqvae, device);
        let model = load_module(fresh, &folder.join("model.bpk"))?;
        Ok(Self { model, record, state })
    }
}

/// The record of a run that must be of `kind`; `setting` is what names its folder.
fn read(root: &Path, kind: ModelKind, setting: &str) -> Result<RunRecord> {
    let record = RunRecord::read(root)?;
    if record.kind == kind {
        return Ok(record);
    }
    let why = format!("found the run of a {}, expected that of a {kind}", record.kind);
    Err(Error::input("wrong kind of run", root, why).hint(format!("name the run folder of a {kind} in `{setting}`")))
}
