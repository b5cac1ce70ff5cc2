//! Files to frames, a chunk at a time.

use std::path::PathBuf;

use ndarray::{Array4, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::data::{FRAME, Fit, Frame, SliceFile};
use crate::{Error, Result};

/// An input that could not be used.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: Error,
}

/// A list of slices to run through the pipeline, and whoever watches.
pub struct Stream<'a> {
    /// The slices, in the order that results keep.
    pub files: &'a [SliceFile],
    /// What to do with slices that are not 256x256.
    pub fit: Fit,
    /// Slices in memory at once.
    pub chunk: usize,
    /// Called with the number of slices done so far.
    pub progress: &'a mut dyn FnMut(usize),
}

impl Stream<'_> {
    /// Decodes each chunk on all cores and hands what could be read to `work`, in order.
    ///
    /// # Errors
    /// What `work` fails with. Slices that cannot be read are returned instead.
    pub fn run(&mut self, mut work: impl FnMut(&[(&SliceFile, Frame)]) -> Result<()>) -> Result<Vec<Failure>> {
        let mut failures = Vec::new();
        let mut done = 0;
        for files in self.files.chunks(self.chunk.max(1)) {
            let decoded: Vec<_> = files.par_iter().map(|file| (file, Frame::decode(&file.path, self.fit))).collect();
            let mut frames = Vec::with_capacity(decoded.len());
            for (file, frame) in decoded {
                match frame {
                    Ok(frame) => frames.push((file, frame)),
                    Err(error) => failures.push(Failure { path: file.path.clone(), error }),
                }
            }
            if !frames.is_empty() {
                work(&frames)?;
            }
            done += files.len();
            (self.progress)(done);
        }
        Ok(failures)
    }
}

/// Frames as the encoder's input `[n, 1, 256, 256]`.
pub(super) fn stack(frames: &[(&SliceFile, Frame)]) -> Array4<f32> {
    let mut images = Array4::zeros((frames.len(), 1, FRAME, FRAME));
    for (mut image, (_, frame)) in images.axis_iter_mut(Axis(0)).zip(frames) {
        image.index_axis_mut(Axis(0), 0).assign(&frame.pixels);
    }
    images
}

/// Image `index` of `[n, 1, 256, 256]`.
pub(super) fn image(images: &Array4<f32>, index: usize) -> ArrayView2<'_, f32> {
    images.slice(s![index, 0, .., ..])
}
