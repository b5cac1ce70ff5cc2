//! The sets that are set against each other: codes, what they were made under, and the images they decode to.

use ndarray::{Array2, Array3, Array4, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::Result;
use crate::bundle::{IMAGE, Sizes};
use crate::data::{Dataset, Fit, Frame, Split};
use crate::runtime::Oasis;
use crate::train::conditions;

/// Images that go through the engine at once.
const BATCH: usize = 16;

/// Grids of codes, of real slices or samples.
#[derive(Debug, Clone)]
pub(super) struct Set {
    /// `[n, h, w]`.
    pub(super) codes: Array3<i64>,
    /// Slice position and dementia class `[n, 2]`.
    pub(super) condition: Array2<i64>,
    /// The subject of each; of a sample, that of the real slice whose condition it has.
    pub(super) cases: Vec<Option<u32>>,
}

impl Set {
    /// The slices of a split through the frozen encoder. `progress` is told how many are done.
    ///
    /// # Errors
    /// Slices that cannot be read, and those of the engine.
    pub(super) fn of_split(
        oasis: &Oasis,
        dataset: &Dataset,
        split: Split,
        progress: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<Self> {
        let files = dataset.split(split)?;
        let Sizes { grid: [h, w], .. } = oasis.sizes();
        let mut codes = Array3::zeros((files.len(), h, w));
        for (batch, files) in files.chunks(BATCH).enumerate() {
            let frames: Vec<Frame> =
                files.par_iter().map(|file| Frame::decode(&file.path, Fit::Exact)).collect::<Result<_>>()?;
            let mut images = Array4::zeros((files.len(), 1, IMAGE[0], IMAGE[1]));
            for (mut image, frame) in images.axis_iter_mut(Axis(0)).zip(&frames) {
                image.index_axis_mut(Axis(0), 0).assign(&frame.pixels);
            }
            let first = batch * BATCH;
            codes.slice_mut(s![first..first + files.len(), .., ..]).assign(&oasis.encode(images.view())?);
            progress(first + files.len())?;
        }
        let condition = conditions(dataset, files);
        let condition = Array2::from_shape_fn((files.len(), 2), |(index, axis)| condition[index][axis]);
        Ok(Self { codes, condition, cases: files.iter().map(|file| file.case).collect() })
    }

    pub(super) fn len(&self) -> usize {
        self.cases.len()
    }

    /// Those of the numbers `indices`.
    pub(super) fn select(&self, indices: &[usize]) -> Self {
        Self {
            codes: self.codes.select(Axis(0), indices),
            condition: self.condition.select(Axis(0), indices),
            cases: indices.iter().map(|index| self.cases[*index]).collect(),
        }
    }

    /// The same slices with other codes.
    pub(super) fn with_codes(&self, codes: Array3<i64>) -> Self {
        Self { codes, ..self.clone() }
    }

    /// Hands the decoded images `[n, 1, 256, 256]` to `take`, a few at a time, with the number of the first.
    ///
    /// # Errors
    /// Those of the engine and of `take`.
    pub(super) fn decode(&self, oasis: &Oasis, mut take: impl FnMut(usize, &Array4<f32>) -> Result<()>) -> Result<()> {
        for (batch, codes) in self.codes.axis_chunks_iter(Axis(0), BATCH).enumerate() {
            take(batch * BATCH, &oasis.decode(codes)?)?;
        }
        Ok(())
    }
}

/// An image of a batch `[n, 1, 256, 256]`.
pub(super) fn image(images: &Array4<f32>, index: usize) -> ArrayView2<'_, f32> {
    images.slice(s![index, 0, .., ..])
}
