//! The run folder: what a training was, and its checkpoints.
//!
//! ```text
//! RUN/run.json            what is trained, on what (written first)
//! RUN/epoch-0003/         a whole checkpoint: model.bpk, optimizer.bpk, history.csv, and state.json, written last
//! RUN/epoch-0003+001024/  the same, 1024 samples into the fourth epoch
//! RUN/history.csv         a row an epoch
//! RUN/curves.svg          the same as a picture
//! ```
//!
//! A checkpoint's folder appears under its name once it is whole and on the disk. The last two are kept, and that of the
//! epoch with the best validation.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};

use super::history::History;
use crate::model::Preset;
use crate::{Error, Result};

/// The version of Burn that `Cargo.lock` pins.
pub const BURN_VERSION: &str = env!("OASIS_BURN_VERSION");

/// Which of the two models a run trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The VQ-VAE.
    Vqvae,
    /// The prior over its codes.
    Prior,
}

/// `run.json`: everything that a run needs to be continued, exported and told apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which model.
    pub kind: Kind,
    /// The preset's name.
    pub preset_name: String,
    /// Sizes and training, overrides applied.
    pub preset: Preset,
    /// Seed of every random draw.
    pub seed: u64,
    /// Where it was trained: `cpu`, `vulkan` or `cuda`.
    pub device: String,
    /// Versions of this crate and of Burn.
    pub versions: String,
    /// The commit of the source, where it is known.
    pub commit: Option<String>,
    /// sha256 of the training and validation slices.
    pub dataset: String,
    /// Which splits it is trained on.
    pub splits: Vec<String>,
    /// Number of training slices.
    pub slices: usize,
    /// sha256 of the VQ-VAE's weights, for a prior.
    pub vqvae: Option<String>,
}

/// `state.json`: where a checkpoint stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Epochs done.
    pub epoch: usize,
    /// Optimiser steps done.
    pub step: usize,
    /// Samples done of the epoch that is not done.
    pub done: usize,
    /// The sum of their losses.
    pub loss_sum: f64,
    /// Validation score of the last epoch (higher is better).
    pub score: f64,
    /// The best score so far.
    pub best_score: f64,
    /// The epoch that reached it; 0 before the first.
    pub best_epoch: usize,
}

impl Default for State {
    /// Before the first step. Scores are the least number that JSON can hold.
    fn default() -> Self {
        Self { epoch: 0, step: 0, done: 0, loss_sum: 0.0, score: f64::MIN, best_score: f64::MIN, best_epoch: 0 }
    }
}

impl State {
    /// The name of its checkpoint.
    fn folder(&self) -> String {
        match self.done {
            0 => epoch_folder(self.epoch),
            done => format!("{}+{done:06}", epoch_folder(self.epoch)),
        }
    }
}

fn epoch_folder(epoch: usize) -> String {
    format!("epoch-{epoch:04}")
}

/// A run folder.
#[derive(Debug, Clone)]
pub struct Run {
    root: PathBuf,
}

impl Run {
    /// Starts a run in a folder that is absent or empty.
    ///
    /// # Errors
    /// The folder holds something, or cannot be written.
    pub fn create(root: &Path, manifest: &Manifest) -> Result<Self> {
        Self::check_new(root)?;
        crate::fs::create_folder(root)?;
        let run = Self { root: root.to_owned() };
        run.sweep()?;
        run.write_manifest(manifest)?;
        Ok(run)
    }

    /// Checks that a run can be started in a folder: it is absent, or holds nothing but what a start that was killed
    /// left behind.
    ///
    /// # Errors
    /// The folder holds something.
    pub fn check_new(root: &Path) -> Result<()> {
        let entries = fs::read_dir(root).into_iter().flatten().flatten();
        if entries.into_iter().any(|entry| !crate::fs::is_part(&entry.path())) {
            return Err(Error::input("cannot start a training", root, "the folder is not empty")
                .hint("pass --resume to continue it, or another --out"));
        }
        Ok(())
    }

    /// Opens a run and its manifest.
    ///
    /// # Errors
    /// No `run.json`, or one that this version does not understand.
    pub fn open(root: &Path) -> Result<(Self, Manifest)> {
        let path = root.join("run.json");
        let text = fs::read_to_string(&path).map_err(|why| {
            Error::input("not a run folder", &path, why).hint("train one with: oasis train vqvae --data DIR --out RUN")
        })?;
        let bad = |why: &dyn std::fmt::Display| {
            Error::input("bad run manifest", &path, why).hint("restore the file, or train again into another --out")
        };
        let manifest: Manifest = serde_json::from_str(&text).map_err(|why| bad(&why))?;
        manifest.preset.validate().map_err(|why| bad(&why))?;
        Ok((Self { root: root.to_owned() }, manifest))
    }

    /// Removes what a training that was killed left unfinished.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn sweep(&self) -> Result<()> {
        for path in fs::read_dir(&self.root).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if crate::fs::is_part(&path) {
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|why| Error::input("cannot remove an unfinished file", &path, why))?;
            }
        }
        Ok(())
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes `run.json`.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<()> {
        let text = serde_json::to_string_pretty(manifest).expect("a manifest is JSON");
        crate::fs::write_atomic(&self.root.join("run.json"), |file| file.write_all(text.as_bytes()))
    }

    /// Writes a whole checkpoint, and drops those that are no longer needed.
    ///
    /// # Errors
    /// The folder cannot be written; what was there before stays.
    pub fn save<M: Module>(
        &self,
        model: &M,
        optimizer: &ModuleOptimizer,
        state: &State,
        history: &History,
    ) -> Result<()> {
        let target = self.root.join(state.folder());
        if target.exists() {
            // Left from another end of this training: its state could not be read, or it would have been continued.
            fs::remove_dir_all(&target).map_err(|why| Error::input("cannot replace a checkpoint", &target, why))?;
        }
        crate::fs::write_folder(&target, |folder| {
            let path = folder.join("model.bpk");
            model.clone().save_file(&path).map_err(|why| unwritten(&path, &why))?;
            let path = folder.join("optimizer.bpk");
            optimizer.save(&path).map_err(|why| unwritten(&path, &why))?;
            history.write_csv(folder)?;
            let text = serde_json::to_string_pretty(state).expect("a state is JSON");
            crate::fs::write_atomic(&folder.join("state.json"), |file| file.write_all(text.as_bytes()))
        })?;
        let best = self.root.join(epoch_folder(state.best_epoch));
        for old in self.checkpoints()?.iter().rev().skip(2).filter(|path| **path != best) {
            fs::remove_dir_all(old).map_err(|why| Error::input("cannot drop an old checkpoint", old, why))?;
        }
        Ok(())
    }

    /// The state of the latest whole checkpoint and its folder, if there is one.
    ///
    /// # Errors
    /// The run's folder cannot be listed.
    pub fn latest(&self) -> Result<Option<(State, PathBuf)>> {
        let folders = self.checkpoints()?.into_iter().rev();
        Ok(folders.filter_map(|folder| Some((load_state(&folder).ok()?, folder))).next())
    }

    /// The folder with the best weights.
    ///
    /// # Errors
    /// No epoch has been finished yet, or the best one's checkpoint is damaged.
    pub fn best(&self) -> Result<(State, PathBuf)> {
        let unfinished = || {
            Error::input("no trained model", &self.root, "the run has no finished epoch")
                .hint("continue it with oasis train --resume")
        };
        let (latest, _) = self.latest()?.filter(|(state, _)| state.best_epoch > 0).ok_or_else(unfinished)?;
        let folder = self.root.join(epoch_folder(latest.best_epoch));
        Ok((load_state(&folder)?, folder))
    }

    /// The checkpoints' folders, in order.
    fn checkpoints(&self) -> Result<Vec<PathBuf>> {
        let entries = fs::read_dir(&self.root).map_err(|why| Error::input("cannot list the run", &self.root, why))?;
        let place = |path: &Path| -> Option<(usize, usize)> {
            let name = path.file_name()?.to_str()?.strip_prefix("epoch-")?;
            let (epoch, done) = name.split_once('+').unwrap_or((name, "0"));
            Some((epoch.parse().ok()?, done.parse().ok()?))
        };
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                Some((place(&path)?, path))
            })
            .collect();
        found.sort();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }
}

fn unwritten(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::input("cannot write a checkpoint", path, why)
        .hint("make room on the disk, then continue with --resume: the checkpoint before this one is whole")
}

/// Reads a module's parameters into a module of the same shape.
///
/// # Errors
/// The file is missing, damaged, or of another model.
pub fn load_module<M: Module>(model: M, path: &Path) -> Result<M> {
    let wrong = |why: &dyn std::fmt::Display| {
        Error::input("cannot read the weights", path, why)
            .hint("the weights and the run.json of a run must belong together: restore the file, or train again")
    };
    let record = ModuleRecord::load(path).map_err(|why| wrong(&why))?;
    model.try_load_record(record).map_err(|why| wrong(&why))
}

fn load_state(folder: &Path) -> Result<State> {
    let path = folder.join("state.json");
    let text = fs::read_to_string(&path).map_err(|why| Error::input("cannot read a checkpoint", &path, why))?;
    serde_json::from_str(&text).map_err(|why| Error::input("cannot read a checkpoint", &path, why))
}
