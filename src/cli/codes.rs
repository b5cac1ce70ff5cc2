//! `oasis encode` and `oasis decode`: slices to files of codes, and back.

use std::path::{Path, PathBuf};

use oasis::jobs::{self, Encoded, Ended, each_once};
use oasis::runtime::Oasis;
use oasis::spell;
use serde_json::json;

use super::context::Context;
use super::cut::CutArgs;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::files::{Inputs, conclude, with_stream};
use super::print::Lines;
use super::{interrupt, progress, volumes};

/// Encode slices to codes.
#[derive(Debug, clap::Args)]
pub struct EncodeArgs {
    #[command(flatten)]
    inputs: Inputs,
    /// Folder for NAME.npy (int64, [h, w]), of volumes NAME.slice_M.npy; names that repeat are told apart as by infer
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write likelihood.csv too: for each slice, the bits that the prior needs for a code
    #[arg(long)]
    likelihood: bool,
    #[command(flatten)]
    cut: CutArgs,
    #[command(flatten)]
    engine: EngineArgs,
}

/// Decode codes to images.
#[derive(Debug, clap::Args)]
pub struct DecodeArgs {
    /// Files of codes (.npy, int64)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder for NAME.png; no picture that was not decoded by this is overwritten
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
}

pub fn encode(args: EncodeArgs, context: &Context) -> oasis::Result<Exit> {
    let (found, others) = args.inputs.volumes();
    if !found.is_empty() {
        let make = jobs::Make::Codes { likelihood: args.likelihood };
        return volumes::run(context, &args.engine, (&found, &others), args.cut.cut(), make, &args.out);
    }
    let (files, missing) = args.inputs.find(context)?;
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
    let (files, left_out) = each_once(args.files);
    context.say_left_out(&left_out);
    let (oasis, workers) = args.engine.open_for(context, files.len())?;
    let bar = context.bar(files.len() as u64, "grids");
    let mut progress = progress::inputs(context, &bar, files.len());
    let (written, ended) = jobs::decode(&oasis, &files, &args.out, workers, interrupt::stop(), &mut progress)?;
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
    let mut printed = Ok(());
    if written > 0 {
        let backend = oasis.engine().name();
        let mut value =
            json!({"backend": backend, "written": written, "failed": ended.failures.len(), "out": spell(out)});
        if let Some(bits) = bits_per_code {
            value["bits_per_code"] = bits.into();
        }
        let bits = bits_per_code.map_or(String::new(), |bits| format!(", {bits:.3} bits a code"));
        printed = context.result(&value, || Lines::one(format_args!("{written} {what} in {}{bits}", spell(out))));
    }
    let exit = conclude(context, written, ended)?;
    printed.map(|()| exit)
}
