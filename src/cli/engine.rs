//! The options that choose an engine.

use std::path::PathBuf;

use oasis::bundle::Bundle;
use oasis::runtime::{Backend, EngineOptions, Oasis};

use super::Context;

/// Which engine runs the bundle, and how.
#[derive(Debug, clap::Args)]
pub struct EngineArgs {
    /// tract, ort, ort-cuda, burn or auto; a named engine never falls back to another
    #[arg(long, default_value = "tract", value_name = "ENGINE")]
    pub backend: Backend,
    #[command(flatten)]
    pub library: LibraryArgs,
}

/// Where ONNX Runtime is, and what it may use.
#[derive(Debug, clap::Args)]
pub struct LibraryArgs {
    /// The ONNX Runtime library, or a folder that holds it [default: searched for]
    #[arg(long, value_name = "PATH")]
    pub ort_lib: Option<PathBuf>,
    /// The CUDA device
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub device_id: i32,
    /// Most GPU memory that ONNX Runtime may take
    #[arg(long, value_name = "BYTES")]
    pub gpu_mem_limit: Option<usize>,
}

impl LibraryArgs {
    /// The engine options.
    pub fn options(&self, context: &Context) -> EngineOptions {
        EngineOptions {
            threads: Some(context.threads),
            ort_lib: self.ort_lib.clone(),
            device_id: self.device_id,
            gpu_mem_limit: self.gpu_mem_limit,
        }
    }
}

impl EngineArgs {
    /// The bundle on the engine.
    pub fn open(&self, context: &Context) -> oasis::Result<Oasis> {
        let bundle = Bundle::resolve(context.bundle.as_deref())?;
        let oasis = Oasis::open_with(&bundle, self.backend, &self.library.options(context))?;
        if self.backend == Backend::Auto {
            context.say(format!("auto took {}", oasis.engine().name()));
        }
        Ok(oasis)
    }
}
