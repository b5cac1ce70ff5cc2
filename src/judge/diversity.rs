//! How much the images of a set differ from each other.

use ndarray::{Array3, Axis};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;
use serde::Serialize;

use super::sets::Set;
use super::space::Estimate;
use crate::Result;
use crate::metrics::{interval_by_group, ms_ssim};
use crate::runtime::Oasis;

/// Mean MS-SSIM of pairs of images of one slice position and two subjects: the lower, the more images differ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MsSsim {
    /// The mean over pairs of samples.
    pub samples: f64,
    /// The 95% interval of `samples` for other subjects.
    pub samples_interval: Option<[f64; 2]>,
    /// The mean over pairs of reconstructions of real slices.
    pub real: f64,
    /// The 95% interval of `real` for other subjects.
    pub real_interval: Option<[f64; 2]>,
}

impl MsSsim {
    /// # Errors
    /// Those of the engine.
    pub(super) fn of(oasis: &Oasis, samples: &Set, real: &Set, seed: u64) -> Result<Self> {
        let (samples, real) = (diversity(oasis, samples, seed)?, diversity(oasis, real, seed)?);
        Ok(Self {
            samples: samples.value,
            samples_interval: samples.interval,
            real: real.value,
            real_interval: real.interval,
        })
    }
}

/// The mean MS-SSIM of pairs of a set's decoded images. Each image is paired with one that is drawn among those of its
/// slice position and of another subject; a sample counts as of the subject whose condition it has.
///
/// # Errors
/// Those of the engine.
fn diversity(oasis: &Oasis, set: &Set, seed: u64) -> Result<Estimate> {
    let images: Array3<f32> = set.images(oasis)?;
    let mut rng = StdRng::seed_from_u64(seed);
    let pairs: Vec<(usize, usize)> = (0..set.len())
        .filter_map(|index| {
            let fits = |other: &usize| {
                set.condition[[*other, 0]] == set.condition[[index, 0]] && set.cases[*other] != set.cases[index]
            };
            let others: Vec<usize> = (0..set.len()).filter(fits).collect();
            others.choose(&mut rng).map(|other| (index, *other))
        })
        .collect();
    let view = |index: usize| images.index_axis(Axis(0), index);
    let alike: Vec<(Option<u32>, f64)> =
        pairs.par_iter().map(|(a, b)| (set.cases[*a], ms_ssim(view(*a), view(*b)))).collect();
    let value = alike.iter().map(|(_, alike)| alike).sum::<f64>() / alike.len() as f64;
    Ok(Estimate { value, interval: interval_by_group(&alike) })
}
