//! How sessions of ONNX Runtime are made: for the CPU, or for an NVIDIA GPU.

use ort::ep::{self, ExecutionProvider};
use ort::session::Session as OrtSession;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use super::cuda;
use super::environment::{self, Loaded};
use super::library::SUGGESTED;
use super::text::text;
use crate::onnx::ModelFile;
use crate::plain::spell;
use crate::runtime::options::EngineOptions;
use crate::{Error, ErrorKind, Result, Subject};

/// The options of sessions, and whether they run on a GPU.
#[derive(Clone)]
pub(super) struct Provider {
    pub(super) options: EngineOptions,
    pub(super) cuda: bool,
}

impl Provider {
    /// The engine's name.
    pub(super) fn name(&self) -> &'static str {
        if self.cuda { "ort-cuda" } else { "ort" }
    }

    /// Loads the library, and checks that it can run here.
    ///
    /// # Errors
    /// [`ErrorKind::Environment`] where there is no library that fits, or it finds no GPU that is asked for.
    pub(super) fn loaded(&self) -> Result<Loaded> {
        let loaded = environment::load(self.options.ort_lib.as_deref())?;
        if self.cuda {
            if !ep::CUDA::is_available().unwrap_or(false) {
                let why = format!("{} was built without CUDA", spell(&loaded.library.path));
                return Err(Error::new(ErrorKind::Environment, "cannot use engine", Subject::engine("ort-cuda"), why)
                    .hint(format!(
                        "`python3 -m pip install onnxruntime-gpu[cuda,cudnn]=={SUGGESTED}` brings one with it"
                    ))
                    .hint("set `ort_lib` to its path"));
            }
            cuda::check(self.options.device_id, &loaded.library.path)?;
        }
        Ok(loaded)
    }

    fn builder(&self, loaded: &Loaded) -> Result<SessionBuilder, String> {
        let mut builder = OrtSession::builder(&loaded.environment)
            .map_err(text)?
            .with_optimization_level(GraphOptimizationLevel::All)
            .map_err(text)?
            .with_intra_threads(self.options.thread_count())
            .map_err(text)?;
        if self.cuda {
            let mut provider = ep::CUDA::default()
                .with_device_id(self.options.device_id)
                .with_tf32(false)
                .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic);
            if let Some(limit) = self.options.gpu_mem_limit {
                provider = provider.with_memory_limit(limit);
            }
            builder = builder
                .with_disable_cpu_fallback()
                .map_err(text)?
                .with_execution_providers([provider.build().error_on_failure()])
                .map_err(text)?;
        }
        Ok(builder)
    }

    /// A session of ONNX Runtime from the bytes of a validated model.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where ONNX Runtime refuses the graph.
    pub(super) fn session(&self, loaded: &Loaded, file: &ModelFile) -> Result<OrtSession> {
        self.builder(loaded).and_then(|mut builder| builder.commit_from_memory(file.bytes()).map_err(text)).map_err(
            |why| {
                let what = format!("{} cannot load", self.name());
                let error = Error::new(ErrorKind::Model, what, file.name(), why);
                match self.cuda {
                    true => error.hint("set `backend` to ort to run it on the CPU"),
                    false => error.hint("set `backend` to tract; `oasis inspect` shows the file's operators"),
                }
            },
        )
    }

    /// How many runs of a session may go on at once: one on a GPU, where each session takes memory of its own.
    pub(super) fn runs(&self) -> usize {
        if self.cuda { 1 } else { self.options.run_count() }
    }
}
