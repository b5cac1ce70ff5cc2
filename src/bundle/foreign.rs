//! ONNX files that are looked at and never run.

use std::path::Path;

use bytes::Bytes;

use super::limits;
use crate::digest::sha256;
use crate::fs;
use crate::onnx::{Model, unreadable};
use crate::plain::spell;
use crate::{Error, Result};

/// The largest file that is looked at: half of what the format can hold.
const MAX_BYTES: u64 = 1 << 30;

/// An ONNX file of any origin.
#[derive(Debug)]
pub(crate) struct Foreign {
    /// What it holds.
    pub model: Model,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Why no bundle may hold it, in words; nothing where one may.
    pub faults: Vec<String>,
}

impl Foreign {
    /// Reads a file. What bundles may not hold is no error where a [`Model`] can.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] where it cannot be read or is too large, and those of [`Model::read`].
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path, MAX_BYTES).map_err(|why| {
            Error::input("cannot read model", path, &why).caused_by(why).hint("give the path of an ONNX file")
        })?;
        let bytes = Bytes::from(bytes);
        let model = Model::read(&bytes).map_err(|why| unreadable(&spell(path), why))?;
        let faults = limits::faults(&model);
        Ok(Self { model, sha256: sha256(&bytes), bytes: bytes.len() as u64, faults })
    }
}
