//! The one error type of the library: what failed, on what, why, and what to do about it.

use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::path::{self, Path, PathBuf};
use std::sync::Arc;

use crate::plain::{Plain, spell};

/// The sort of failure that an [`Error`] is. It decides the exit code of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting or an argument outside what is accepted.
    Usage,
    /// A file or folder that is missing, unreadable, damaged or of the wrong kind.
    Input,
    /// Something this machine or this build lacks: a library, a device, a Cargo feature.
    Environment,
    /// A model that breaks its contract: wrong names, shapes, types or results.
    Model,
    /// A check that was done and failed.
    Check,
    /// The user asked to stop.
    Interrupted,
    /// An engine or a device that failed while running.
    Runtime,
}

/// What an [`Error`] is about. It is displayed on one line ([`Plain`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Subject {
    /// A file or folder.
    Path(PathBuf),
    /// A setting, by the name of its field: `temperature`, `top_k`. A command line prints the flag that sets it.
    Setting(String),
    /// A tensor of a model, by its name.
    Tensor(String),
    /// An engine, by its name: `tract`, `ort`.
    Engine(String),
    /// Anything else, by a name that people know it by.
    Other(String),
}

impl Subject {
    /// A setting, by the name of its field.
    pub fn setting(name: impl Into<String>) -> Self {
        Self::Setting(name.into())
    }

    /// A tensor of a model, by its name.
    pub fn tensor(name: impl Into<String>) -> Self {
        Self::Tensor(name.into())
    }

    /// An engine, by its name.
    pub fn engine(name: impl Into<String>) -> Self {
        Self::Engine(name.into())
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => Plain(spell(path)).fmt(f),
            Self::Setting(name) | Self::Tensor(name) | Self::Engine(name) | Self::Other(name) => Plain(name).fmt(f),
        }
    }
}

impl From<&str> for Subject {
    fn from(name: &str) -> Self {
        Self::Other(name.to_owned())
    }
}

impl From<String> for Subject {
    fn from(name: String) -> Self {
        Self::Other(name)
    }
}

impl From<&String> for Subject {
    fn from(name: &String) -> Self {
        Self::Other(name.clone())
    }
}

impl From<&Path> for Subject {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_owned())
    }
}

impl From<&PathBuf> for Subject {
    fn from(path: &PathBuf) -> Self {
        Self::Path(path.clone())
    }
}

impl From<path::Display<'_>> for Subject {
    fn from(path: path::Display<'_>) -> Self {
        Self::Path(path.to_string().into())
    }
}

/// An error that reads `WHAT: SUBJECT: WHY (hint: HINT; HINT)` on one line ([`Plain`]); the hints tell what to do about it.
///
/// In the reason and in hints, settings stand between backticks, by the names of their fields.
///
/// ```
/// use std::path::Path;
/// use oasis::{Error, ErrorKind, Subject};
/// let error = Error::new(ErrorKind::Input, "cannot read slice", Path::new("a.png"), "the file is empty")
///     .hint("remove the file, or write it again");
/// assert_eq!(error.message(), "cannot read slice: a.png: the file is empty");
/// assert_eq!(error.to_string(), error.message() + " (hint: remove the file, or write it again)");
/// assert_eq!(error.subject(), &Subject::Path("a.png".into()));
/// assert_eq!(error.hints(), ["remove the file, or write it again"]);
/// ```
#[derive(Debug, Clone)]
pub struct Error(Box<Parts>);

/// What an error tells, in a box so that results stay small.
#[derive(Debug, Clone)]
struct Parts {
    kind: ErrorKind,
    what: String,
    subject: Subject,
    why: String,
    hints: Vec<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind`: `what` failed on `subject` because of `why`.
    pub fn new(kind: ErrorKind, what: impl Into<String>, subject: impl Into<Subject>, why: impl Display) -> Self {
        let (what, subject, why) = (what.into(), subject.into(), why.to_string());
        Self(Box::new(Parts { kind, what, subject, why, hints: Vec::new(), source: None }))
    }

    /// An [`ErrorKind::Input`] error about a file or folder.
    pub fn input(what: impl Into<String>, path: &Path, why: impl Display) -> Self {
        Self::new(ErrorKind::Input, what, path, why)
    }

    /// Keeps the error that this one comes from; [`StdError::source`] gives it.
    #[must_use]
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Adds a hint: the setting, variable or command that helps.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// The sort of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was being done.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// What it was being done to, or the setting that is wrong.
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// Why it failed.
    pub fn why(&self) -> &str {
        &self.0.why
    }

    /// `WHAT: SUBJECT: WHY` on one line, without hints.
    pub fn message(&self) -> String {
        format!("{}: {}: {}", Plain(&self.0.what), self.0.subject, Plain(&self.0.why))
    }

    /// What to do about it, the most helpful hint first.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())?;
        match self.0.hints.as_slice() {
            [] => Ok(()),
            hints => write!(f, " (hint: {})", Plain(hints.join("; "))),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
