//! What every engine offers.

use std::path::PathBuf;

use serde::Serialize;

use super::kept::{Kept, with_states};
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
            let (_, value) = found.ok_or_else(|| no_output(name, &values))?;
            buffer.assign(name, &value.view())?;
        }
        Ok(())
    }

    /// Runs one step of a model with state: on named inputs and the kept states, which then have their next values. Writes
    /// the named outputs into the caller's buffers, and returns those that are neither written nor states. What does the
    /// work of a [`Stepper`](super::Stepper), which is simpler to use.
    ///
    /// An engine that keeps states in a form of its own need not copy them from step to step. This one runs the model on
    /// all inputs.
    ///
    /// # Errors
    /// Those of [`Session::run_into`]. The states may have no value then.
    fn step(
        &self,
        inputs: &[(&str, TensorView<'_>)],
        states: &mut [Kept],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<Vec<(String, Tensor)>> {
        let values = self.run(&with_states(inputs, states)?)?;
        let mut wanted =
            states.iter().map(|kept| kept.state().output.as_str()).chain(outputs.iter().map(|(name, _)| *name));
        if let Some(missing) = wanted.find(|wanted| !values.iter().any(|(name, _)| name == wanted)) {
            return Err(no_output(missing, &values));
        }
        let mut rest = Vec::new();
        for (name, value) in values {
            if let Some(kept) = states.iter_mut().find(|kept| kept.state().output == name) {
                kept.put(Box::new(value));
            } else if let Some((_, buffer)) = outputs.iter_mut().find(|(output, _)| *output == name) {
                buffer.assign(&name, &value.view())?;
            } else {
                rest.push((name, value));
            }
        }
        Ok(rest)
    }
}

/// The error for an output that a model does not have among its values.
fn no_output(name: &str, values: &[(String, Tensor)]) -> Error {
    let known: Vec<_> = values.iter().map(|(output, _)| output.as_str()).collect();
    let why = format!("expected one of {}", known.join(", "));
    Error::new(ErrorKind::Model, "no such output", Subject::tensor(name), why)
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
    #[serde(serialize_with = "crate::plain::text_of::optional")]
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
