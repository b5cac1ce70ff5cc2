//! What is wrong with a volume, in words.

use std::io;
use std::path::Path;

use crate::Error;

/// The error of a volume.
pub(super) fn failed(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::input("cannot read volume", path, why)
        .hint("expected one volume of a head as NIfTI (.nii, .nii.gz) or Analyze (.hdr and .img)")
}

/// Why a file could not be read or inflated.
pub(super) fn explain(why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        io::ErrorKind::UnexpectedEof => "it is truncated: its gzip data have no end".to_owned(),
        io::ErrorKind::InvalidInput if why.to_string().starts_with("corrupt") => format!("it is damaged: {why}"),
        io::ErrorKind::InvalidData => format!("it is damaged: {why}"),
        _ => why.to_string(),
    }
}

/// The twin of a file that is not there, in words.
pub(super) fn missing(path: &Path, what: &str) -> String {
    let name = path.file_name().map(crate::plain::spell).unwrap_or_default();
    format!("{what} is missing: expected {name} beside it")
}
