//! `oasis export`: trained runs to a bundle, a bundle to a Triton model repository.

#[cfg_attr(not(feature = "train"), path = "no_runs.rs")]
mod runs;
mod triton;

use std::path::PathBuf;

use oasis::spell;
use serde_json::json;

use self::runs::RunArgs;
use self::triton::TritonArgs;
use super::context::Context;
use super::exit::Exit;
use super::print::Lines;

/// Write a bundle, or a Triton model repository.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to write
    #[arg(long, value_enum, default_value_t = Layout::Bundle)]
    layout: Layout,
    /// The folder to write
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    runs: RunArgs,
    #[command(flatten)]
    triton: TritonArgs,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    /// A bundle of ONNX files, from trained runs (needs the feature `train`)
    Bundle,
    /// A model repository for NVIDIA Triton, from --bundle, the embedded bundle or trained runs
    Triton,
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    match args.layout {
        Layout::Bundle => bundle(&args, context),
        Layout::Triton => args.triton.write(&args.runs, &args.out, context),
    }
}

fn bundle(args: &Args, context: &Context) -> oasis::Result<Exit> {
    args.triton.refuse()?;
    let (bundle, errors) = args.runs.export(Some(&args.out), context)?;
    let manifest = bundle.manifest();
    let bytes: u64 = manifest.files.values().map(|file| file.bytes).sum();
    let value = json!({
        "out": spell(&args.out), "run": manifest.run, "bytes": bytes, "files": manifest.files, "max_abs_error": errors,
        "verified": {"tract": true, "ort": manifest.verification.ort.is_object()},
    });
    context.result(&value, || {
        let ort = manifest.verification.ort.as_str().unwrap_or("verified on ort");
        let (files, out) = (manifest.files.len(), spell(&args.out));
        Lines::one(format_args!("{files} files, {bytes} bytes in {out}; verified on tract, {ort}"))
    })?;
    Ok(Exit::Done)
}
