//! A table beside the results that it tells of.

use std::path::{Path, PathBuf};

use super::scores::{ScoreFile, ScoreRow};
use super::stream::Failure;
use crate::Result;

/// A file of scores that costs itself alone where it cannot be written: the work goes on without it.
pub(super) struct Table {
    path: PathBuf,
    file: Option<ScoreFile>,
    failure: Option<Failure>,
}

impl Table {
    /// A table that begins with its first row, in a folder that the user named.
    pub(super) fn later(path: PathBuf) -> Self {
        Self { path, file: None, failure: None }
    }

    /// A table that is begun.
    pub(super) fn begun(path: &Path, file: ScoreFile) -> Self {
        Self { path: path.to_owned(), file: Some(file), failure: None }
    }

    /// Adds a row, while rows can be added.
    pub(super) fn add(&mut self, row: &ScoreRow) {
        if self.failure.is_some() {
            return;
        }
        let begun: Result<ScoreFile> = self.file.take().map_or_else(|| ScoreFile::inside(&self.path), Ok);
        match begun.and_then(|mut file| file.add(row).map(|()| file)) {
            Ok(file) => self.file = Some(file),
            Err(error) => self.failure = Some(Failure::new(&self.path, error)),
        }
    }

    /// Puts the table in its place; gives why it is not there.
    pub(super) fn finish(self) -> Option<Failure> {
        let finished = self.file.map_or(Ok(()), ScoreFile::finish);
        self.failure.or_else(|| finished.err().map(|error| Failure::new(&self.path, error)))
    }
}
