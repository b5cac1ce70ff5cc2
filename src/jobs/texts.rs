//! Texts as files.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::fs::{create_folder, write_inside};

/// Writes texts, each under its name, into the folder `out`, which is made where it is missing; gives their paths. Of
/// every file, a reader sees the old one or the whole new one.
///
/// # Errors
/// [`crate::ErrorKind::Input`] where `out` cannot be made or a file cannot be written; those before it stay.
pub fn write_texts(out: &Path, texts: &[(String, Vec<u8>)]) -> Result<Vec<PathBuf>> {
    create_folder(out)?;
    texts
        .iter()
        .map(|(name, text)| {
            let path = out.join(name);
            write_inside(&path, |file| file.write_all(text))?;
            Ok(path)
        })
        .collect()
}
