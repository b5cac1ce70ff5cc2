//! `oasis encode` and `oasis decode`: slices to and from files of codes.

use std::path::{Path, PathBuf};

use oasis::jobs::{self, Ended};
use oasis::runtime::Oasis;
use serde_json::json;

use super::engine::EngineArgs;
use super::files::{Inputs, conclude, steps, with_stream};
use super::{Context, Exit, interrupt};

/// Slices to codes.
#[derive(Debug, clap::Args)]
pub struct EncodeArgs {
    #[command(flatten)]
    inputs: Inputs,
    /// Folder for NAME.npy (int64, [h, w])
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
}

/// Codes to images.
#[derive(Debug, clap::Args)]
pub struct DecodeArgs {
    /// Files of codes (.npy, int64)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder for NAME.png
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
}

pub fn encode(args: EncodeArgs, context: &Context) -> anyhow::Result<Exit> {
    let (files, missing) = args.inputs.find()?;
    let (oasis, workers) = args.engine.open_for(context, files.len())?;
    let fit = args.inputs.fit();
    let (written, mut ended) =
        with_stream(context, &files, fit, workers, |stream| jobs::encode(&oasis, stream, &args.out))?;
    ended.failures.splice(0..0, missing);
    finish(context, &oasis, written, ended, &args.out, "grids of codes")
}

pub fn decode(args: DecodeArgs, context: &Context) -> anyhow::Result<Exit> {
    let (oasis, workers) = args.engine.open_for(context, args.files.len())?;
    let bar = context.bar(args.files.len() as u64, "grids");
    let mut progress = steps(context, &bar, args.files.len());
    let (written, ended) = jobs::decode(&oasis, &args.files, &args.out, workers, interrupt::stop(), &mut progress)?;
    bar.finish_and_clear();
    finish(context, &oasis, written, ended, &args.out, "images")
}

fn finish(
    context: &Context,
    oasis: &Oasis,
    written: usize,
    ended: Ended,
    out: &Path,
    what: &str,
) -> anyhow::Result<Exit> {
    if written > 0 {
        let backend = oasis.engine().name();
        let value = json!({"backend": backend, "written": written, "failed": ended.failures.len(), "out": out});
        context.result(&value, || format!("{written} {what} in {}", out.display()))?;
    }
    conclude(written, ended)
}
