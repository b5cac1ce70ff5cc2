//! `oasis encode` and `oasis decode`: slices to and from files of codes.

use std::path::{Path, PathBuf};

use oasis::jobs::{self, Encoded, Ended};
use oasis::runtime::Oasis;
use serde_json::json;

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::files::{Inputs, conclude, with_stream};
use super::{interrupt, progress};

/// Slices to codes.
#[derive(Debug, clap::Args)]
pub struct EncodeArgs {
    #[command(flatten)]
    inputs: Inputs,
    /// Folder for NAME.npy (int64, [h, w])
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write likelihood.csv too: the prior's bits a code of each slice
    #[arg(long)]
    likelihood: bool,
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

pub fn encode(args: EncodeArgs, context: &Context) -> oasis::Result<Exit> {
    let (files, missing) = args.inputs.find()?;
    let (oasis, workers) = args.engine.open_for(context, files.len())?;
    let fit = args.inputs.fit();
    let (Encoded { written, bits_per_code, .. }, mut ended) =
        with_stream(context, &files, fit, workers, |stream| jobs::encode(&oasis, stream, &args.out, args.likelihood))?;
    ended.failures.splice(0..0, missing);
    let bits = bits_per_code.iter().map(|(_, bits)| bits).sum::<f64>() / bits_per_code.len() as f64;
    let bits = args.likelihood.then_some(bits);
    finish(context, &oasis, written, ended, &args.out, "grids of codes", bits)
}

pub fn decode(args: DecodeArgs, context: &Context) -> oasis::Result<Exit> {
    let (oasis, workers) = args.engine.open_for(context, args.files.len())?;
    let bar = context.bar(args.files.len() as u64, "grids");
    let mut progress = progress::inputs(context, &bar, args.files.len());
    let (written, ended) = jobs::decode(&oasis, &args.files, &args.out, workers, interrupt::stop(), &mut progress)?;
    bar.finish_and_clear();
    finish(context, &oasis, written, ended, &args.out, "images", None)
}

fn finish(
    context: &Context,
    oasis: &Oasis,
    written: usize,
    ended: Ended,
    out: &Path,
    what: &str,
    bits_per_code: Option<f64>,
) -> oasis::Result<Exit> {
    if written > 0 {
        let backend = oasis.engine().name();
        let mut value = json!({"backend": backend, "written": written, "failed": ended.failures.len(), "out": out});
        if let Some(bits) = bits_per_code {
            value["bits_per_code"] = bits.into();
        }
        let bits = bits_per_code.map_or(String::new(), |bits| format!(", {bits:.3} bits a code"));
        context.result(&value, || format!("{written} {what} in {}{bits}", out.display()))?;
    }
    conclude(context, written, ended)
}
