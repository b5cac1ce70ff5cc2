//! Trained runs to a bundle.

use std::path::{Path, PathBuf};

use oasis::bundle::Bundle;
use oasis::publish::{PublishRequest, publish, read_scores};
use oasis::{Error, ErrorKind, Subject};
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
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

    /// Exports the runs to the bundle `out`, or to one in memory; tells the largest errors against Burn by role.
    pub fn export(&self, out: Option<&Path>, context: &Context) -> oasis::Result<(Bundle, Map<String, Value>)> {
        let Some(vqvae) = &self.vqvae else {
            let why = "a bundle is made from a trained run, and none is named";
            return Err(Error::new(ErrorKind::Usage, "cannot export", Subject::setting("vqvae"), why)
                .hint("name the run's folder with --vqvae RUN")
                .hint("or write a Triton model repository from a bundle with --layout triton"));
        };
        let mut request = PublishRequest::new(vqvae);
        request.out = out.map(Path::to_owned);
        request.prior.clone_from(&self.prior);
        request.opset = self.opset;
        request.half_weights = self.dtype == Dtype::F16;
        request.scores = self.scores.as_deref().map(read_scores).transpose()?.unwrap_or(Value::Null);
        request.options = self.library.options(context);
        let mut errors = Map::new();
        let bundle = publish(&request, |role, graph| {
            let text: Vec<String> = [("tract", Some(graph.tract)), ("ort", graph.ort)]
                .into_iter()
                .filter_map(|(engine, error)| Some(format!("{engine} {:.1e}", error?)))
                .collect();
            context.say(format!("{role}: largest error against Burn: {}", text.join(", ")));
            errors.insert(role.to_string(), json!(graph));
        })?;
        Ok((bundle, errors))
    }
}
