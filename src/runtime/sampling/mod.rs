//! New grids of codes from the prior, as if drawn code by code in raster order.
//!
//! Each code is drawn with random numbers that are a function of the seed, the sample's number, the row and the column
//! alone. So a sample does not depend on which others are drawn with it, on threads, or on the order of work. Nor does it
//! on the engine, where float errors of the logits are at most 5e-5: a draw that they could turn is decided by one engine
//! for all.

mod choose;
mod field;
mod likelihood;
mod noise;
mod passes;
mod referee;
mod request;
mod steps;

use std::ops::{ControlFlow, Range};

use ndarray::{Array3, ArrayView2, ArrayViewMut3, s};

pub use self::choose::{Choice, Chosen};
pub use self::noise::{Noise, philox4x32, uniform};
pub(super) use self::referee::Referee;
pub use self::request::{Condition, Given, Progress, SampleRequest};
use self::steps::Steps;
use super::pipeline::Oasis;
use crate::bundle::Role;
use crate::{Error, ErrorKind, Result};

/// Samples that are drawn together on one thread; more only need more memory.
const TOGETHER: usize = 16;

/// What is needed to draw a code.
#[derive(Clone, Copy)]
struct Draws<'a> {
    oasis: &'a Oasis,
    request: &'a SampleRequest,
    /// Of all samples, `[count, 2]`.
    condition: ArrayView2<'a, i64>,
}

impl Oasis {
    /// Draws samples: codes `[count, h, w]`. By the steps of the prior where the bundle has them, else by whole passes,
    /// as [`Oasis::sample_by_passes`].
    ///
    /// `progress` is told when rows are done in every sample that is in work; where it breaks, sampling ends. Memory is
    /// that of 16 samples a thread, whatever their count, beside the codes.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a request outside its ranges, [`ErrorKind::Input`] for given codes that do not fit or a
    /// bundle without a prior, [`ErrorKind::Model`] for logits that are no numbers, [`ErrorKind::Interrupted`] where
    /// `progress` breaks, and those of [`Oasis::run`].
    pub fn sample(
        &self,
        request: &SampleRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Array3<i64>> {
        let steps = Steps::load(self)?;
        self.sample_in_waves(request, progress, |draws, samples, given, codes, tell| match &steps {
            Some(steps) => steps.draw(draws, samples, given, codes, tell),
            None => passes::draw(draws, samples, given, codes, tell),
        })
    }

    /// Draws the samples that [`Oasis::sample`] draws, by passes of the whole prior: codes `[count, h, w]`.
    ///
    /// # Errors
    /// Those of [`Oasis::sample`].
    pub fn sample_by_passes(
        &self,
        request: &SampleRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Array3<i64>> {
        self.sample_in_waves(request, progress, passes::draw)
    }

    /// Draws as many samples together as the threads are worth, then the next.
    fn sample_in_waves(
        &self,
        request: &SampleRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        draw: impl Fn(
            Draws<'_>,
            Range<usize>,
            usize,
            ArrayViewMut3<'_, i64>,
            &mut dyn FnMut(usize) -> Result<()>,
        ) -> Result<()>,
    ) -> Result<Array3<i64>> {
        let condition = request.check(self)?;
        self.load(&Role::Prior)?;
        self.referee().session(self.bundle().graph(&Role::Prior)?);
        let [h, _] = self.sizes().grid;
        let (mut codes, given) = request.begin(self.sizes().grid);
        let draws = Draws { oasis: self, request, condition: condition.view() };
        let at_once = rayon::current_num_threads() * TOGETHER;
        let rows = request.count.div_ceil(at_once) * h;
        for (wave, first) in (0..request.count).step_by(at_once).enumerate() {
            let samples = first..(first + at_once).min(request.count);
            let part = codes.slice_mut(s![samples.clone(), .., ..]);
            draw(draws, samples, given, part, &mut |done| tell(progress, wave * h + done, rows))?;
        }
        Ok(codes)
    }

    /// Checks a request without sampling.
    ///
    /// # Errors
    /// Those of [`Oasis::sample`] that can be told beforehand.
    pub fn check_sample(&self, request: &SampleRequest) -> Result<()> {
        request.check(self)?;
        self.load(&Role::Prior)
    }
}

impl Draws<'_> {
    /// The code of one place of a sample, from its logits, and whether it is close.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for logits that are no numbers.
    fn draw(&self, sample: usize, [row, column]: [usize; 2], logits: &[f32], engine: &str) -> Result<Chosen> {
        let number = self.request.first.wrapping_add(sample as u64);
        let noise = Noise::new(self.request.seed, number, row as u16, column as u16);
        self.request.choice.draw(logits, noise).ok_or_else(|| {
            let why = format!("{engine} gives logits that are no numbers at row {row}, column {column}");
            let name = self.oasis.bundle().graph(&Role::Prior).map_or("prior", |graph| graph.name());
            Error::new(ErrorKind::Model, "cannot sample", name, why)
                .hint("try another engine with --backend, or export the prior again")
        })
    }

    /// The code of one place of a sample that stays, from its logits and the codes `[h, w]` before it: what is close is
    /// decided by the referee.
    ///
    /// # Errors
    /// Those of [`Self::draw`] and of the referee's engine.
    fn settle(&self, sample: usize, at: [usize; 2], logits: &[f32], codes: ArrayView2<'_, i64>) -> Result<i64> {
        let mut chosen = self.draw(sample, at, logits, self.oasis.engine().name())?;
        if chosen.close {
            let (graph, condition) = (self.oasis.bundle().graph(&Role::Prior)?, self.condition.row(sample));
            if let Some(logits) = self.oasis.referee().logits(graph, codes, condition, at)? {
                chosen = self.draw(sample, at, &logits, "tract")?;
            }
        }
        Ok(chosen.code as i64)
    }
}

/// Tells of rows that are done.
///
/// # Errors
/// [`ErrorKind::Interrupted`] where that breaks before the last row.
fn tell(progress: &mut dyn FnMut(Progress) -> ControlFlow<()>, rows_done: usize, rows: usize) -> Result<()> {
    if progress(Progress { rows_done, rows }).is_break() && rows_done < rows {
        let why = format!("stopped after {rows_done} of {rows} rows");
        return Err(Error::new(ErrorKind::Interrupted, "cannot sample", "prior", why));
    }
    Ok(())
}
