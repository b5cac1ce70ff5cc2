//! What engines are given.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::model::Model;
use super::read::ReadError;
use super::state::State;
use super::validate::check;
use crate::{Error, ErrorKind, Result};

/// How a model is best run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Workload {
    /// On the inputs as they are given: nothing is known of the model.
    #[default]
    Whole,
    /// Entries of a batch do not depend on each other, and may be run one by one.
    Batch,
    /// Little work a run, and very many runs.
    Step,
}

/// A model that was read and validated, as the bytes that the writer makes of it.
///
/// Engines see these bytes and never those of the file that it was read from, so that they see nothing that validation
/// did not. Clones share them.
#[derive(Clone)]
pub struct ModelFile {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    name: String,
    model: Model,
    bytes: Bytes,
    file_len: u64,
    workload: Workload,
    sha256: Option<String>,
    states: Option<Vec<State>>,
}

impl ModelFile {
    /// Reads and validates the content of a file; `name` (a path, mostly) is what errors call it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where it is damaged, is not of IR version 4 to 10 and opset 9 to 21, has operators outside of
    /// the standard domain, reads a value before it is made or makes it twice, or holds what [`Model::read`] refuses.
    pub fn read(name: impl Into<String>, bytes: impl Into<Bytes>) -> Result<Self> {
        let (name, file): (_, Bytes) = (name.into(), bytes.into());
        let file_len = file.len() as u64;
        let refuse = |why: ReadError| unreadable(&name, why);
        let model = validated(&name, Model::read(&file).map_err(refuse)?)?;
        let written = Bytes::from(model.write());
        if written == file {
            return Ok(Self::new(name, model, file, file_len));
        }
        // Read again, so that the weights are held once.
        let model = Model::read(&written).map_err(refuse)?;
        Ok(Self::new(name, model, written, file_len))
    }

    /// Validates a model that was made here.
    ///
    /// # Errors
    /// Those of [`ModelFile::read`] but for damage.
    pub fn from_model(name: impl Into<String>, model: Model) -> Result<Self> {
        let name = name.into();
        let model = validated(&name, model)?;
        let bytes = Bytes::from(model.write());
        let file_len = bytes.len() as u64;
        Ok(Self::new(name, model, bytes, file_len))
    }

    fn new(name: String, model: Model, bytes: Bytes, file_len: u64) -> Self {
        let inner = Inner { name, model, bytes, file_len, workload: Workload::default(), sha256: None, states: None };
        Self { inner: Arc::new(inner) }
    }

    /// Sets how it is best run.
    #[must_use]
    pub fn with_workload(mut self, workload: Workload) -> Self {
        Arc::make_mut(&mut self.inner).workload = workload;
        self
    }

    /// Sets the SHA-256, in lower-case hexadecimal, of the file that it was read from.
    #[must_use]
    pub fn with_sha256(mut self, sha256: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.inner).sha256 = Some(sha256.into());
        self
    }

    /// Sets the states, for a model whose metadata does not tell of them.
    #[must_use]
    pub fn with_states(mut self, states: Vec<State>) -> Self {
        Arc::make_mut(&mut self.inner).states = Some(states);
        self
    }

    /// What errors call it.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.inner.model
    }

    /// What it remembers from run to run: the states that were set, or else those that its metadata tells of.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the metadata does not fit the model.
    pub fn states(&self) -> Result<Vec<State>> {
        match &self.inner.states {
            Some(states) => Ok(states.clone()),
            None => self.model().states().map_err(|found| {
                let why = format!("found {found}, expected a state as `oasis::onnx::State` describes it");
                Error::new(ErrorKind::Model, "cannot use model", self.name(), why)
                    .hint("export it again with `Exporter::state`")
            }),
        }
    }

    /// The model as the writer writes it.
    pub fn bytes(&self) -> &Bytes {
        &self.inner.bytes
    }

    /// The length of the file that it was read from.
    pub fn file_len(&self) -> u64 {
        self.inner.file_len
    }

    /// How it is best run.
    pub fn workload(&self) -> Workload {
        self.inner.workload
    }

    /// The SHA-256 of the file that it was read from, in lower-case hexadecimal, where that was set.
    pub fn sha256(&self) -> Option<&str> {
        self.inner.sha256.as_deref()
    }
}

/// The error for a file that was not read.
pub(crate) fn unreadable(name: &str, why: ReadError) -> Error {
    let damaged = why.is_damage();
    let error = Error::new(ErrorKind::Model, "cannot read model", name, &why).caused_by(why);
    match damaged {
        true => error.hint("fetch or export the file again; it may be cut short"),
        false => error.hint("export it again with `oasis export`"),
    }
}

/// A model that was validated, without the operator sets that it imports and does not use.
fn validated(name: &str, mut model: Model) -> Result<Model> {
    check(&model).map_err(|broken| {
        Error::new(ErrorKind::Model, "cannot use model", name, broken).hint("export it again with `oasis export`")
    })?;
    model.opsets.retain(|(domain, _)| domain.is_empty());
    Ok(model)
}

impl fmt::Debug for ModelFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelFile")
            .field("name", &self.name())
            .field("bytes", &self.bytes().len())
            .field("workload", &self.workload())
            .field("sha256", &self.sha256())
            .finish_non_exhaustive()
    }
}
