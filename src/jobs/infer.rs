//! Reconstructions, pictures of the codes and scores of slices, as files.

use std::path::Path;

use serde::Serialize;

use super::codes::{claim_names, stem};
use super::scores::{Origin, ScoreFile, ScoreRow, codes_of};
use super::stream::{Ended, Stream, stack};
use crate::Result;
use crate::data::save_rgb_inside;
use crate::report;
use crate::runtime::{Oasis, image_at};

/// The scores of one reconstructed slice.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inferred {
    /// The file's name, without its folder.
    pub file: String,
    /// SSIM on the 256x256 frame.
    pub ssim: f64,
    /// Mean of the SSIM map where the original is above 0.02.
    pub ssim_brain: f64,
    /// PSNR in dB.
    pub psnr: f64,
}

/// Reconstructs every slice, and writes `NAME.recon.png` (the input's size), `NAME.codes.png` and, at the end,
/// `metrics.csv` into `out`. Where the stream is stopped, `metrics.csv` holds the slices that were done.
///
/// # Errors
/// Those of the engine; [`crate::ErrorKind::Input`] where `out` cannot be written. Slices that cannot be read are returned
/// as failures.
pub fn infer(oasis: &Oasis, stream: &mut Stream<'_>, out: &Path) -> Result<(Vec<Inferred>, Ended)> {
    let codebook_size = oasis.sizes().codebook_size;
    let origin = Origin::of(oasis);
    let (files, failures) = claim_names(stream.files, |file| &file.path);
    let mut metrics: Option<ScoreFile> = None;
    let mut all = Vec::new();
    let work = |slices: &[super::stream::Slice<'_>]| {
        crate::fs::create_folder(out)?;
        let images = stack(slices)?;
        let codes = oasis.encode(images.view())?;
        let reconstructions = oasis.decode(codes.view())?;
        let finish = |(index, (file, frame)): (usize, &super::stream::Slice<'_>)| {
            let name = stem(&file.path);
            let reconstruction = image_at(&reconstructions, index);
            let codes = codes_of(codes.view(), index);
            frame.save_restored(&out.join(format!("{name}.recon.png")), reconstruction)?;
            let picture = report::codes_image(codes, codebook_size);
            save_rgb_inside(&out.join(format!("{name}.codes.png")), picture.view())?;
            Ok(ScoreRow::new(file, frame.pixels.view(), reconstruction, codes, &origin))
        };
        slices.iter().enumerate().map(finish).collect()
    };
    let mut ended = stream.run(&files, oasis.engine().best_batch(), work, |row| {
        let file = match &mut metrics {
            Some(file) => file,
            None => metrics.insert(ScoreFile::inside(&out.join("metrics.csv"))?),
        };
        file.add(&row)?;
        let ScoreRow { file, ssim, ssim_brain, psnr, .. } = row;
        all.push(Inferred { file, ssim, ssim_brain, psnr });
        Ok(())
    })?;
    if let Some(file) = metrics {
        file.finish()?;
    }
    ended.failures.splice(0..0, failures);
    Ok((all, ended))
}
