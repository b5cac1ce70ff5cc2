//! `oasis export`: trained runs to a bundle.

use std::path::PathBuf;

use oasis::export::{BundleRequest, export_bundle, read_scores};
use serde_json::{Map, Value, json};

use super::engine::LibraryArgs;
use super::{Context, Exit};

/// Write a bundle.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The VQ-VAE's run folder
    #[arg(long, value_name = "RUN")]
    vqvae: PathBuf,
    /// The prior's run folder; without it the bundle can reconstruct but not sample
    #[arg(long, value_name = "RUN")]
    prior: Option<PathBuf>,
    /// The bundle's folder
    #[arg(long, value_name = "BUNDLE")]
    out: PathBuf,
    /// ONNX operator set
    #[arg(long, default_value_t = 18, value_parser = clap::value_parser!(i64).range(17..=21))]
    opset: i64,
    /// How weights are stored: f16 halves the files, and rounds before the export is checked
    #[arg(long, value_enum, default_value_t = Dtype::F32)]
    dtype: Dtype,
    /// What the model scored (from oasis eval --json), for the manifest
    #[arg(long, value_name = "FILE")]
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

pub fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let request = BundleRequest {
        vqvae: args.vqvae,
        prior: args.prior,
        out: args.out,
        opset: args.opset,
        half_weights: args.dtype == Dtype::F16,
        scores: args.scores.as_deref().map(read_scores).transpose()?.unwrap_or(Value::Null),
        options: args.library.options(context),
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
    let manifest = bundle.manifest();
    let bytes: u64 = manifest.files.values().map(|file| file.bytes).sum();
    let value = json!({
        "out": request.out, "run": manifest.run, "bytes": bytes, "files": manifest.files, "max_abs_error": errors,
        "verified": {"tract": true, "ort": manifest.verification.ort.is_object()},
    });
    context.result(&value, || {
        let ort = manifest.verification.ort.as_str().unwrap_or("verified on ort");
        format!("{} files, {bytes} bytes in {}; verified on tract, {ort}", manifest.files.len(), request.out.display())
    })?;
    Ok(Exit::Done)
}
