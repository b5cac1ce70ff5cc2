//! Trained runs to a bundle.

use std::path::{Path, PathBuf};

use oasis::bundle::Bundle;
use oasis::export::{BundleRequest, export_bundle, read_scores};
use oasis::{Error, ErrorKind};
use serde_json::{Map, Value};

use crate::cli::Context;
use crate::cli::engine::LibraryArgs;

/// The runs, and how they are exported.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The VQ-VAE's run folder
    #[arg(long, value_name = "RUN")]
    vqvae: Option<PathBuf>,
    /// The prior's run folder; without it the bundle can reconstruct but not sample
    #[arg(long, value_name = "RUN", requires = "vqvae")]
    prior: Option<PathBuf>,
    /// ONNX operator set
    #[arg(long, default_value_t = 18, requires = "vqvae", value_parser = clap::value_parser!(i64).range(17..=21))]
    opset: i64,
    /// How weights are stored: f16 halves the files, and rounds before the export is checked
    #[arg(long, value_enum, default_value_t = Dtype::F32, requires = "vqvae")]
    dtype: Dtype,
    /// What the model scored (from oasis eval --json), for the manifest
    #[arg(long, value_name = "FILE", requires = "vqvae")]
    scores: Option<PathBuf>,
    #[command(flatten)]
    library: LibraryArgs,
}

/// How weights are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Dtype {
    F32,
    F16,
}

impl RunArgs {
    /// Whether a trained run is asked for.
    pub fn given(&self) -> bool {
        self.vqvae.is_some()
    }

    /// Exports the runs to the bundle `out`; tells the largest errors against Burn by role.
    pub fn export(&self, out: &Path, context: &Context) -> anyhow::Result<(Bundle, Map<String, Value>)> {
        let Some(vqvae) = &self.vqvae else {
            return Err(Error::new(ErrorKind::Usage, "cannot export", "--vqvae", "a bundle needs a trained run")
                .hint("name the run's folder with --vqvae RUN")
                .hint("or write a Triton model repository from a bundle with --layout triton")
                .into());
        };
        let request = BundleRequest {
            vqvae: vqvae.clone(),
            prior: self.prior.clone(),
            out: out.to_owned(),
            opset: self.opset,
            half_weights: self.dtype == Dtype::F16,
            scores: self.scores.as_deref().map(read_scores).transpose()?.unwrap_or(Value::Null),
            options: self.library.options(context),
        };
        let mut errors = Map::new();
        let bundle = export_bundle(&request, |role, worst| {
            let text: Vec<String> = worst
                .as_object()
                .into_iter()
                .flatten()
                .map(|(engine, error)| format!("{engine} {:.1e}", error.as_f64().unwrap_or(f64::NAN)))
                .collect();
            context.say(format!("{role}: largest error against Burn: {}", text.join(", ")));
            errors.insert(role.to_string(), worst.clone());
        })?;
        Ok((bundle, errors))
    }
}
