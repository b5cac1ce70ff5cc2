//! Whether samples repeat training slices.

use std::collections::HashSet;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;
use serde::Serialize;

use super::features::small_pictures;
use super::sets::{Set, matching};
use crate::Result;
use crate::metrics::{percentile, ssim};
use crate::runtime::{Oasis, image_at};

/// SSIM is computed with so many training slices: those whose small pictures are nearest to that of the image.
const CANDIDATES: usize = 4;
/// One code in so many is changed in the training grids that a memorising prior repeats.
const CHANGED: usize = 50;

/// How near samples come to training slices.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Memorised {
    /// The share of samples whose SSIM with a training slice is above `threshold`.
    pub share: f64,
    /// The same share of real slices of subjects that are neither among the training slices nor among those that
    /// `threshold` comes from.
    pub real_share: f64,
    /// The SSIM with the nearest training slice that 999 of 1,000 held-out real slices stay below.
    pub threshold: f64,
    /// The mean SSIM of a sample with its nearest training slice.
    pub nearest: f64,
    /// The mean SSIM of a held-out real slice with its nearest training slice.
    pub real_nearest: f64,
    /// How many samples have the same codes as a training slice, every one.
    pub exact_copies: usize,
    /// The same share as `share` for a prior that repeats training grids with one code in 50 changed.
    pub control_share: f64,
    /// Whether `control_share` is above one half; if not, `share` would not show a prior that repeats training slices.
    pub control_caught: bool,
}

/// The training slices, among which the nearest are looked for.
pub(super) struct Memory<'a> {
    pub(super) oasis: &'a Oasis,
    pub(super) train: &'a Set,
    /// Their small pictures `[n, d]`.
    pub(super) small: Array2<f64>,
}

/// The training slice nearest to an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nearest {
    /// Its number in the training set.
    pub(super) index: usize,
    ssim: f64,
}

impl Memory<'_> {
    /// The nearest training slice of every image of a set, by the SSIM of the decoded images.
    ///
    /// # Errors
    /// Those of the engine.
    pub(super) fn nearest(&self, set: &Set) -> Result<Vec<Nearest>> {
        let small = small_pictures(self.oasis, set)?;
        let lengths = self.small.map_axis(Axis(1), |row| row.dot(&row));
        let mut found = Vec::with_capacity(set.len());
        set.decode(self.oasis, |first, images| {
            let some = small.slice(s![first..first + images.dim().0, ..]);
            // The squared distances, less the squared length of the image's own vector, which is the same for all of
            // them.
            let distances: Array2<f64> = &lengths - &(some.dot(&self.small.t()) * 2.0);
            let near: Vec<Nearest> = (0..images.dim().0)
                .into_par_iter()
                .map(|index| self.nearest_of(image_at(images, index), distances.row(index)))
                .collect::<Result<_>>()?;
            found.extend(near);
            Ok(())
        })?;
        Ok(found)
    }

    fn nearest_of(&self, one: ArrayView2<'_, f32>, distances: ArrayView1<'_, f64>) -> Result<Nearest> {
        let mut order: Vec<usize> = (0..distances.len()).collect();
        let count = CANDIDATES.min(order.len());
        order.select_nth_unstable_by(count - 1, |a, b| distances[*a].total_cmp(&distances[*b]));
        let mut best = Nearest { index: order[0], ssim: f64::NEG_INFINITY };
        self.train.select(&order[..count]).decode(self.oasis, |first, candidates| {
            for at in 0..candidates.dim().0 {
                let ssim = ssim(one, image_at(candidates, at));
                if ssim > best.ssim {
                    best = Nearest { index: order[first + at], ssim };
                }
            }
            Ok(())
        })?;
        Ok(best)
    }

    /// Judges samples, whose nearest training slices are `near`. The threshold comes from the real slices `real`;
    /// `others` are real slices of further subjects, and `control` the samples of a prior that memorises.
    ///
    /// # Errors
    /// Those of the engine.
    pub(super) fn judge(
        &self,
        samples: &Set,
        near: &[Nearest],
        real: &Set,
        others: &Set,
        control: &Set,
    ) -> Result<Memorised> {
        let ssims = |near: &[Nearest]| -> Vec<f64> { near.iter().map(|near| near.ssim).collect() };
        let of = |set: &Set| -> Result<Vec<f64>> { Ok(ssims(&self.nearest(set)?)) };
        let (drawn, held_out, other, repeated) = (ssims(near), of(real)?, of(others)?, of(control)?);
        let threshold = percentile(&held_out, 99.9).expect("there are real slices");
        let above = |all: &[f64]| all.iter().filter(|ssim| **ssim > threshold).count() as f64 / all.len() as f64;
        let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
        let grids = |set: &Set| -> Vec<Vec<i64>> {
            set.codes.outer_iter().map(|grid| grid.iter().copied().collect()).collect()
        };
        let known: HashSet<Vec<i64>> = grids(self.train).into_iter().collect();
        let control_share = above(&repeated);
        Ok(Memorised {
            share: above(&drawn),
            real_share: above(&other),
            threshold,
            nearest: mean(&drawn),
            real_nearest: mean(&held_out),
            exact_copies: grids(samples).iter().filter(|grid| known.contains(*grid)).count(),
            control_share,
            control_caught: control_share > 0.5,
        })
    }
}

/// The samples of a prior that has memorised its training slices, under the conditions of `like`: for each a slice of
/// `train` at its position, with every 50th code taken from the next of them.
pub(super) fn memoriser(train: &Set, like: &Set) -> Set {
    let picked = matching(train, like, 7);
    let mut set = train.select(&picked);
    let n = set.len();
    let original = set.codes.clone();
    for (index, mut grid) in set.codes.outer_iter_mut().enumerate() {
        let next = original.index_axis(Axis(0), (index + 1) % n);
        for (at, (code, other)) in grid.iter_mut().zip(&next).enumerate() {
            if at % CHANGED == index % CHANGED {
                *code = *other;
            }
        }
    }
    set
}
