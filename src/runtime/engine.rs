//! What every engine offers.

use std::path::PathBuf;

use serde::Serialize;

use super::tensor::{Tensor, TensorView, TensorViewMut};
use crate::bundle::Graph;
use crate::{Error, ErrorKind, Result};

/// An implementation that runs ONNX graphs.
pub trait Engine: Send + Sync {
    /// Its name: `tract`, `ort`, `ort-cuda`, `burn`.
    fn name(&self) -> &str;

    /// Whether it can run here, and what it is.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Environment`] with the exact reason and the way out.
    fn check(&self) -> Result<EngineInfo>;

    /// Loads a graph.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Environment`] where the engine cannot run here, [`crate::ErrorKind::Model`] where it cannot
    /// run the graph.
    fn load(&self, graph: &Graph) -> Result<Box<dyn Session>>;

    /// Images that one run is best given: one where the engine gains nothing from more, so that the threads of a CPU
    /// are better put on different images.
    fn best_batch(&self) -> usize {
        1
    }
}

/// A loaded graph, usable from many threads.
pub trait Session: Send + Sync {
    /// Runs the graph on named inputs and returns its outputs in the graph's order.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Model`] where the inputs do not fit, [`crate::ErrorKind::Runtime`] where the engine fails.
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>>;

    /// Runs the graph on named inputs and writes the named outputs into the caller's buffers, without a copy where the
    /// engine can.
    ///
    /// # Errors
    /// Those of [`Session::run`], and [`ErrorKind::Model`] where the graph has no such output or a buffer is of another
    /// type or shape.
    fn run_into(&self, inputs: &[(&str, TensorView<'_>)], outputs: &mut [(&str, TensorViewMut<'_>)]) -> Result<()> {
        let values = self.run(inputs)?;
        for (name, buffer) in outputs {
            let found = values.iter().find(|(output, _)| output == name);
            let (_, value) = found.ok_or_else(|| {
                let known: Vec<_> = values.iter().map(|(output, _)| output.as_str()).collect();
                Error::new(ErrorKind::Model, "no such output", *name, format!("expected one of {}", known.join(", ")))
            })?;
            buffer.assign(name, &value.view())?;
        }
        Ok(())
    }
}

/// How engines are set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineOptions {
    /// Threads that one run may use; as many as the machine runs at once where `None`.
    pub threads: Option<usize>,
    /// Runs of a session at once that an engine which takes turns prepares for; as many as there are cores for them
    /// where `None`.
    pub runs: Option<usize>,
    /// The ONNX Runtime library, or a folder that holds it; searched for where `None`.
    pub ort_lib: Option<PathBuf>,
    /// The CUDA device, from 0 on.
    pub device_id: i32,
    /// The size limit of the CUDA memory arena in bytes.
    pub gpu_mem_limit: Option<usize>,
    /// What Burn runs on: `cpu`, `vulkan` or `cuda`; `cpu` where `None`.
    pub burn_device: Option<String>,
}

impl EngineOptions {
    /// The number of threads to use.
    pub fn thread_count(&self) -> usize {
        self.threads.unwrap_or_else(super::default_threads).max(1)
    }

    /// These for graphs of little work a run: a thread each, and as many runs at once as there were threads.
    #[cfg(feature = "ort")]
    pub(super) fn for_steps(&self) -> Self {
        Self { threads: Some(1), runs: Some(self.thread_count() * self.run_count()), ..self.clone() }
    }

    /// The number of runs at once.
    pub fn run_count(&self) -> usize {
        self.runs.unwrap_or_else(|| super::default_threads() / self.thread_count()).max(1)
    }
}

/// What an engine is, on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineInfo {
    /// Its name.
    pub name: String,
    /// The library behind it.
    pub library: String,
    /// Where that was loaded from, if not part of this binary.
    pub path: Option<PathBuf>,
    /// The library's version.
    pub version: String,
    /// The versions that are accepted.
    pub wanted: String,
    /// What the library can run on, such as ONNX Runtime's execution providers.
    pub providers: Vec<String>,
    /// Threads it uses.
    pub threads: usize,
}
