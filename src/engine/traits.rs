//! What every engine offers.

use std::path::PathBuf;

use serde::Serialize;

use super::tensor::{Tensor, TensorView, TensorViewMut};
use crate::onnx::ModelFile;
use crate::{Error, ErrorKind, Result, Subject};

/// An implementation that runs ONNX models.
pub trait Engine: Send + Sync {
    /// Its name: `tract`, `ort`, `ort-cuda`, `burn`.
    fn name(&self) -> &str;

    /// Checks that the engine can run on this machine, and says what it is.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Environment`] with the exact reason, and hints that say what to install or set.
    fn check(&self) -> Result<EngineInfo>;

    /// Loads a model from [`ModelFile::bytes`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::Environment`] where the engine cannot run on this machine, [`crate::ErrorKind::Model`] where
    /// it cannot run the model.
    fn load(&self, file: &ModelFile) -> Result<Box<dyn Session>>;

    /// How many images to give to one run for the best throughput: 1 where larger batches gain nothing, since the
    /// threads of a CPU are then better put on different images.
    fn best_batch(&self) -> usize {
        1
    }
}

/// A loaded model, usable from many threads.
pub trait Session: Send + Sync {
    /// Runs the model on named inputs and returns its outputs in the model's order.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Model`] where the inputs do not fit, [`crate::ErrorKind::Runtime`] where the engine fails.
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>>;

    /// Runs the model on named inputs and writes the named outputs into the caller's buffers, without a copy where the
    /// engine can.
    ///
    /// # Errors
    /// Those of [`Session::run`], and [`ErrorKind::Model`] where the model has no such output or a buffer is of another
    /// type or shape.
    fn run_into(&self, inputs: &[(&str, TensorView<'_>)], outputs: &mut [(&str, TensorViewMut<'_>)]) -> Result<()> {
        let values = self.run(inputs)?;
        for (name, buffer) in outputs {
            let found = values.iter().find(|(output, _)| output == name);
            let (_, value) = found.ok_or_else(|| {
                let known: Vec<_> = values.iter().map(|(output, _)| output.as_str()).collect();
                let why = format!("expected one of {}", known.join(", "));
                Error::new(ErrorKind::Model, "no such output", Subject::tensor(*name), why)
            })?;
            buffer.assign(name, &value.view())?;
        }
        Ok(())
    }
}

/// What an engine is, on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EngineInfo {
    /// The engine's name.
    pub name: String,
    /// The library that does the work.
    pub library: String,
    /// The file that the library was loaded from; `None` where the library is part of this binary.
    pub path: Option<PathBuf>,
    /// Libraries that were found before it and are not used, each as `PATH: WHY`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// The library's version.
    pub version: String,
    /// The versions that are accepted.
    pub wanted: String,
    /// What the library can run on, such as ONNX Runtime's execution providers.
    pub providers: Vec<String>,
    /// Threads that one run uses. Samples are drawn on as many.
    pub threads: usize,
}

impl EngineInfo {
    /// An engine whose library is part of this binary and runs on the CPU, on one thread.
    pub fn new(name: impl Into<String>, library: impl Into<String>, version: impl Into<String>) -> Self {
        let version = version.into();
        Self {
            name: name.into(),
            library: library.into(),
            path: None,
            refused: Vec::new(),
            wanted: version.clone(),
            version,
            providers: vec!["CPU".to_owned()],
            threads: 1,
        }
    }
}
