//! ONNX Runtime, its library loaded at run time: `ort` on the CPU, `ort-cuda` on an NVIDIA GPU.

mod convert;
mod cuda;
#[cfg(any(not(any(windows, target_vendor = "apple")), test))]
mod elf;
mod environment;
mod library;
#[cfg(any(windows, target_vendor = "apple", test))]
mod magic;
mod places;
mod pool;
mod provider;
mod session;
mod state;
mod text;

use self::provider::Provider;
use self::session::Runner;
use super::options::EngineOptions;
use crate::Result;
use crate::engine::{Engine, EngineInfo, Session};
use crate::onnx::{ModelFile, Workload};

/// How many images to give to one run on a GPU: enough to keep it busy, and little memory.
const CUDA_BATCH: usize = 32;

/// The engine.
pub(super) struct Ort(Provider);

impl Ort {
    /// ONNX Runtime on the CPU, or with `cuda` on an NVIDIA GPU.
    pub(super) fn new(options: &EngineOptions, cuda: bool) -> Self {
        Self(Provider { options: options.clone(), cuda })
    }
}

impl Engine for Ort {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn check(&self) -> Result<EngineInfo> {
        let loaded = self.0.loaded()?;
        Ok(EngineInfo {
            path: Some(loaded.library.path),
            wanted: library::wanted(),
            providers: loaded.providers,
            refused: loaded.library.refused,
            threads: self.0.options.thread_count(),
            ..EngineInfo::new(self.name(), "ONNX Runtime", loaded.library.version)
        })
    }

    fn load(&self, file: &ModelFile) -> Result<Box<dyn Session>> {
        let Self(Provider { options, cuda }) = self;
        let options = if file.workload() == Workload::Step { options.for_steps() } else { options.clone() };
        Ok(Box::new(Runner::new(Provider { options, cuda: *cuda }, self.0.loaded()?, file)?))
    }

    fn best_batch(&self) -> usize {
        if self.0.cuda { CUDA_BATCH } else { 1 }
    }
}
