//! The two-sample tests: samples from real slices, and the control.

use std::path::Path;

use burn::tensor::Device;
use ndarray::{Array3, Axis, s};
use rayon::prelude::*;
use serde::Serialize;

use super::Watch;
use super::classify::tell_apart;
use super::sets::{Set, shuffled};
use crate::data::{Fit, Frame};
use crate::runtime::Oasis;
use crate::{Error, ErrorKind, Result};

/// The accuracy that the test must reach on samples that are no brains.
const CONTROL: f64 = 0.95;
/// Rows and columns of the centred part that is looked at; it holds every registered brain.
const LOOK: [usize; 2] = [192, 160];

/// How well a network tells samples from real slices of subjects that it was not trained on; 0.5 is chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TwoSample {
    /// Samples from reconstructions of real slices.
    pub accuracy: f64,
    /// The low end of its 95% interval for other subjects.
    pub low: f64,
    /// The high end.
    pub high: f64,
    /// Samples from real slices as they are.
    pub raw_accuracy: f64,
    /// Real codes in a drawn order from reconstructions.
    pub control: f64,
    /// Whether the control reaches 0.95; else the accuracy says nothing.
    pub valid: bool,
}

impl TwoSample {
    /// Of samples and the real slices whose conditions they have, which lie at `paths`.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`] where `watch` stops it, slices that cannot be read, and those of the engine.
    pub(super) fn of(
        oasis: &Oasis,
        [samples, real]: [&Set; 2],
        paths: &[&Path],
        seed: u64,
        watch: &mut Watch<'_>,
    ) -> Result<Self> {
        let device = Device::flex().autodiff();
        let mut told = |what: &str, theirs: &Array3<f32>, ours: &Array3<f32>| {
            watch.at(&format!("two-sample test: {what}"))?;
            tell_apart(ours, theirs, &real.cases, seed, &device, || watch.stopped())
                .ok_or_else(|| Error::new(ErrorKind::Interrupted, "cannot judge", "prior", "stopped before the end"))
        };
        let looked_at = |set: &Set| Ok::<_, Error>(centre(&set.images(oasis)?));
        let (drawn, reconstructed) = (looked_at(samples)?, looked_at(real)?);
        let two = told("reconstructions", &reconstructed, &drawn)?;
        let raw = told("raw slices", &raw(paths)?, &drawn)?;
        let control = told("control", &reconstructed, &looked_at(&shuffled(real, seed))?)?;
        Ok(Self {
            accuracy: two.accuracy,
            low: two.interval[0],
            high: two.interval[1],
            raw_accuracy: raw.accuracy,
            control: control.accuracy,
            valid: control.accuracy >= CONTROL,
        })
    }
}

fn centre(images: &Array3<f32>) -> Array3<f32> {
    let (_, height, width) = images.dim();
    let (top, left) = ((height - LOOK[0]) / 2, (width - LOOK[1]) / 2);
    images.slice(s![.., top..top + LOOK[0], left..left + LOOK[1]]).to_owned()
}

/// Slices as they are.
fn raw(paths: &[&Path]) -> Result<Array3<f32>> {
    let frames: Vec<Frame> = paths.par_iter().map(|path| Frame::decode(path, Fit::Exact)).collect::<Result<_>>()?;
    let views: Vec<_> = frames.iter().map(|frame| frame.pixels.view()).collect();
    Ok(centre(&ndarray::stack(Axis(0), &views).expect("frames are of one size")))
}
