//! Reconstructions, pictures of the codes and scores of slices, as files.

use std::path::Path;

use serde::Serialize;

use super::outputs::Outputs;
use super::scores::{Origin, ScoreRow, codes_of};
use super::stream::{Ended, Slice, Stream, stack};
use super::table::Table;
use crate::Result;
use crate::data::save_rgb_made;
use crate::report;
use crate::runtime::{Oasis, image_at};

/// The scores of one reconstructed slice.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inferred {
    /// The file's name, without its folder unless names repeat.
    pub file: String,
    /// SSIM on the 256x256 frame.
    pub ssim: f64,
    /// Mean of the SSIM map where the original is above 0.02.
    pub ssim_brain: f64,
    /// PSNR in dB.
    pub psnr: f64,
}

/// The table of scores.
const METRICS: &str = "metrics.csv";

/// Reconstructs every slice, and writes `NAME.recon.png` (the input's size), `NAME.codes.png` and, at the end,
/// `metrics.csv` into `out`. Where the stream is stopped or an engine fails, `metrics.csv` holds the slices that were
/// done.
///
/// `NAME` is the file's name without its extension, and with it where several files of one folder differ in that alone.
/// Where files of different folders have one name, each file's outputs go to a subfolder of `out`: what is left of its
/// folder's path after the part that the folders of all files begin with. `metrics.csv` names files in the same way.
///
/// # Errors
/// Those of the engine; [`crate::ErrorKind::Input`] where `out` cannot be written. Slices that cannot be read, and those
/// whose own files cannot be written or would overwrite an input, are returned as failures, and so is `metrics.csv`
/// where it cannot be finished.
pub fn infer(oasis: &Oasis, stream: &mut Stream<'_>, out: &Path) -> Result<(Vec<Inferred>, Ended)> {
    let codebook_size = oasis.sizes().codebook_size;
    let origin = Origin::of(oasis);
    let (outputs, files, failures) = Outputs::plan(out, stream.files, |file| &file.path);
    let mut table = Table::later(out.join(METRICS));
    let mut all = Vec::new();
    let work = |slices: &[Slice<'_>]| {
        outputs.ready(METRICS)?;
        let images = stack(slices)?;
        let codes = oasis.encode(images.view())?;
        let reconstructions = oasis.decode(codes.view())?;
        let finish = |(index, (file, frame)): (usize, &Slice<'_>)| {
            let reconstruction = image_at(&reconstructions, index);
            let codes = codes_of(codes.view(), index);
            let restored = outputs.path(&file.path, ".recon.png")?;
            let picture = outputs.path(&file.path, ".codes.png")?;
            frame.save_restored(&restored, reconstruction)?;
            save_rgb_made(&picture, report::codes_image(codes, codebook_size).view()).inspect_err(|_| {
                // A slice has both of its pictures or none.
                let _ = std::fs::remove_file(&restored);
            })?;
            let label = outputs.label(&file.path);
            Ok(ScoreRow::new(label, file, frame.pixels.view(), reconstruction, codes, &origin))
        };
        Ok(slices.iter().enumerate().map(finish).collect())
    };
    let ended = stream.run(&files, oasis.engine().best_batch(), work, |row| {
        table.add(&row);
        let ScoreRow { file, ssim, ssim_brain, psnr, .. } = row;
        all.push(Inferred { file, ssim, ssim_brain, psnr });
        Ok(())
    });
    let failure = table.finish();
    let mut ended = ended?;
    ended.failures.splice(0..0, failures);
    ended.failures.extend(failure);
    Ok((all, ended))
}
