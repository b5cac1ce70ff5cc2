//! What `infer` and `encode` do with volumes.

use std::path::{Path, PathBuf};

use oasis::jobs::{Cut, Make, VolumeResult, Volumes, run_volumes};
use oasis::{Error, ErrorKind, spell};
use serde_json::json;

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::files::conclude;
use super::interrupt;
use super::print::Lines;

/// Slices of a volume.
const SLICES: usize = 32;

/// Runs volumes through the model and prints their scores. `others` are inputs that are no volumes, of which there may be
/// none.
pub fn run(
    context: &Context,
    engine: &EngineArgs,
    (files, others): (&[PathBuf], &[PathBuf]),
    cut: Cut,
    make: Make,
    out: &Path,
) -> oasis::Result<Exit> {
    if let Some(other) = others.first() {
        return Err(Error::new(
            ErrorKind::Usage,
            "cannot mix inputs",
            other.as_path(),
            "it is no volume, and others are",
        )
        .hint("run volumes by themselves, and slices by themselves"));
    }
    let (oasis, workers) = engine.open_for(context, SLICES)?;
    let bar = context.bar(files.len() as u64, "volumes");
    let mut progress = |done: usize| {
        bar.set_position(done as u64);
        if bar.is_hidden() && files.len() > 3 {
            context.say(format_args!("{done}/{} volumes", files.len()));
        }
    };
    let mut volumes = Volumes { files, cut, workers, stop: interrupt::stop(), progress: &mut progress };
    let (results, ended) = run_volumes(&oasis, &mut volumes, make, out)?;
    bar.finish_and_clear();
    for VolumeResult { file, warnings, .. } in &results {
        for warning in warnings {
            context.say(format_args!("warning: {}: {warning}", spell(file)));
        }
    }
    let mut printed = Ok(());
    if !results.is_empty() {
        let failed: Vec<_> = ended.failures.iter().map(|failure| spell(&failure.path)).collect();
        let value = json!({"backend": oasis.engine().name(), "volumes": results, "failed": failed, "out": spell(out)});
        printed = context.result(&value, || text(&results, out));
    }
    let exit = conclude(context, results.len(), ended)?;
    printed.map(|()| exit)
}

fn text(results: &[VolumeResult], out: &Path) -> Lines {
    let mut text = Lines::default();
    for VolumeResult { file, slab: [first, last], ssim, bits_per_code, .. } in results {
        let ssim = ssim.map_or(String::new(), |ssim| format!("  mean SSIM {ssim:.4}"));
        let bits = bits_per_code.map_or(String::new(), |bits| format!("  {bits:.3} bits a code"));
        text.add(format_args!("{}  slices {first} to {last}{ssim}{bits}", spell(file)));
    }
    text.add(format_args!("{} volumes in {}", results.len(), spell(out)));
    text
}
