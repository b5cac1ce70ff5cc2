//! Whether engines agree: pair by pair, stage by stage, on identical inputs, and through the whole pipeline.
//!
//! Of a pair, the first engine makes the inputs of each stage: its latents go to both quantizers, its codes to both
//! decoders and both priors (under the condition "any").

mod codes;
mod engines;
mod limits;
mod pair;
mod report;
mod samples;
mod stage;

use std::ops::ControlFlow;

use ndarray::Array2;

use self::engines::{COMPARE, check_engines};
pub use self::pair::Ssim;
use self::pair::{Pair, Run};
pub use self::report::{CodesReport, PairReport, Report, SamplesReport, SsimReport, StageReport, Stages};
pub use self::samples::compare_samples;
use super::images::stack_images;
use super::pipeline::Oasis;
use crate::{Error, ErrorKind, Result};

#[cfg(feature = "train")]
pub(crate) use self::codes::compare_codes;
#[cfg(feature = "train")]
pub(crate) use self::limits::Limits;

/// Images that go through an engine at once.
const BATCH: usize = 8;

/// Compares every pair of engines on images `[256, 256]` in 0..1.
///
/// `ssim` measures how alike an original and a reconstruction are. `progress` is told how many images are done; where it
/// breaks, comparing stops.
///
/// # Errors
/// [`ErrorKind::Usage`] for fewer than two engines or two of one name, [`ErrorKind::Input`] where there is no image or
/// an image cannot be used, [`ErrorKind::Model`] where the bundles differ in their sizes, [`ErrorKind::Interrupted`] where
/// `progress` breaks, and those of [`Oasis::run`]. Engines that differ are no error: see [`Report::pass`].
pub fn compare(
    engines: &[&Oasis],
    images: impl IntoIterator<Item = Result<Array2<f32>>>,
    ssim: Ssim<'_>,
    progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Report> {
    check_engines(engines)?;
    let mut pairs = Vec::new();
    for (index, a) in engines.iter().enumerate() {
        for (offset, b) in engines[index + 1..].iter().enumerate() {
            pairs.push((index, index + 1 + offset, Pair::new(a, b)));
        }
    }
    let mut images = images.into_iter();
    let mut done = 0;
    loop {
        let batch: Vec<Array2<f32>> = images.by_ref().take(BATCH).collect::<Result<_>>()?;
        if batch.is_empty() {
            break;
        }
        done += batch.len();
        let batch = stack_images(batch.iter().map(|image| image.view()))?;
        let runs: Vec<Run> = engines.iter().map(|engine| Run::new(engine, &batch, ssim)).collect::<Result<_>>()?;
        for (a, b, pair) in &mut pairs {
            pair.add(engines[*b], &batch, ssim, &runs[*a], &runs[*b])?;
        }
        if progress(done).is_break() {
            let why = format!("stopped after {done} images");
            return Err(Error::new(ErrorKind::Interrupted, COMPARE, "parity", why));
        }
    }
    if done == 0 {
        return Err(Error::new(ErrorKind::Input, COMPARE, "images", "there is none")
            .hint("name images, or set `data` to a data set"));
    }
    let pairs: Vec<_> = pairs.into_iter().map(|(.., pair)| pair.report()).collect();
    Ok(Report { pass: pairs.iter().all(|pair| pair.pass), pairs })
}
