//! Writing a bundle: all files are complete on disk before `bundle.json` makes them one.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::contract::read_model;
use super::manifest::{FileEntry, Manifest};
use super::open::{Bundle, MANIFEST};
use super::role::Role;
use crate::onnx::ModelFile;
use crate::{Error, Result};

const WRITE: &str = "cannot write bundle";

/// Writes a bundle into a folder.
///
/// Files are staged in a hidden folder inside the target. [`BundleWriter::finish`] validates them as a bundle, then
/// moves them in place, `bundle.json` last; until then a bundle that was there before stays whole. A writer that is
/// dropped leaves nothing behind. Files of the target that no manifest lists (a model card) are left alone.
#[derive(Debug)]
pub struct BundleWriter {
    dir: PathBuf,
    created: bool,
    staging: Option<TempDir>,
    files: BTreeMap<String, FileEntry>,
}

impl BundleWriter {
    /// Starts writing into `dir`, which is made where it does not exist.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] where `dir` cannot be written, or holds something that is not a bundle.
    pub fn create(dir: &Path) -> Result<Self> {
        let fail = |why| failed(dir, why);
        let created = !dir.exists();
        if !created {
            let mut entries = fs::read_dir(dir).map_err(fail)?;
            if entries.next().is_some() && !dir.join(MANIFEST).is_file() {
                return Err(Error::input(WRITE, dir, "the folder is not empty and not a bundle")
                    .hint("give a new folder, or an existing bundle to replace"));
            }
        }
        fs::create_dir_all(dir).map_err(fail)?;
        let staging = tempfile::Builder::new().prefix(".bundle-").tempdir_in(dir).map_err(fail)?;
        Ok(Self { dir: dir.to_owned(), created, staging: Some(staging), files: BTreeMap::new() })
    }

    /// Validates and stages the file of a role.
    ///
    /// # Errors
    /// Those of [`read_model`], and [`crate::ErrorKind::Input`] where it cannot be written.
    pub fn add(&mut self, role: &Role, bytes: &[u8]) -> Result<ModelFile> {
        if !role.is_plain() {
            let why = format!("found role `{role:.80}`, expected at most 64 letters, digits, `_` and `-`");
            return Err(Error::input(WRITE, &self.dir, why).hint("give the file another role"));
        }
        let file = role.file_name();
        let model = read_model(role, self.dir.join(&file).display().to_string(), bytes.to_vec())?;
        self.stage(&file, bytes)?;
        let entry =
            FileEntry { file, bytes: bytes.len() as u64, sha256: model.sha256().unwrap_or_default().to_owned() };
        self.files.insert(role.to_string(), entry);
        Ok(model)
    }

    /// Completes the bundle with `manifest`, whose `files` are filled in here, and opens it.
    ///
    /// # Errors
    /// Those of [`Bundle::open`] on the staged files, and [`crate::ErrorKind::Input`] where files cannot be moved.
    pub fn finish(mut self, mut manifest: Manifest) -> Result<Bundle> {
        manifest.files = std::mem::take(&mut self.files);
        let text = serde_json::to_string_pretty(&manifest).map_err(|why| failed(&self.dir, why))?;
        self.stage(MANIFEST, format!("{text}\n").as_bytes())?;
        Bundle::open(self.staged())?;

        let old = Bundle::open(&self.dir).ok().map(|old| old.manifest().files.clone());
        let target = self.dir.join(MANIFEST);
        if target.exists() {
            fs::remove_file(&target).map_err(|why| failed(&target, why))?;
        }
        for entry in old.into_iter().flatten().map(|(_, entry)| entry) {
            if manifest.files.values().all(|new| new.file != entry.file) {
                let _ = fs::remove_file(self.dir.join(entry.file));
            }
        }
        let files = manifest.files.values().map(|entry| entry.file.as_str());
        for file in files.chain([MANIFEST]) {
            let (from, to) = (self.staged().join(file), self.dir.join(file));
            fs::rename(&from, &to).map_err(|why| failed(&to, why))?;
            sync_dir(&self.dir);
        }
        self.created = false;
        Bundle::open(&self.dir)
    }

    fn staged(&self) -> &Path {
        self.staging.as_ref().expect("held until drop").path()
    }

    fn stage(&self, file: &str, bytes: &[u8]) -> Result<()> {
        let path = self.staged().join(file);
        let write = || {
            let mut out = File::create(&path)?;
            out.write_all(bytes)?;
            out.sync_all()
        };
        write().map_err(|why| failed(&self.dir.join(file), why))
    }
}

impl Drop for BundleWriter {
    fn drop(&mut self) {
        self.staging = None;
        if self.created {
            let _ = fs::remove_dir(&self.dir);
        }
    }
}

/// The error for a file or folder that cannot be written.
fn failed(path: &Path, why: impl StdError + Send + Sync + 'static) -> Error {
    Error::input(WRITE, path, &why).caused_by(why).hint("check the free space, or choose another folder for `out`")
}

/// Makes renames within `dir` durable, where the system can.
fn sync_dir(dir: &Path) {
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}
