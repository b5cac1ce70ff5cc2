//! Where files and folders are written, and how unfinished ones are named.

use std::fs::File;
use std::path::{Path, PathBuf};

#[cfg(any(feature = "runtime", test))]
use crate::{Error, Result};

/// How the names of unfinished files and folders begin and end.
pub(super) const PART: (&str, &str) = (".oasis-", ".part");

/// Whether a path is named as unfinished files and folders are.
pub(crate) fn is_part(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(PART.0) && name.ends_with(PART.1))
}

/// Makes `path` and every missing folder above it.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming `path` when it cannot be made or is a file.
#[cfg(any(feature = "runtime", test))]
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| {
        let why = if path.exists() { "a file of that name is in the way".to_owned() } else { error.to_string() };
        Error::input("cannot make folder", path, why).caused_by(error).hint("choose another folder for `out`")
    })
}

/// The folder that holds `path`.
pub(super) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Makes a rename within `folder` durable, where the system lets a folder be opened.
pub(super) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
