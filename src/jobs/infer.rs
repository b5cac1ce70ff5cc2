//! Reconstructions, pictures of the codes and scores of slices, as files.

use std::path::Path;

use rayon::prelude::*;

use super::chunks::{Failure, Stream, image, stack};
use super::codes::{claim_names, stem};
use super::scores::{ScoreRow, Scores, codes_of};
use crate::Result;
use crate::data::save_png;
use crate::report;
use crate::runtime::Oasis;

/// Runs every slice and writes `NAME.recon.png` (the input's size), `NAME.codes.png` and, at the
/// end, `metrics.csv` into `out`.
///
/// # Errors
/// The engine fails, or `out` cannot be written. Slices that cannot be read are returned instead.
pub fn infer(oasis: &Oasis, stream: &mut Stream<'_>, out: &Path) -> Result<(Scores, Vec<Failure>)> {
    let codebook_size = oasis.sizes().codebook_size;
    let (names, mut failures) = claim_names(stream.files);
    let mut scores = Scores::default();
    let unread = stream.run(|frames| {
        crate::fs::create_folder(out)?;
        let images = stack(frames);
        let codes = oasis.encode(images.view())?;
        let reconstructions = oasis.decode(codes.view())?;
        let rows = frames
            .par_iter()
            .enumerate()
            .filter(|(_, (file, _))| names.contains(&file.path))
            .map(|(index, (file, frame))| {
                let name = stem(&file.path);
                let reconstruction = image(&reconstructions, index);
                let codes = codes_of(codes.view(), index);
                save_png(&out.join(format!("{name}.recon.png")), &frame.restore(reconstruction))?;
                let picture = report::codes_image(codes, codebook_size);
                save_png(&out.join(format!("{name}.codes.png")), &picture)?;
                Ok(ScoreRow::new(file, frame.pixels.view(), reconstruction, codes))
            })
            .collect::<Result<Vec<_>>>()?;
        scores.rows.extend(rows);
        Ok(())
    })?;
    failures.extend(unread);
    if !scores.rows.is_empty() {
        scores.write(&out.join("metrics.csv"))?;
    }
    Ok((scores, failures))
}
