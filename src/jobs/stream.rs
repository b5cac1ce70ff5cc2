//! Slices through the pipeline: decoded, run and finished by several workers, with results in order.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array4;

use super::ordered::ordered;
use crate::data::{Fit, Frame, SliceFile};
use crate::runtime::stack_images;
use crate::{Error, Result};

/// An input that could not be used.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: Error,
}

/// What becomes of a list of inputs, besides the results.
#[derive(Debug, Clone, Default)]
pub struct Ended {
    /// Inputs that could not be used.
    pub failures: Vec<Failure>,
    /// Whether it was stopped before the last input.
    pub interrupted: bool,
}

/// A list of slices to run through the pipeline, and whoever watches.
pub struct Stream<'a> {
    /// The slices, in the order that results keep.
    pub files: &'a [SliceFile],
    /// What to do with slices that are not 256x256.
    pub fit: Fit,
    /// Slices, or batches of them where the engine is best given several, that are in work at once.
    pub workers: usize,
    /// Once set, no further slice is begun; those in work are finished.
    pub stop: &'a AtomicBool,
    /// Called with the number of slices done so far.
    pub progress: &'a mut dyn FnMut(usize),
}

/// A decoded slice.
pub(super) type Slice<'f> = (&'f SliceFile, Frame);

impl Stream<'_> {
    /// Decodes `files` and hands them to `work`, `batch` at a time, on several threads; hands what it gives to `sink`,
    /// in the order of the files. One worker decodes while another runs and a third finishes its results.
    ///
    /// # Errors
    /// What `work` or `sink` fails with. Slices that cannot be read are returned instead.
    pub(super) fn run<T: Send>(
        &mut self,
        files: &[SliceFile],
        batch: usize,
        work: impl Fn(&[Slice<'_>]) -> Result<Vec<T>> + Sync,
        mut sink: impl FnMut(T) -> Result<()>,
    ) -> Result<Ended> {
        let batches: Vec<&[SliceFile]> = files.chunks(batch.max(1)).collect();
        let (mut failures, mut done) = (Vec::new(), 0);
        let one = |files: &&[SliceFile]| {
            let (mut slices, mut failures) = (Vec::with_capacity(files.len()), Vec::new());
            for file in *files {
                match Frame::decode(&file.path, self.fit) {
                    Ok(frame) => slices.push((file, frame)),
                    Err(error) => failures.push(Failure { path: file.path.clone(), error }),
                }
            }
            let results = if slices.is_empty() { Ok(Vec::new()) } else { work(&slices) };
            (files.len(), results, failures)
        };
        let progress = &mut *self.progress;
        ordered(&batches, self.workers, self.stop, one, |(count, results, failed)| {
            failures.extend(failed);
            results?.into_iter().try_for_each(&mut sink)?;
            done += count;
            progress(done);
            Ok(())
        })?;
        Ok(Ended { failures, interrupted: done < files.len() && self.stop.load(Ordering::SeqCst) })
    }
}

/// Slices as the encoder's input `[n, 1, 256, 256]`.
pub(super) fn stack(slices: &[Slice<'_>]) -> Result<Array4<f32>> {
    stack_images(slices.iter().map(|(_, frame)| frame.pixels.view()))
}
