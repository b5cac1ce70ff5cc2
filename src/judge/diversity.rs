//! How much the images of a set differ from each other.

use ndarray::{Array3, Axis};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;

use super::sets::Set;
use super::space::Estimate;
use crate::Result;
use crate::metrics::{interval_by_group, ms_ssim};
use crate::runtime::Oasis;

/// The mean MS-SSIM of pairs of a set's decoded images: every image with another of its slice position and of another
/// subject, drawn. Samples under the conditions of two subjects count as of two.
///
/// # Errors
/// Those of the engine.
pub(super) fn diversity(oasis: &Oasis, set: &Set, seed: u64) -> Result<Estimate> {
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
