//! The errors about settings of a preset.

use crate::{Error, ErrorKind, Result, Subject};

/// An error about the setting `key` unless `holds`.
pub(super) fn require(key: &str, holds: bool, expected: &str) -> Result<()> {
    if holds {
        return Ok(());
    }
    let error = Error::new(ErrorKind::Usage, "bad setting", Subject::setting(key), format!("expected {expected}"));
    Err(error.hint(format!("change it with `set`: {key}=VALUE")))
}
