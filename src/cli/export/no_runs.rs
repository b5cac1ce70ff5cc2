//! The options of trained runs, in a build that cannot read them.

use std::path::{Path, PathBuf};

use oasis::bundle::Bundle;
use serde_json::{Map, Value};

use crate::cli::context::Context;
use crate::cli::missing;

/// The options of trained runs.
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
    pub fn export(&self, _out: Option<&Path>, _context: &Context) -> oasis::Result<(Bundle, Map<String, Value>)> {
        Err(missing::error("oasis export of trained runs")
            .hint("without it, `oasis export --layout triton` writes a Triton model repository from a bundle"))
    }
}
