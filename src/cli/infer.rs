//! `oasis infer`: reconstructions, pictures of the codes, and scores.

use std::path::PathBuf;

use oasis::jobs;
use serde_json::json;

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::files::{Inputs, conclude, with_stream};

/// Reconstruct slices.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Folder for NAME.recon.png, NAME.codes.png and metrics.csv
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    let (files, missing) = args.inputs.find()?;
    let (oasis, workers) = args.engine.open_for(context, files.len())?;
    let fit = args.inputs.fit();
    let (rows, mut ended) =
        with_stream(context, &files, fit, workers, |stream| jobs::infer(&oasis, stream, &args.out))?;
    ended.failures.splice(0..0, missing);
    if !rows.is_empty() {
        let mean = rows.iter().map(|row| row.ssim).sum::<f64>() / rows.len() as f64;
        let failed: Vec<_> = ended.failures.iter().map(|failure| &failure.path).collect();
        let value = json!({
            "backend": oasis.engine().name(), "images": rows, "failed": failed,
            "ssim": {"mean": mean}, "out": args.out,
        });
        context.result(&value, || {
            let line = |row: &jobs::Inferred| {
                format!("{}  SSIM {:.4}  brain {:.4}  PSNR {:.2} dB\n", row.file, row.ssim, row.ssim_brain, row.psnr)
            };
            let lines: String = rows.iter().take(20).map(line).collect();
            let more = if rows.len() > 20 {
                format!("... see {}\n", args.out.join("metrics.csv").display())
            } else {
                String::new()
            };
            format!("{lines}{more}{} slices, mean SSIM {mean:.4}, in {}", rows.len(), args.out.display())
        })?;
    }
    conclude(context, rows.len(), ended)
}
