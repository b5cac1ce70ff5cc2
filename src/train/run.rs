//! The run folder and its checkpoints.
//!
//! ```text
//! RUN/run.json            what is trained, on what (written first)
//! RUN/epoch-0003/         a whole checkpoint: model.bpk, optimizer.bpk, history.csv, and state.json, written last
//! RUN/epoch-0003+001024/  the same, 1024 samples into the fourth epoch
//! RUN/history.csv         a row an epoch
//! RUN/curves.svg          the same as a picture
//! ```
//!
//! A checkpoint's folder appears under its name once it is whole and on the disk. The last two are kept, and that of
//! the epoch with the best validation.

use std::error::Error as StdError;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;

use super::history::History;
use super::record::RunRecord;
use super::state::State;
use crate::{Error, Result};

/// The version of Burn that `Cargo.lock` pins.
pub const BURN_VERSION: &str = env!("OASIS_BURN_VERSION");

/// Larger files of weights or of an optimiser's state are refused: 1 GiB, where models have some MiB.
const MAX_TENSORS: u64 = 1 << 30;
/// Larger `state.json` files are refused: 64 KiB.
const MAX_STATE: u64 = 64 << 10;

/// A run folder.
#[derive(Debug, Clone)]
pub(super) struct Run {
    root: PathBuf,
}

impl Run {
    /// The run in a folder that has a `run.json`.
    pub(super) fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Starts a run in a folder that is absent or empty.
    ///
    /// # Errors
    /// The folder holds something, or cannot be written.
    pub(super) fn create(root: &Path, record: &RunRecord) -> Result<Self> {
        Self::check_new(root)?;
        crate::fs::create_folder(root)?;
        Self::resume(root, record)
    }

    /// Goes on with the run in a folder, whose `run.json` is written anew.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn resume(root: &Path, record: &RunRecord) -> Result<Self> {
        let run = Self::at(root);
        record.write(root)?;
        Ok(run)
    }

    /// Checks that a run can be started in a folder: it is absent, or holds nothing but unfinished files of a training
    /// that was killed.
    ///
    /// # Errors
    /// The folder holds something else.
    pub(super) fn check_new(root: &Path) -> Result<()> {
        if crate::fs::holds_something(root, &|_| false).unwrap_or(false) {
            return Err(Error::input("cannot start a training", root, "the folder is not empty")
                .hint("set `resume` to go on with the run in it, or choose another folder for `out`"));
        }
        Ok(())
    }

    /// The folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a whole checkpoint, then removes those that are no longer kept.
    ///
    /// # Errors
    /// The folder cannot be written. The checkpoints that were there before stay.
    pub(super) fn save<M: Module>(
        &self,
        model: &M,
        optimizer: &ModuleOptimizer,
        state: &State,
        history: &History,
    ) -> Result<()> {
        let target = self.root.join(state.folder());
        if target.exists() {
            // The training would have been resumed from here, had its state been readable: it is damaged.
            fs::remove_dir_all(&target).map_err(|why| fail("cannot replace a checkpoint", &target, why))?;
        }
        crate::fs::write_folder(&target, |folder| {
            let path = folder.join("model.bpk");
            model.clone().save_file(&path).map_err(|why| unwritten(&path, why))?;
            let path = folder.join("optimizer.bpk");
            optimizer.save(&path).map_err(|why| unwritten(&path, why))?;
            history.write_csv(folder)?;
            let text = serde_json::to_string_pretty(state).expect("a state is JSON");
            crate::fs::write_inside(&folder.join("state.json"), |file| file.write_all(text.as_bytes()))
        })?;
        let best = self.root.join(State::epoch_folder(state.best_epoch));
        for old in self.checkpoints()?.iter().rev().skip(2).filter(|path| **path != best) {
            fs::remove_dir_all(old).map_err(|why| fail("cannot remove an old checkpoint", old, why))?;
        }
        Ok(())
    }

    /// The state and the folder of the latest whole checkpoint, if there is one.
    ///
    /// # Errors
    /// The run's folder cannot be listed.
    pub(super) fn latest(&self) -> Result<Option<(State, PathBuf)>> {
        let folders = self.checkpoints()?.into_iter().rev();
        Ok(folders.filter_map(|folder| Some((load_state(&folder).ok()?, folder))).next())
    }

    /// The state and the folder of the epoch with the best validation.
    ///
    /// # Errors
    /// No epoch is finished yet, or the checkpoint of the best one is damaged.
    pub(super) fn best(&self) -> Result<(State, PathBuf)> {
        let unfinished = || {
            Error::input("no trained model", &self.root, "the run has no finished epoch")
                .hint("go on with the run: `oasis train` into the same folder, with `resume` set")
        };
        let (latest, _) = self.latest()?.filter(|(state, _)| state.best_epoch > 0).ok_or_else(unfinished)?;
        let folder = self.root.join(State::epoch_folder(latest.best_epoch));
        Ok((load_state(&folder)?, folder))
    }

    /// The checkpoints' folders, in the order of the training.
    fn checkpoints(&self) -> Result<Vec<PathBuf>> {
        let entries = fs::read_dir(&self.root).map_err(|why| fail("cannot list the run", &self.root, why))?;
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

/// Reads the weights of a checkpoint into a module of the same shape.
///
/// # Errors
/// The file is missing, damaged, or of another model.
pub(super) fn load_module<M: Module>(model: M, path: &Path) -> Result<M> {
    load_bytes(model, path, read_tensors(path)?)
}

/// The content of a file of weights or of an optimiser's state, for [`load_bytes`].
///
/// # Errors
/// The file is missing, no regular file, or larger than any that is written here.
pub(super) fn read_tensors(path: &Path) -> Result<Vec<u8>> {
    let hint = "restore the file, or train again";
    crate::fs::read(path, MAX_TENSORS).map_err(|why| fail("cannot read the weights", path, why).hint(hint))
}

/// Loads the weights of a file that was read from `path` into a module of the same shape.
///
/// # Errors
/// They are damaged, or of another model.
pub(super) fn load_bytes<M: Module>(model: M, path: &Path, bytes: Vec<u8>) -> Result<M> {
    let hint = "run.json and the weights of a run belong together: restore the file, or train again";
    let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes))
        .map_err(|why| fail("cannot read the weights", path, why).hint(hint))?;
    model.try_load_record(record).map_err(|why| fail("cannot read the weights", path, why).hint(hint))
}

fn load_state(folder: &Path) -> Result<State> {
    let path = folder.join("state.json");
    let text = crate::fs::read_text(&path, MAX_STATE).map_err(|why| fail("cannot read a checkpoint", &path, why))?;
    serde_json::from_str(&text).map_err(|why| fail("cannot read a checkpoint", &path, why))
}

fn unwritten(path: &Path, why: impl StdError + Send + Sync + 'static) -> Error {
    fail("cannot write a checkpoint", path, why)
        .hint("make room on the disk, then go on with `resume` set: the checkpoint before this one is whole")
}

fn fail(what: &str, path: &Path, why: impl StdError + Send + Sync + 'static) -> Error {
    Error::input(what, path, &why).caused_by(why)
}
