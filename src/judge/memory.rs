//! Whether samples repeat training slices.

use std::collections::HashSet;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::Serialize;

use super::sets::{Set, image};
use crate::Result;
use crate::metrics::{percentile, ssim};
use crate::runtime::Oasis;

/// Training slices whose SSIM with an image is taken: those whose small pictures are nearest to its own.
const CANDIDATES: usize = 4;
/// What a memorising prior changes of a training grid: one code in so many.
const CHANGED: usize = 50;

/// Samples beside training slices.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Memorised {
    /// Share of samples that are nearer (SSIM) to a training slice than 999 of 1,000 slices of other subjects are.
    pub share: f64,
    /// The same of other real slices, of subjects that are in none of the sets before.
    pub real_share: f64,
    /// The SSIM that they are counted from.
    pub threshold: f64,
    /// The mean SSIM of samples with their nearest training slice.
    pub nearest: f64,
    /// The same of real slices of other subjects.
    pub real_nearest: f64,
    /// Samples whose codes are those of a training slice, every one.
    pub exact_copies: usize,
    /// The share of the samples of a prior that repeats training grids but for one code in 50.
    pub control_share: f64,
    /// Whether that is above a half.
    pub control_caught: bool,
}

/// The training slices, to look for the nearest.
pub(super) struct Memory<'a> {
    pub(super) oasis: &'a Oasis,
    pub(super) train: &'a Set,
    /// Their small pictures `[n, d]`.
    pub(super) small: ArrayView2<'a, f64>,
}

impl Memory<'_> {
    /// The SSIM of every image of a set, whose small pictures are `small`, with the training slice that is nearest to it;
    /// both as they are decoded.
    fn nearest(&self, set: &Set, small: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
        let squares = |rows: ArrayView2<'_, f64>| rows.map_axis(Axis(1), |row| row.dot(&row));
        let lengths = squares(self.small);
        let mut found = vec![0.0; set.len()];
        set.decode(self.oasis, |first, images| {
            let some = small.slice(ndarray::s![first..first + images.dim().0, ..]);
            // Squared distances but for the length of the image's own vector, which is the same for all.
            let distances: Array2<f64> = &lengths - &(some.dot(&self.small.t()) * 2.0);
            let near: Vec<f64> = (0..images.dim().0)
                .into_par_iter()
                .map(|index| {
                    let row = distances.row(index);
                    let mut order: Vec<usize> = (0..row.len()).collect();
                    let count = CANDIDATES.min(order.len());
                    order.select_nth_unstable_by(count - 1, |a, b| row[*a].total_cmp(&row[*b]));
                    let mut best = f64::NEG_INFINITY;
                    self.train.select(&order[..count]).decode(self.oasis, |_, candidates| {
                        for at in 0..candidates.dim().0 {
                            best = best.max(ssim(image(images, index), image(candidates, at)));
                        }
                        Ok(())
                    })?;
                    Ok(best)
                })
                .collect::<Result<_>>()?;
            found[first..first + near.len()].copy_from_slice(&near);
            Ok(())
        })?;
        Ok(found)
    }

    /// Judges samples, beside real slices of two other groups of subjects. Each set comes with its small pictures.
    ///
    /// # Errors
    /// Those of the engine.
    pub(super) fn judge(
        &self,
        samples: (&Set, ArrayView2<'_, f64>),
        real: (&Set, ArrayView2<'_, f64>),
        others: (&Set, ArrayView2<'_, f64>),
        control: (&Set, ArrayView2<'_, f64>),
    ) -> Result<Memorised> {
        let nearest = |(set, small)| self.nearest(set, small);
        let (drawn, held_out, other) = (nearest(samples)?, nearest(real)?, nearest(others)?);
        let repeated = nearest(control)?;
        let threshold = percentile(&held_out, 99.9).expect("there are real slices");
        let above = |all: &[f64]| all.iter().filter(|ssim| **ssim > threshold).count() as f64 / all.len() as f64;
        let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
        let known: HashSet<Vec<i64>> =
            self.train.codes.outer_iter().map(|grid| grid.iter().copied().collect()).collect();
        let copied = |grid: ArrayView2<'_, i64>| known.contains(&grid.iter().copied().collect::<Vec<_>>());
        let control_share = above(&repeated);
        Ok(Memorised {
            share: above(&drawn),
            real_share: above(&other),
            threshold,
            nearest: mean(&drawn),
            real_nearest: mean(&held_out),
            exact_copies: samples.0.codes.outer_iter().filter(|grid| copied(grid.view())).count(),
            control_share,
            control_caught: control_share > 0.5,
        })
    }
}

/// What a prior that has memorised its training slices would give under the conditions of `like`: a slice of `train` of
/// that position, every 50th code of it taken from the next.
pub(super) fn memorised(train: &Set, like: &Set) -> Set {
    let picked = super::matching(train, like, 7);
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
