//! Pictures of what was judged.

use std::path::Path;

use image::GrayImage;
use ndarray::Axis;

use super::sets::Set;
use crate::Result;
use crate::data::{grey_image, save_png};
use crate::fs::create_folder;
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
    /// Makes the folder for the pictures, so that one that cannot be made is known before the judging.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the folder.
    pub fn prepare(folder: &Path) -> Result<()> {
        create_folder(folder)
    }

    /// Writes `samples.png`, `real.png` and `nearest.png` into a folder.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file that cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        save_png(&folder.join("samples.png"), &self.samples)?;
        save_png(&folder.join("real.png"), &self.real)?;
        save_png(&folder.join("nearest.png"), &self.nearest)
    }

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
