//! Pictures of what was judged.

use image::GrayImage;
use ndarray::Axis;

use super::sets::Set;
use crate::Result;
use crate::data::grey_image;
use crate::report::grid;
use crate::runtime::Oasis;

/// Images of a picture.
const SHOWN: usize = 32;
/// Columns of a picture, and of one of pairs.
const COLUMNS: usize = 8;

/// Some of the images that were judged, spread evenly over the slices, the same places in every picture. Real slices are
/// those of the data: what its terms ask of pictures holds for `real` and `nearest`.
#[derive(Debug, Clone)]
pub struct Pictures {
    /// Samples.
    pub samples: GrayImage,
    /// Reconstructions of the real slices whose conditions the samples have.
    pub real: GrayImage,
    /// Samples, each with the training slice that is nearest to it at its right.
    pub nearest: GrayImage,
}

impl Pictures {
    /// Of samples, of real slices, and of the training slices that are nearest to the samples.
    ///
    /// # Errors
    /// Those of the engine.
    pub(super) fn of(oasis: &Oasis, samples: &Set, real: &Set, nearest: &Set) -> Result<Self> {
        let count = SHOWN.min(samples.len());
        let shown: Vec<usize> = (0..count).map(|index| index * samples.len() / count).collect();
        let tiles = |set: &Set| -> Result<Vec<GrayImage>> {
            let images = set.select(&shown).images(oasis)?;
            Ok(images.axis_iter(Axis(0)).map(grey_image).collect())
        };
        let [samples, real, nearest] = [tiles(samples)?, tiles(real)?, tiles(nearest)?];
        let pairs: Vec<GrayImage> = samples.iter().zip(&nearest).flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
        Ok(Self { samples: grid(&samples, COLUMNS), real: grid(&real, COLUMNS), nearest: grid(&pairs, COLUMNS) })
    }
}
