//! `oasis encode` and `oasis decode`: slices to and from files of codes.

use std::path::PathBuf;

use oasis::jobs;
use serde_json::json;

use super::engine::EngineArgs;
use super::files::{Inputs, conclude, steps, with_stream};
use super::{Context, Exit};

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
    let (files, mut failures) = args.inputs.find()?;
    let oasis = args.engine.open(context)?;
    let (written, unread) =
        with_stream(context, &files, args.inputs.fit(), |stream| jobs::encode(&oasis, stream, &args.out))?;
    failures.extend(unread);
    if written > 0 {
        let backend = oasis.engine().name();
        let value = json!({"backend": backend, "written": written, "failed": failures.len(), "out": args.out});
        context.result(&value, || format!("{written} grids of codes in {}", args.out.display()))?;
    }
    conclude(written, failures)
}

pub fn decode(args: DecodeArgs, context: &Context) -> anyhow::Result<Exit> {
    let oasis = args.engine.open(context)?;
    let bar = context.bar(args.files.len() as u64, "grids");
    let mut progress = steps(context, &bar, args.files.len());
    let (written, failures) = jobs::decode(&oasis, &args.files, &args.out, 8 * context.threads, &mut progress)?;
    if written > 0 {
        let backend = oasis.engine().name();
        let value = json!({"backend": backend, "written": written, "failed": failures.len(), "out": args.out});
        context.result(&value, || format!("{written} images in {}", args.out.display()))?;
    }
    conclude(written, failures)
}
