//! The options that choose an engine.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use oasis::bundle::Bundle;
use oasis::runtime::{Backend, BurnDevice, EngineOptions, Oasis};

use super::context::Context;

/// Which engine runs the bundle, and how.
#[derive(Debug, clap::Args)]
pub struct EngineArgs {
    /// tract, ort, ort-cuda, burn or auto; only auto chooses by what can run
    #[arg(long, default_value = "tract", value_name = "ENGINE")]
    pub backend: Backend,
    #[command(flatten)]
    pub library: LibraryArgs,
}

/// Where ONNX Runtime is, and what engines may use.
#[derive(Debug, clap::Args)]
pub struct LibraryArgs {
    /// The absolute path of the ONNX Runtime library, or of its folder [default: the first one found]
    #[arg(long, value_name = "PATH")]
    pub ort_lib: Option<PathBuf>,
    /// The number of the CUDA device
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub device_id: i32,
    /// The most GPU memory that ONNX Runtime may take
    #[arg(long, value_name = "BYTES")]
    pub gpu_mem_limit: Option<usize>,
    /// The device that the engine burn runs on
    #[arg(long, value_name = "DEVICE", default_value = "cpu", value_parser = burn_device())]
    pub burn_device: BurnDevice,
}

fn burn_device() -> impl TypedValueParser<Value = BurnDevice> {
    PossibleValuesParser::new(BurnDevice::ALL.map(BurnDevice::as_str)).try_map(|name| name.parse())
}

impl LibraryArgs {
    /// The engine options.
    pub fn options(&self, context: &Context) -> EngineOptions {
        EngineOptions::default()
            .threads(context.threads)
            .runs(1)
            .ort_lib(self.ort_lib.clone())
            .device_id(self.device_id)
            .gpu_mem_limit(self.gpu_mem_limit)
            .burn_device(self.burn_device)
    }
}

impl EngineArgs {
    /// Opens the bundle on the engine, with all threads for each run.
    pub fn open(&self, context: &Context) -> oasis::Result<Oasis> {
        self.open_with(context, self.library.options(context))
    }

    /// Opens the bundle on the engine for `images` images; gives the number of workers to run them with too. Each worker
    /// takes other images; where there are fewer images than threads, each run gets several threads.
    pub fn open_for(&self, context: &Context, images: usize) -> oasis::Result<(Oasis, usize)> {
        let workers = context.threads.min(images).max(1);
        let options = self.library.options(context).threads(context.threads / workers).runs(workers);
        Ok((self.open_with(context, options)?, workers))
    }

    fn open_with(&self, context: &Context, options: EngineOptions) -> oasis::Result<Oasis> {
        let bundle = Bundle::resolve(context.bundle.as_deref())?;
        let oasis = Oasis::open_with(&bundle, self.backend, &options)?;
        if self.backend == Backend::Auto {
            context.say(format!("auto took {}", oasis.engine().name()));
        }
        Ok(oasis)
    }
}
