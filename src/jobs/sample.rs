//! New brains, as files.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ndarray::{Array3, Axis, s};
use serde::Serialize;

use super::codes::write_codes;
use super::outputs::is_input;
use crate::Result;
use crate::data::{grey_image, save_inside, save_png};
use crate::fs::{create_folder, is_one_of};
use crate::report::{grid, square_columns};
use crate::runtime::{Oasis, Progress, SampleRequest};

/// Samples that are decoded at once.
const DECODED_TOGETHER: usize = 16;

/// What was sampled.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sampled {
    /// The engine.
    pub backend: String,
    /// The number of samples.
    pub count: usize,
    /// Their seed.
    pub seed: u64,
    /// Wall time: sampling, decoding and writing.
    pub seconds: f64,
    /// The codes of all samples divided by `seconds`.
    pub codes_per_second: f64,
    /// The pictures that were written.
    #[serde(serialize_with = "crate::plain::text_of::paths")]
    pub files: Vec<PathBuf>,
}

/// Draws the samples of `request` and writes them to `out`. Where that ends in `.png` and is not a folder, it becomes one
/// picture with all samples; otherwise a folder with `sample_NNNN.png` and the codes `sample_NNNN.npy` (int64, `[h, w]`)
/// of each. Missing folders are made before the first sample is drawn. `progress` is that of [`Sampler::sample`](crate::runtime::Sampler::sample).
///
/// # Errors
/// Those of [`Sampler::sample`](crate::runtime::Sampler::sample) and [`Oasis::decode`]; [`crate::ErrorKind::Input`] where `out` cannot be written.
pub fn sample(
    oasis: &Oasis,
    request: &SampleRequest,
    out: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Sampled> {
    let sampler = oasis.sampler()?;
    sampler.check(request)?;
    let one = is_picture(out);
    if !one {
        create_folder(out)?;
    } else if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_folder(folder)?;
    }
    let started = Instant::now();
    let codes = sampler.sample(request, progress)?;
    let files = if one { write_grid(oasis, &codes, out)? } else { write_each(oasis, &codes, out)? };
    let seconds = started.elapsed().as_secs_f64();
    Ok(Sampled {
        backend: oasis.engine().name().to_owned(),
        count: request.count,
        seed: request.seed,
        seconds,
        codes_per_second: codes.len() as f64 / seconds,
        files,
    })
}

/// Checks that no file that [`sample`] writes into the folder `out` is `given`, which the samples begin with.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming the file.
pub fn keeps_given(given: &Path, out: &Path, count: usize) -> Result<()> {
    if is_picture(out) {
        return Ok(());
    }
    let mut codes = (0..count).map(|index| out.join(sample_name(index)).with_extension("npy"));
    match codes.find(|path| is_one_of(path, std::iter::once(given))) {
        Some(path) => Err(is_input(&path, "out")),
        None => Ok(()),
    }
}

/// The picture of a sample.
fn sample_name(index: usize) -> String {
    format!("sample_{index:04}.png")
}

/// Whether `out` names one picture rather than a folder.
fn is_picture(out: &Path) -> bool {
    !out.is_dir() && out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"))
}

/// Writes all samples into one picture.
fn write_grid(oasis: &Oasis, codes: &Array3<i64>, out: &Path) -> Result<Vec<PathBuf>> {
    let mut tiles = Vec::with_capacity(codes.len_of(Axis(0)));
    for some in codes.axis_chunks_iter(Axis(0), DECODED_TOGETHER) {
        let images = oasis.decode(some)?;
        tiles.extend(images.outer_iter().map(|image| grey_image(image.slice(s![0, .., ..]))));
    }
    save_png(out, grid(&tiles, square_columns(tiles.len())).view())?;
    Ok(vec![out.to_owned()])
}

/// Writes a picture and the codes of each sample into a folder.
fn write_each(oasis: &Oasis, codes: &Array3<i64>, out: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::with_capacity(codes.len_of(Axis(0)));
    for some in codes.axis_chunks_iter(Axis(0), DECODED_TOGETHER) {
        let images = oasis.decode(some)?;
        for (image, codes) in images.outer_iter().zip(some.outer_iter()) {
            let path = out.join(sample_name(files.len()));
            save_inside(&path, grey_image(image.slice(s![0, .., ..])).view())?;
            write_codes(&path.with_extension("npy"), codes)?;
            files.push(path);
        }
    }
    Ok(files)
}
