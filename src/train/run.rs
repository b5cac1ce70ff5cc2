//! The run folder: what a training was, and its checkpoints.
//!
//! ```text
//! RUN/run.json          what is trained, on what (written first, and after every epoch)
//! RUN/epoch-0003/       model.bpk, optimizer.bpk, state.json: a whole checkpoint
//! RUN/best/             model.bpk, state.json: the epoch with the best validation
//! RUN/history.csv       a row an epoch
//! RUN/curves.svg        the same as a picture
//! ```

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};

use crate::model::Preset;
use crate::{Error, Result};

/// The version of Burn that `Cargo.lock` pins.
pub const BURN_VERSION: &str = "0.22.1";

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
    /// Validation score of this epoch (higher is better).
    pub score: f64,
    /// The best score so far.
    pub best_score: f64,
    /// The epoch that reached it.
    pub best_epoch: usize,
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
        run.write_manifest(manifest)?;
        Ok(run)
    }

    /// Checks that a run can be started in a folder: it is absent or empty.
    ///
    /// # Errors
    /// The folder holds something.
    pub fn check_new(root: &Path) -> Result<()> {
        let occupied = fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some());
        if occupied {
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
        let manifest = serde_json::from_str(&text)
            .map_err(|why| Error::input("bad run manifest", &path, why).hint("train again into another --out"))?;
        Ok((Self { root: root.to_owned() }, manifest))
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

    /// Writes a whole checkpoint, and drops all but the last two.
    ///
    /// # Errors
    /// The folder cannot be written; what was there before stays.
    pub fn save<M: Module>(&self, model: &M, optimizer: &ModuleOptimizer, state: &State) -> Result<()> {
        let name = format!("epoch-{:04}", state.epoch);
        self.write_folder(&name, |folder| {
            save_module(model, &folder.join("model.bpk"))?;
            let path = folder.join("optimizer.bpk");
            optimizer.save(&path).map_err(|why| Error::input("cannot write the optimiser", &path, why))?;
            save_state(state, folder)
        })?;
        if state.best_epoch == state.epoch {
            self.write_folder("best", |folder| {
                save_module(model, &folder.join("model.bpk"))?;
                save_state(state, folder)
            })?;
        }
        let epochs = self.epochs()?;
        for (_, old) in epochs.iter().rev().skip(2) {
            fs::remove_dir_all(old).map_err(|why| Error::input("cannot drop an old checkpoint", old, why))?;
        }
        Ok(())
    }

    /// The state of the latest whole checkpoint and its folder, if there is one.
    pub fn latest(&self) -> Result<Option<(State, PathBuf)>> {
        for (_, folder) in self.epochs()?.into_iter().rev() {
            if let Ok(state) = load_state(&folder) {
                return Ok(Some((state, folder)));
            }
        }
        Ok(None)
    }

    /// The folder with the best weights.
    ///
    /// # Errors
    /// No epoch has been finished yet.
    pub fn best(&self) -> Result<(State, PathBuf)> {
        let folder = self.root.join("best");
        let state = load_state(&folder)
            .map_err(|error| error.hint("the run has no finished epoch: continue it with oasis train --resume"))?;
        Ok((state, folder))
    }

    /// Checkpoints in order of their epoch.
    fn epochs(&self) -> Result<Vec<(usize, PathBuf)>> {
        let entries = fs::read_dir(&self.root).map_err(|why| Error::input("cannot list the run", &self.root, why))?;
        let mut epochs: Vec<(usize, PathBuf)> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let epoch = path.file_name()?.to_str()?.strip_prefix("epoch-")?.parse().ok()?;
                Some((epoch, path))
            })
            .collect();
        epochs.sort();
        Ok(epochs)
    }

    /// Fills a folder under another name, then renames it into place.
    fn write_folder(&self, name: &str, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let temporary = self.root.join(format!(".{name}.tmp"));
        let _ = fs::remove_dir_all(&temporary);
        fs::create_dir_all(&temporary).map_err(|why| Error::input("cannot write a checkpoint", &temporary, why))?;
        fill(&temporary)?;
        for entry in fs::read_dir(&temporary).into_iter().flatten().flatten() {
            if let Ok(file) = fs::File::open(entry.path()) {
                file.sync_all().map_err(|why| Error::input("cannot write a checkpoint", &entry.path(), why))?;
            }
        }
        let target = self.root.join(name);
        let _ = fs::remove_dir_all(&target);
        fs::rename(&temporary, &target).map_err(|why| Error::input("cannot write a checkpoint", &target, why))
    }
}

/// Writes a module's parameters.
fn save_module<M: Module>(model: &M, path: &Path) -> Result<()> {
    model.clone().save_file(path).map_err(|why| Error::input("cannot write the weights", path, why))
}

/// Reads a module's parameters into a module of the same shape.
///
/// # Errors
/// The file is missing, damaged, or of another model.
pub fn load_module<M: Module>(model: M, path: &Path) -> Result<M> {
    let wrong = |why: &dyn std::fmt::Display| {
        Error::input("cannot read the weights", path, why)
            .hint("the run's weights and its run.json must belong together: train again, or restore the file")
    };
    let record = ModuleRecord::load(path).map_err(|why| wrong(&why))?;
    model.try_load_record(record).map_err(|why| wrong(&why))
}

fn save_state(state: &State, folder: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(state).expect("a state is JSON");
    let path = folder.join("state.json");
    fs::write(&path, text).map_err(|why| Error::input("cannot write a checkpoint", &path, why))
}

fn load_state(folder: &Path) -> Result<State> {
    let path = folder.join("state.json");
    let text = fs::read_to_string(&path).map_err(|why| Error::input("cannot read a checkpoint", &path, why))?;
    serde_json::from_str(&text).map_err(|why| Error::input("cannot read a checkpoint", &path, why))
}
