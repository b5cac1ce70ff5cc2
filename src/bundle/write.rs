//! Writing a bundle: all files are complete on disk before `bundle.json` makes them one.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::contract::read_model;
use super::manifest::{FileEntry, Manifest};
use super::open::{Bundle, MANIFEST};
use super::role::Role;
use crate::fs::{Staging, holds_something, sync_folder};
use crate::onnx::ModelFile;
use crate::plain::spell;
use crate::{Error, Result};

const WRITE: &str = "cannot write bundle";

/// Makes a bundle, in a folder or in memory.
///
/// [`BundleWriter::finish`] stages the files in a hidden folder inside the target, validates them as a bundle, then moves
/// them in place, `bundle.json` last; until then a bundle that was there before stays whole. A process that ends among the
/// moves leaves what no reader takes for a bundle, and the next writer does it again. A writer that is dropped leaves
/// nothing behind. Files of the target that no manifest lists (a model card) are left alone.
#[derive(Debug)]
pub struct BundleWriter {
    target: Option<Target>,
    files: BTreeMap<Role, (FileEntry, Bytes)>,
}

/// The folder that a bundle is written into.
#[derive(Debug)]
struct Target {
    folder: PathBuf,
    /// Whether it is to be removed again where no bundle is written.
    created: bool,
    /// Made from the start, so that a folder that cannot be written is refused before the work. `None` once moved.
    staging: Option<Staging>,
}

impl BundleWriter {
    /// Starts a bundle in the folder `dir`, which is made where it does not exist.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] where `dir` cannot be written, or holds something that is not a bundle.
    pub fn create(dir: &Path) -> Result<Self> {
        let fail = |why| failed(dir, why);
        let created = !dir.exists();
        if !created && !dir.join(MANIFEST).is_file() && holds_something(dir, &is_model).map_err(fail)? {
            return Err(Error::input(WRITE, dir, "the folder is not empty and not a bundle")
                .hint("give a new folder, or an existing bundle to replace"));
        }
        std::fs::create_dir_all(dir).map_err(fail)?;
        let mut target = Target { folder: dir.to_owned(), created, staging: None };
        target.staging = Some(Staging::inside(dir).map_err(fail)?);
        Ok(Self { target: Some(target), files: BTreeMap::new() })
    }

    /// Starts a bundle that is nowhere on disk.
    pub fn in_memory() -> Self {
        Self { target: None, files: BTreeMap::new() }
    }

    /// Validates the file of a role, and keeps it.
    ///
    /// # Errors
    /// Those of [`read_model`].
    pub fn add(&mut self, role: &Role, bytes: &[u8]) -> Result<ModelFile> {
        if !role.is_plain() {
            let why = format!("found role `{role:.80}`, expected at most 64 letters, digits, `_` and `-`");
            return Err(Error::input(WRITE, &self.path(&role.to_string()), why).hint("give the file another role"));
        }
        let file = role.file_name();
        let bytes = Bytes::copy_from_slice(bytes);
        let model = read_model(role, spell(self.path(&file)), bytes.clone())?;
        let sha256 = model.sha256().unwrap_or_default().to_owned();
        self.files.insert(role.clone(), (FileEntry { file, bytes: bytes.len() as u64, sha256 }, bytes));
        Ok(model)
    }

    /// Completes the bundle with `manifest`, whose `files` are filled in here, writes it, and opens it.
    ///
    /// # Errors
    /// Those of [`Bundle::open`], and [`crate::ErrorKind::Input`] where files cannot be written or moved.
    pub fn finish(mut self, mut manifest: Manifest) -> Result<Bundle> {
        manifest.files = self.files.iter().map(|(role, (entry, _))| (role.to_string(), entry.clone())).collect();
        let mut files: Vec<(&str, Bytes)> =
            self.files.values().map(|(entry, bytes)| (entry.file.as_str(), bytes.clone())).collect();
        let text = serde_json::to_string_pretty(&manifest).map_err(|why| failed(&self.path(MANIFEST), why))?;
        files.push((MANIFEST, Bytes::from(format!("{text}\n"))));
        match &mut self.target {
            Some(target) => target.fill(&files),
            None => Bundle::from_files("a bundle in memory", &files),
        }
    }

    /// What errors call a file.
    fn path(&self, file: &str) -> PathBuf {
        self.target.as_ref().map_or_else(|| file.into(), |target| target.folder.join(file))
    }
}

impl Target {
    /// Writes the files, `bundle.json` last, in the place of those of an older bundle.
    fn fill(&mut self, files: &[(&str, Bytes)]) -> Result<Bundle> {
        let staging = self.staging.take().expect("it is filled once");
        for (file, bytes) in files {
            staging.write(file, bytes).map_err(|why| failed(&self.folder.join(file), why))?;
        }
        Bundle::open(staging.path())?;
        let old = Bundle::open(&self.folder).ok();
        let old = old.iter().flat_map(|old| old.manifest().files.values()).map(|entry| entry.file.as_str());
        let replaced: Vec<&str> = old.filter(|old| files.iter().all(|(new, _)| new != old)).collect();
        staging.put(|staged| {
            for (file, _) in files {
                let to = self.folder.join(file);
                std::fs::rename(staged.join(file), &to).map_err(|why| failed(&to, why))?;
                sync_folder(&self.folder);
            }
            for file in replaced {
                let _ = std::fs::remove_file(self.folder.join(file));
            }
            Ok::<_, Error>(())
        })?;
        self.created = false;
        Bundle::open(&self.folder)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.staging = None;
        if self.created {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}

/// Whether a file is named as the models of a bundle are.
fn is_model(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "onnx")
}

/// The error for a file or folder that cannot be written.
fn failed(path: &Path, why: impl StdError + Send + Sync + 'static) -> Error {
    Error::input(WRITE, path, &why).caused_by(why).hint("check the free space, or choose another folder for `out`")
}
