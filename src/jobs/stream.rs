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
#[non_exhaustive]
pub struct Failure {
    /// The file or folder.
    pub path: PathBuf,
    /// Why it could not be used.
    pub error: Error,
}

impl Failure {
    /// The failure of an input, and why.
    pub fn new(path: impl Into<PathBuf>, error: Error) -> Self {
        Self { path: path.into(), error }
    }
}

/// How work over a list of inputs ended, besides its results.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Ended {
    /// Inputs that could not be used.
    pub failures: Vec<Failure>,
    /// Whether it was stopped before the last input.
    pub interrupted: bool,
}

/// A list of slices to run through the pipeline.
pub struct Stream<'a> {
    pub(super) files: &'a [SliceFile],
    fit: Fit,
    workers: usize,
    stop: &'a AtomicBool,
    progress: Option<&'a mut dyn FnMut(usize)>,
}

impl<'a> Stream<'a> {
    /// The slices in the order that results keep: one worker, no slice larger than 256x256, never stopped.
    pub fn new(files: &'a [SliceFile]) -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Self { files, fit: Fit::Exact, workers: 1, stop: &NEVER, progress: None }
    }

    /// What to do with slices that are not 256x256.
    #[must_use]
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self
    }

    /// How many slices are in work at once; batches of slices for an engine whose best batch is more than one.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Once `stop` is set, no further slice is begun, and those in work are finished.
    #[must_use]
    pub fn stop(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = stop;
        self
    }

    /// Calls `progress` with the number of slices done so far.
    #[must_use]
    pub fn progress(mut self, progress: &'a mut dyn FnMut(usize)) -> Self {
        self.progress = Some(progress);
        self
    }
}

/// A decoded slice.
pub(super) type Slice<'f> = (&'f SliceFile, Frame);

impl Stream<'_> {
    /// Decodes `files` and gives them to `work`, `batch` at a time, on several threads, and each result of `work` to
    /// `sink`, in the order of the files. One worker decodes while another runs the engine.
    ///
    /// # Errors
    /// Those of `work` and of `sink`. Slices that cannot be read, and those for which `work` has an error among its
    /// results, are returned as failures.
    pub(super) fn run<T: Send>(
        &mut self,
        files: &[SliceFile],
        batch: usize,
        work: impl Fn(&[Slice<'_>]) -> Result<Vec<Result<T>>> + Sync,
        mut sink: impl FnMut(T) -> Result<()>,
    ) -> Result<Ended> {
        let batches: Vec<&[SliceFile]> = files.chunks(batch.max(1)).collect();
        let (mut failures, mut done) = (Vec::new(), 0);
        let one = |files: &&[SliceFile]| {
            let (mut slices, mut failures) = (Vec::with_capacity(files.len()), Vec::new());
            for file in *files {
                match Frame::decode(&file.path, self.fit) {
                    Ok(frame) => slices.push((file, frame)),
                    Err(error) => failures.push(Failure::new(&file.path, error)),
                }
            }
            let results = if slices.is_empty() { Ok(Vec::new()) } else { work(&slices) };
            let results = results.map(|results| {
                let mut done = Vec::with_capacity(results.len());
                for ((file, _), result) in slices.iter().zip(results) {
                    match result {
                        Ok(result) => done.push(result),
                        Err(error) => failures.push(Failure::new(&file.path, error)),
                    }
                }
                done
            });
            (files.len(), results, failures)
        };
        let progress = &mut self.progress;
        ordered(&batches, self.workers, self.stop, one, |(count, results, failed)| {
            failures.extend(failed);
            results?.into_iter().try_for_each(&mut sink)?;
            done += count;
            if let Some(progress) = progress {
                progress(done);
            }
            Ok(())
        })?;
        Ok(Ended { failures, interrupted: done < files.len() && self.stop.load(Ordering::SeqCst) })
    }
}

/// Slices as the encoder's input `[n, 1, 256, 256]`.
pub(super) fn stack(slices: &[Slice<'_>]) -> Result<Array4<f32>> {
    stack_images(slices.iter().map(|(_, frame)| frame.pixels.view()))
}
