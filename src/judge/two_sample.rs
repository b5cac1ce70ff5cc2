//! The two-sample tests: how well a network, trained from scratch, tells samples from real slices, tested on subjects
//! that it has not learned from. By chance it would be right half of the time.

use std::path::PathBuf;

use ndarray::{Array3, Axis, s};
use rayon::prelude::*;
use serde::Serialize;

use super::classify::{Classifier, Kinds};
use super::sets::{Set, shuffled};
use super::watch::{Watch, interrupted};
use crate::data::{Fit, Frame};
use crate::metrics::interval_by_group;
use crate::runtime::Oasis;
use crate::{Error, Result};

/// The subjects are divided into so many parts, or into as many as there are subjects; each is held out once.
const FOLDS: usize = 3;
/// The accuracy that the test must reach where the samples are not brains.
const CONTROL: f64 = 0.95;
/// Rows and columns of the centred part of an image that the network sees; every registered brain lies in it.
const LOOK: [usize; 2] = [192, 160];

/// How well a network tells samples from real slices: the share of images that it puts into the right set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TwoSample {
    /// The accuracy for samples and reconstructions of held-out slices, cross-validated: the network learns from some
    /// of the subjects and is tested on the others.
    pub accuracy: f64,
    /// The low end of the 95% interval of `accuracy` for other subjects.
    pub low: f64,
    /// The high end.
    pub high: f64,
    /// The accuracy for samples and held-out slices as they are; one part of the subjects is held out.
    pub raw_accuracy: f64,
    /// The accuracy for reconstructions of held-out slices and the same grids with their codes in random order; one
    /// part of the subjects is held out.
    pub control: f64,
    /// Whether `control` reaches 0.95. If not, the network is too weak for the accuracy to mean anything.
    pub valid: bool,
    /// The harder test.
    pub taught: Taught,
}

/// The harder test, whose network has more to learn from: reconstructions of training slices, and as many samples under
/// their conditions. It is tested on all held-out slices and their samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Taught {
    /// How many training slices the network learned from.
    pub slices: usize,
    /// The share of images that it puts into the right set.
    pub accuracy: f64,
    /// The low end of the 95% interval of `accuracy` for other subjects.
    pub low: f64,
    /// The high end.
    pub high: f64,
}

/// The tests, and what they compare.
pub(super) struct Tests<'a> {
    pub(super) oasis: &'a Oasis,
    pub(super) samples: &'a Set,
    /// The held-out slices whose conditions the samples have.
    pub(super) real: &'a Set,
    /// Training slices, and samples under their conditions, that the harder test learns from.
    pub(super) lessons: [&'a Set; 2],
    pub(super) seed: u64,
}

impl Tests<'_> {
    /// Runs the tests.
    ///
    /// # Errors
    /// [`Interrupted`](crate::ErrorKind::Interrupted) where `watch` stops it, slices that cannot be read, and those of
    /// the engine.
    pub(super) fn judge(&self, watch: &mut Watch<'_>) -> Result<TwoSample> {
        let Self { samples, real, .. } = *self;
        let looked_at = |set: &Set| Ok::<_, Error>(centre(&set.images(self.oasis)?));
        let (drawn, reconstructed) = (looked_at(samples)?, looked_at(real)?);
        let told = |samples: &Array3<f32>, real: &Array3<f32>, parts: usize, watch: &Watch<'_>| {
            self.held_out(Kinds { samples, real }, parts, &mut || watch.stopped()).ok_or_else(interrupted)
        };
        watch.at("two-sample test: control")?;
        let control = told(&looked_at(&shuffled(real, self.seed))?, &reconstructed, 1, watch)?;
        watch.at("two-sample test: raw slices")?;
        let raw = told(&drawn, &raw(&real.paths)?, 1, watch)?;
        watch.at("two-sample test: reconstructions")?;
        let two = told(&drawn, &reconstructed, FOLDS, watch)?;

        watch.at("two-sample test: taught by training slices")?;
        let (known, likewise) = (looked_at(self.lessons[0])?, looked_at(self.lessons[1])?);
        let lessons = Kinds { samples: &likewise, real: &known };
        let classifier = Classifier::train(lessons, (0..lessons.len()).collect(), self.seed, &mut || watch.stopped())
            .ok_or_else(interrupted)?;
        let kinds = Kinds { samples: &drawn, real: &reconstructed };
        let all: Vec<usize> = (0..kinds.len()).collect();
        let taught = self.told(&all, &classifier.right(kinds, &all));
        Ok(TwoSample {
            accuracy: two.0,
            low: two.1[0],
            high: two.1[1],
            raw_accuracy: raw.0,
            control: control.0,
            valid: control.0 >= CONTROL,
            taught: Taught { slices: known.len_of(Axis(0)), accuracy: taught.0, low: taught.1[0], high: taught.1[1] },
        })
    }

    /// The accuracy and its interval, where `parts` parts of the subjects are held out in turn. `stop` is asked before
    /// every epoch whether to stop; `None` where it says yes.
    fn held_out(&self, kinds: Kinds<'_>, parts: usize, stop: &mut dyn FnMut() -> bool) -> Option<(f64, [f64; 2])> {
        let folds = folds(&self.real.cases);
        let (mut all, mut right) = (Vec::new(), Vec::new());
        for part in 0..parts {
            let held_out = |index: &usize| folds[index % folds.len()] == part;
            let (tested, learned): (Vec<usize>, Vec<usize>) = (0..kinds.len()).partition(held_out);
            if tested.is_empty() {
                continue;
            }
            let seed = self.seed.wrapping_mul(1009).wrapping_add(part as u64);
            right.extend(Classifier::train(kinds, learned, seed, stop)?.right(kinds, &tested));
            all.extend(tested);
        }
        Some(self.told(&all, &right))
    }

    /// The accuracy and its interval, where the images with the numbers `tested` (the samples have the first numbers)
    /// are put into the right set or not.
    fn told(&self, tested: &[usize], right: &[bool]) -> (f64, [f64; 2]) {
        let case = |index: &usize| self.real.cases[index % self.real.len()];
        let score = |right: &bool| f64::from(u8::from(*right));
        let scores: Vec<(Option<u32>, f64)> = tested.iter().map(case).zip(right.iter().map(score)).collect();
        let accuracy = right.iter().map(score).sum::<f64>() / right.len() as f64;
        // From images of a single subject nothing follows for others: the interval is everything.
        (accuracy, interval_by_group(&scores).unwrap_or([0.0, 1.0]).map(|end| end.clamp(0.0, 1.0)))
    }
}

/// The number of each image's part. Subjects are given parts in turn, and so are images without a subject.
fn folds(cases: &[Option<u32>]) -> Vec<usize> {
    let mut known: Vec<u32> = cases.iter().flatten().copied().collect();
    known.sort_unstable();
    known.dedup();
    let part = |(index, case): (usize, &Option<u32>)| match case {
        Some(case) => known.binary_search(case).unwrap_or_default() % FOLDS,
        None => index % FOLDS,
    };
    cases.iter().enumerate().map(part).collect()
}

/// The part of each image that the network sees.
fn centre(images: &Array3<f32>) -> Array3<f32> {
    let (_, height, width) = images.dim();
    let (top, left) = ((height - LOOK[0]) / 2, (width - LOOK[1]) / 2);
    images.slice(s![.., top..top + LOOK[0], left..left + LOOK[1]]).to_owned()
}

/// The slices as they are, without being encoded and decoded.
fn raw(paths: &[PathBuf]) -> Result<Array3<f32>> {
    let frames: Vec<Frame> = paths.par_iter().map(|path| Frame::decode(path, Fit::Exact)).collect::<Result<_>>()?;
    let views: Vec<_> = frames.iter().map(|frame| frame.pixels.view()).collect();
    Ok(centre(&ndarray::stack(Axis(0), &views).expect("frames are of one size")))
}

#[cfg(test)]
mod tests {
    use super::folds;

    #[test]
    fn a_subject_lies_in_one_part() {
        let folds = folds(&[Some(9), Some(9), Some(4), Some(7), Some(9), Some(12), Some(15)]);
        assert_eq!(folds, [2, 2, 0, 1, 2, 0, 1]);
    }
}
