//! The content of a file that may be a slice.

use std::io;
use std::path::Path;

use super::budget::Share;
use crate::{Error, Result, fs};

/// Larger files are refused without being read: 64 MiB.
pub(super) const MAX_FILE: u64 = 64 << 20;

/// A file that was read, and its share of the memory for pictures.
#[derive(Debug)]
pub(super) struct Source {
    pub bytes: Vec<u8>,
    pub share: Share,
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming `path`: it is not there, no regular file, or far too large to be a slice.
    pub fn read(path: &Path) -> Result<Self> {
        let fail = |error: io::Error| {
            let why = match error.kind() {
                io::ErrorKind::NotFound => "no such file".to_owned(),
                io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
                _ => error.to_string(),
            };
            Error::input("cannot read slice", path, why).hint("name a PNG or JPEG file that exists").caused_by(error)
        };
        let file = fs::open(path).map_err(fail)?;
        // What is too large is refused below, and takes no share.
        let length = file.metadata().map_err(fail)?.len();
        let share = Share::for_file(if length > MAX_FILE { 0 } else { length });
        let bytes = fs::read_opened(file, MAX_FILE).map_err(fail)?;
        Ok(Self { bytes, share })
    }
}
