//! The error for a model that breaks a rule.

use std::fmt::Display;

use crate::{Error, ErrorKind};

/// The error for a model that is not what its role, or the rest of its bundle, demands.
pub(super) fn broken(name: &str, found: impl Display, expected: impl Display) -> Error {
    Error::new(ErrorKind::Model, "model breaks its contract", name, format!("found {found}, expected {expected}"))
        .hint("export it again with `oasis export`")
}
