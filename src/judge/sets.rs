//! The sets of slices and samples that are compared: their codes, conditions and decoded images.

use std::path::PathBuf;

use ndarray::{Array2, Array3, Array4, Axis, s};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::Result;
use crate::bundle::{IMAGE, Sizes};
use crate::data::{Dataset, Fit, Frame, Split};
use crate::model::condition::conditions;
use crate::runtime::{Oasis, image_at, stack_images};

/// Images in a call of the engine.
const BATCH: usize = 16;

/// Real slices or samples, as grids of codes.
#[derive(Debug, Clone)]
pub(super) struct Set {
    /// Codes `[n, h, w]`.
    pub(super) codes: Array3<i64>,
    /// Slice position and dementia class `[n, 2]`.
    pub(super) condition: Array2<i64>,
    /// The subject of each; that of a sample is the subject of the real slice whose condition it has.
    pub(super) cases: Vec<Option<u32>>,
    /// The file of each; that of a sample is the file of the real slice whose condition it has.
    pub(super) paths: Vec<PathBuf>,
}

impl Set {
    /// The slices of a split, encoded. `go_on` is called before each batch, and its error ends the work.
    ///
    /// # Errors
    /// Slices that cannot be read, and those of the engine and of `go_on`.
    pub(super) fn of_split(
        oasis: &Oasis,
        dataset: &Dataset,
        split: Split,
        go_on: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Self> {
        let files = dataset.split(split)?;
        let condition = conditions(dataset, files)?;
        let Sizes { grid: [h, w], .. } = oasis.sizes();
        let mut codes = Array3::zeros((files.len(), h, w));
        for (batch, files) in files.chunks(BATCH).enumerate() {
            let frames: Vec<Frame> =
                files.par_iter().map(|file| Frame::decode(&file.path, Fit::Exact)).collect::<Result<_>>()?;
            let images = stack_images(frames.iter().map(|frame| frame.pixels.view()))?;
            let first = batch * BATCH;
            codes.slice_mut(s![first..first + files.len(), .., ..]).assign(&oasis.encode(images.view())?);
            go_on()?;
        }
        let condition = Array2::from_shape_fn((files.len(), 2), |(index, axis)| condition[index][axis]);
        Ok(Self {
            codes,
            condition,
            cases: files.iter().map(|file| file.case).collect(),
            paths: files.iter().map(|file| file.path.clone()).collect(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.cases.len()
    }

    /// The slices with the numbers `indices`.
    pub(super) fn select(&self, indices: &[usize]) -> Self {
        Self {
            codes: self.codes.select(Axis(0), indices),
            condition: self.condition.select(Axis(0), indices),
            cases: indices.iter().map(|index| self.cases[*index]).collect(),
            paths: indices.iter().map(|index| self.paths[*index].clone()).collect(),
        }
    }

    /// The same slices with other codes.
    pub(super) fn with_codes(&self, codes: Array3<i64>) -> Self {
        Self { codes, ..self.clone() }
    }

    /// Decodes the images in batches, and gives each batch `[n, 1, 256, 256]` to `take`, with the number of its first
    /// image.
    ///
    /// # Errors
    /// Those of the engine and of `take`.
    pub(super) fn decode(&self, oasis: &Oasis, mut take: impl FnMut(usize, &Array4<f32>) -> Result<()>) -> Result<()> {
        for (batch, codes) in self.codes.axis_chunks_iter(Axis(0), BATCH).enumerate() {
            take(batch * BATCH, &oasis.decode(codes)?)?;
        }
        Ok(())
    }

    /// All decoded images `[n, 256, 256]`.
    ///
    /// # Errors
    /// Those of the engine.
    pub(super) fn images(&self, oasis: &Oasis) -> Result<Array3<f32>> {
        let mut all = Array3::zeros((self.len(), IMAGE[0], IMAGE[1]));
        self.decode(oasis, |first, images| {
            for index in 0..images.dim().0 {
                all.index_axis_mut(Axis(0), first + index).assign(&image_at(images, index));
            }
            Ok(())
        })?;
        Ok(all)
    }
}

/// For every slice of `like` the number of a slice of `set`, drawn among those at the same position; among all where
/// there is none.
pub(super) fn matching(set: &Set, like: &Set, seed: u64) -> Vec<usize> {
    let mut rng = StdRng::seed_from_u64(seed);
    let positions = like.condition.column(0);
    positions
        .iter()
        .map(|position| {
            let there: Vec<usize> = (0..set.len()).filter(|index| set.condition[[*index, 0]] == *position).collect();
            there.choose(&mut rng).copied().unwrap_or_else(|| rng.random_range(0..set.len()))
        })
        .collect()
}

/// A set with the codes of every grid in random order: each code is as frequent as in a real slice, and no grid is a
/// brain.
pub(super) fn shuffled(set: &Set, seed: u64) -> Set {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut codes = set.codes.clone();
    for mut grid in codes.outer_iter_mut() {
        let mut order: Vec<i64> = grid.iter().copied().collect();
        order.shuffle(&mut rng);
        grid.iter_mut().zip(order).for_each(|(code, other)| *code = other);
    }
    set.with_codes(codes)
}
