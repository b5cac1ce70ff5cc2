//! ONNX Runtime, its library loaded at run time: `ort` on the CPU, `ort-cuda` on an NVIDIA GPU.

mod convert;
mod cuda;
mod environment;
mod library;
mod pool;
mod session;

use ort::ep::{self, ExecutionProvider};
use ort::session::Session as OrtSession;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use self::environment::Loaded;
use self::session::Runner;
use super::engine::{Engine, EngineInfo, EngineOptions, Session};
use crate::bundle::Graph;
use crate::{Error, ErrorKind, Result};

/// Images a run on a GPU is given: enough to fill one, and little memory.
const CUDA_BATCH: usize = 32;

#[derive(Clone)]
pub(super) struct Ort {
    options: EngineOptions,
    cuda: bool,
}

impl Ort {
    pub(super) fn new(options: &EngineOptions, cuda: bool) -> Self {
        Self { options: options.clone(), cuda }
    }

    fn loaded(&self) -> Result<Loaded> {
        let loaded = environment::load(self.options.ort_lib.as_deref())?;
        if self.cuda {
            if !ep::CUDA::is_available().unwrap_or(false) {
                let why = format!("{} was built without CUDA", loaded.library.path.display());
                return Err(Error::new(ErrorKind::Environment, "cannot use engine", "ort-cuda", why)
                    .hint("`python3 -m pip install onnxruntime-gpu[cuda,cudnn]==1.31.1` brings one with it")
                    .hint("name it with --ort-lib FILE"));
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

    /// A session of ONNX Runtime from the bytes of a validated graph.
    fn session(&self, loaded: &Loaded, graph: &Graph) -> Result<OrtSession> {
        self.builder(loaded).and_then(|mut builder| builder.commit_from_memory(graph.bytes()).map_err(text)).map_err(
            |why| {
                let what = format!("{} cannot load", self.name());
                let error = Error::new(ErrorKind::Model, what, graph.name(), why);
                match self.cuda {
                    true => error.hint("use --backend ort to run it on the CPU"),
                    false => error.hint("try --backend tract; `oasis inspect` shows the file's operators"),
                }
            },
        )
    }

    /// How many runs of a session may go on at once: one at a time on a GPU, whose sessions each hold memory there.
    fn runs(&self) -> usize {
        if self.cuda { 1 } else { self.options.run_count() }
    }
}

/// What an error of `ort` says; the error itself cannot cross threads.
fn text<T>(error: ort::Error<T>) -> String {
    error.message().to_owned()
}

impl Engine for Ort {
    fn name(&self) -> &str {
        if self.cuda { "ort-cuda" } else { "ort" }
    }

    fn check(&self) -> Result<EngineInfo> {
        let loaded = self.loaded()?;
        Ok(EngineInfo {
            name: self.name().to_owned(),
            library: "ONNX Runtime".to_owned(),
            path: Some(loaded.library.path),
            version: loaded.library.version,
            wanted: library::wanted(),
            providers: loaded.providers,
            threads: self.options.thread_count(),
        })
    }

    fn load(&self, graph: &Graph) -> Result<Box<dyn Session>> {
        let loaded = self.loaded()?;
        let options = if graph.role().is_step() { self.options.for_steps() } else { self.options.clone() };
        Ok(Box::new(Runner::new(Self { options, cuda: self.cuda }, loaded, graph)?))
    }

    fn best_batch(&self) -> usize {
        if self.cuda { CUDA_BATCH } else { 1 }
    }
}
