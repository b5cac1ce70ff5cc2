//! `oasis infer`: reconstructions, pictures of the codes, and scores.

use std::path::PathBuf;

use oasis::{jobs, spell};
use serde_json::json;

use super::context::Context;
use super::cut::CutArgs;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::files::{Inputs, conclude, with_stream};
use super::print::Lines;
use super::volumes;

/// Reconstruct slices.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Folder for NAME.recon.png, NAME.codes.png and metrics.csv; of volumes, NAME.recon.nii.gz and volumes.csv
    ///
    /// NAME is the slice's name without its extension; with it (a.png.recon.png) where slices of one folder differ in that
    /// alone. Where slices of different folders have one name, the files of each slice go to a subfolder: what is left of
    /// its folder's path after the part that all begin with (x/s/a.png and y/s/a.png: x/s/ and y/s/).
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    cut: CutArgs,
    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    let (found, others) = args.inputs.volumes();
    if !found.is_empty() {
        let make = jobs::Make::Reconstructions;
        return volumes::run(context, &args.engine, (&found, &others), args.cut.cut(), make, &args.out);
    }
    let (files, missing) = args.inputs.find(context)?;
    let (oasis, workers) = args.engine.open_for(context, files.len())?;
    let fit = args.inputs.fit();
    let (rows, mut ended) =
        with_stream(context, &files, fit, workers, |stream| jobs::infer(&oasis, stream, &args.out))?;
    ended.failures.splice(0..0, missing);
    let mut printed = Ok(());
    if !rows.is_empty() {
        let mean = rows.iter().map(|row| row.ssim).sum::<f64>() / rows.len() as f64;
        let failed: Vec<_> = ended.failures.iter().map(|failure| spell(&failure.path)).collect();
        let value = json!({
            "backend": oasis.engine().name(), "images": rows, "failed": failed,
            "ssim": {"mean": mean}, "out": spell(&args.out),
        });
        printed = context.result(&value, || {
            let mut text = Lines::default();
            for jobs::Inferred { file, ssim, ssim_brain, psnr, .. } in rows.iter().take(20) {
                text.add(format_args!("{file}  SSIM {ssim:.4}  brain {ssim_brain:.4}  PSNR {psnr:.2} dB"));
            }
            if rows.len() > 20 {
                text.add(format_args!("... see {}", spell(args.out.join("metrics.csv"))));
            }
            text.add(format_args!("{} slices, mean SSIM {mean:.4}, in {}", rows.len(), spell(&args.out)));
            text
        });
    }
    let exit = conclude(context, rows.len(), ended)?;
    printed.map(|()| exit)
}
