//! Commands and options whose feature is not in this build.

use std::path::{Path, PathBuf};

use oasis::bundle::Bundle;
use oasis::{Error, ErrorKind};
use serde_json::{Map, Value};

use super::context::Context;
use super::exit::Exit;

/// Whatever the command would take.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

/// The options of trained runs, which this build cannot read.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The VQ-VAE's run folder (needs the feature `train`)
    #[arg(long, value_name = "RUN")]
    vqvae: Option<PathBuf>,
    #[arg(long, hide = true)]
    prior: Option<PathBuf>,
    #[arg(long, hide = true)]
    opset: Option<String>,
    #[arg(long, hide = true)]
    dtype: Option<String>,
    #[arg(long, hide = true)]
    scores: Option<PathBuf>,
    #[arg(long, hide = true)]
    ort_lib: Option<PathBuf>,
    #[arg(long, hide = true)]
    device_id: Option<String>,
    #[arg(long, hide = true)]
    gpu_mem_limit: Option<String>,
}

impl RunArgs {
    /// Whether a trained run is asked for.
    pub fn given(&self) -> bool {
        let texts = [&self.opset, &self.dtype, &self.device_id, &self.gpu_mem_limit];
        let paths = [&self.vqvae, &self.prior, &self.scores, &self.ort_lib];
        texts.iter().any(|text| text.is_some()) || paths.iter().any(|path| path.is_some())
    }

    /// The error that names the feature.
    pub fn export(&self, _out: &Path, _context: &Context) -> anyhow::Result<(Bundle, Map<String, Value>)> {
        Err(error("oasis export of trained runs")
            .hint("without it: oasis export --layout triton writes a Triton repository from a bundle")
            .into())
    }
}

/// The error that names the feature.
pub fn fail(command: &str) -> anyhow::Result<Exit> {
    Err(error(command).into())
}

fn error(command: &str) -> Error {
    Error::new(ErrorKind::Environment, "cannot run command", command, "this build lacks the feature `train`")
        .hint("cargo build --release --features train")
        .hint("on a GPU: cargo build --release --features vulkan")
}
