//! Why a file was not read.

use std::error::Error;
use std::fmt::{self, Display};

use crate::onnx::fields::Malformed;

/// Why a file's content was not read as a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    damaged: bool,
    why: String,
}

impl ReadError {
    pub(super) fn unsupported(found: impl Display, expected: impl Display) -> Self {
        Self { damaged: false, why: format!("found {found}, expected {expected}") }
    }

    /// The same of a part of the file.
    pub(super) fn of(self, part: &str) -> Self {
        Self { why: format!("{part}: {}", self.why), ..self }
    }

    /// Whether the file is damaged, or not an ONNX file. Otherwise there is something in it that is not supported.
    pub fn is_damage(&self) -> bool {
        self.damaged
    }
}

impl From<Malformed> for ReadError {
    fn from(Malformed(why): Malformed) -> Self {
        Self { damaged: true, why }
    }
}

impl From<&str> for ReadError {
    fn from(why: &str) -> Self {
        Malformed::from(why).into()
    }
}

impl Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.damaged {
            f.write_str("not a valid ONNX file: ")?;
        }
        f.write_str(&self.why)
    }
}

impl Error for ReadError {}
