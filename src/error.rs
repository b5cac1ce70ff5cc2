//! The one error type of the library: what failed, on what, why, and the way out.

use std::fmt::Display;
use std::path::Path;

/// What sort of failure an [`Error`] is. Decides the exit code of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument, flag or value outside what is accepted.
    Usage,
    /// A file or folder that is missing, unreadable, damaged or of the wrong kind.
    Input,
    /// Something this machine or this build lacks: a library, a device, a Cargo feature.
    Environment,
    /// A model that breaks its contract: wrong names, shapes, types or results.
    Model,
    /// A check that ran and did not hold.
    Check,
    /// The user asked to stop.
    Interrupted,
    /// An engine or a device that failed while running.
    Runtime,
}

/// An error that reads `WHAT: SUBJECT: WHY`, with a hint that mends it.
///
/// ```
/// use oasis::{Error, ErrorKind};
/// let error = Error::new(ErrorKind::Input, "cannot read slice", "a.png", "the file is empty")
///     .hint("remove the file, or write it again");
/// assert_eq!(error.to_string(), "cannot read slice: a.png: the file is empty");
/// assert_eq!(error.hints(), ["remove the file, or write it again"]);
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[error("{what}: {subject}: {why}")]
pub struct Error {
    kind: ErrorKind,
    what: String,
    subject: String,
    why: String,
    hints: Vec<String>,
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind`: `what` failed on `subject` (a path, a flag, an engine, a tensor), because of `why`.
    pub fn new(kind: ErrorKind, what: impl Into<String>, subject: impl Display, why: impl Display) -> Self {
        Self { kind, what: what.into(), subject: subject.to_string(), why: why.to_string(), hints: Vec::new() }
    }

    /// An [`ErrorKind::Input`] error about a path.
    pub fn input(what: impl Into<String>, path: &Path, why: impl Display) -> Self {
        Self::new(ErrorKind::Input, what, path.display(), why)
    }

    /// Adds the flag, variable or command that mends it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The sort of failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What was being done.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What it was being done to.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Why it failed.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// Ways out, most helpful first.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}
