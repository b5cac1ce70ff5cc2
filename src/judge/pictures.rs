//! Pictures of samples and of the slices that they are compared with.

use std::path::Path;

use ndarray::{Array2, Axis};

use super::sets::Set;
use crate::Result;
use crate::data::{grey_image, save_inside};
use crate::fs::create_folder;
use crate::report::grid;
use crate::runtime::Oasis;

/// The most images in a picture; of `nearest`, pairs.
const SHOWN: usize = 32;
/// Columns of a picture.
const COLUMNS: usize = 8;

/// Some of the images that were judged, spread evenly over them, as 8-bit grey pictures (rows, columns). All three pictures show the same ones in the same
/// order. `real` and `nearest` show slices of the data, so its terms hold for them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Pictures {
    /// Samples.
    pub samples: Array2<u8>,
    /// Reconstructions of the real slices whose conditions the samples have.
    pub real: Array2<u8>,
    /// Samples, each with its nearest training slice to its right.
    pub nearest: Array2<u8>,
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
        save_inside(&folder.join("samples.png"), self.samples.view())?;
        save_inside(&folder.join("real.png"), self.real.view())?;
        save_inside(&folder.join("nearest.png"), self.nearest.view())
    }

    /// Pictures of samples, of real slices, and of the samples' nearest training slices: image i of the three sets
    /// belong together.
    ///
    /// # Errors
    /// Those of the engine.
    pub(super) fn of(oasis: &Oasis, samples: &Set, real: &Set, nearest: &Set) -> Result<Self> {
        let count = SHOWN.min(samples.len());
        let shown: Vec<usize> = (0..count).map(|index| index * samples.len() / count).collect();
        let tiles = |set: &Set| -> Result<Vec<Array2<u8>>> {
            let images = set.select(&shown).images(oasis)?;
            Ok(images.axis_iter(Axis(0)).map(grey_image).collect())
        };
        let [samples, real, nearest] = [tiles(samples)?, tiles(real)?, tiles(nearest)?];
        let pairs: Vec<Array2<u8>> = samples.iter().zip(&nearest).flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
        Ok(Self { samples: grid(&samples, COLUMNS), real: grid(&real, COLUMNS), nearest: grid(&pairs, COLUMNS) })
    }
}
