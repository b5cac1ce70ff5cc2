//! The error for a model that breaks a rule.

use std::fmt::Display;

use crate::onnx::Broken;
use crate::{Error, ErrorKind};

/// The error for a model that is not what its role, or the rest of its bundle, demands.
pub(super) fn broken(name: &str, found: impl Display, expected: impl Display) -> Error {
    refused(name, Broken::new(found.to_string(), expected.to_string()))
}

/// The error for a model that breaks a rule.
pub(super) fn refused(name: &str, broken: Broken) -> Error {
    Error::new(ErrorKind::Model, "model breaks its contract", name, broken).hint("export it again with `oasis export`")
}
