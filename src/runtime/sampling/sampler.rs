//! The sampler.

use std::ops::ControlFlow;

use ndarray::{Array3, s};

use super::draws::{Draws, Wave};
use super::passes;
use super::referee::Referee;
use super::request::{Progress, SampleRequest};
use super::steps::Steps;
use super::workers::Workers;
use crate::bundle::Role;
use crate::runtime::pipeline::Oasis;
use crate::{Error, ErrorKind, Result};

/// Samples that are drawn together on one thread; more only take more memory.
const TOGETHER: usize = 16;

/// Draws samples from the prior of an open bundle; [`Oasis::sampler`] makes it. Usable from many threads.
pub struct Sampler<'a> {
    oasis: &'a Oasis,
    steps: Option<Steps>,
    referee: Referee,
    workers: Workers,
}

impl Oasis {
    /// A sampler of the bundle's prior. It uses as many threads as one run of the engine.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] where the bundle has no prior, [`ErrorKind::Environment`] where there cannot be so many
    /// threads, and those of [`Oasis::load`].
    pub fn sampler(&self) -> Result<Sampler<'_>> {
        let prior = self.bundle().file(&Role::Prior)?;
        self.load(&Role::Prior)?;
        Ok(Sampler {
            oasis: self,
            steps: Steps::load(self)?,
            referee: Referee::new(prior, self.sizes()),
            workers: Workers::new(self.threads())?,
        })
    }
}

impl Sampler<'_> {
    /// Checks a request without drawing anything.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a number outside its range, [`ErrorKind::Input`] for given codes that do not fit.
    pub fn check(&self, request: &SampleRequest) -> Result<()> {
        request.check(self.oasis).map(drop)
    }

    /// Draws samples: codes `[count, h, w]`. Uses the prior's step graphs where the bundle has them, and passes of the
    /// whole prior, as [`Sampler::sample_by_passes`] does, where it has not. Both give the same samples.
    ///
    /// Samples are drawn in waves of 16 a thread; `progress` is told whenever further rows are done in all samples of a
    /// wave. Where it breaks, sampling stops. Beside the codes, memory is needed for one wave only.
    ///
    /// # Errors
    /// Those of [`Sampler::check`], [`ErrorKind::Interrupted`] where `progress` breaks, and those of [`Oasis::run`].
    pub fn sample(
        &self,
        request: &SampleRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Array3<i64>> {
        match &self.steps {
            Some(steps) => self.in_waves(request, progress, |draws, wave, tell| steps.draw(draws, wave, tell)),
            None => self.sample_by_passes(request, progress),
        }
    }

    /// Draws the samples that [`Sampler::sample`] draws, by passes of the whole prior: codes `[count, h, w]`.
    ///
    /// # Errors
    /// Those of [`Sampler::sample`].
    pub fn sample_by_passes(
        &self,
        request: &SampleRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Array3<i64>> {
        self.in_waves(request, progress, passes::draw)
    }

    /// Has `draw` draw one wave of samples after the other.
    fn in_waves(
        &self,
        request: &SampleRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        draw: impl Fn(Draws<'_>, Wave<'_>, &mut dyn FnMut(usize) -> Result<()>) -> Result<()>,
    ) -> Result<Array3<i64>> {
        let condition = request.check(self.oasis)?;
        self.referee.load();
        let [h, w] = self.oasis.sizes().grid;
        let (mut codes, given) = request.begin([h, w]);
        let draws = Draws {
            oasis: self.oasis,
            referee: &self.referee,
            workers: &self.workers,
            request,
            condition: condition.view(),
        };
        let at_once = self.workers.count() * TOGETHER;
        let rows = request.count.div_ceil(at_once) * h;
        for (number, first) in (0..request.count).step_by(at_once).enumerate() {
            let samples = first..(first + at_once).min(request.count);
            let codes = codes.slice_mut(s![samples.clone(), .., ..]);
            draw(draws, Wave { samples, given, codes }, &mut |done| tell(progress, number * h + done, rows))?;
        }
        Ok(codes)
    }
}

/// Tells `progress` how many rows are done.
///
/// # Errors
/// [`ErrorKind::Interrupted`] where `progress` breaks before the last row.
fn tell(progress: &mut dyn FnMut(Progress) -> ControlFlow<()>, rows_done: usize, rows: usize) -> Result<()> {
    if progress(Progress { rows_done, rows }).is_break() && rows_done < rows {
        let why = format!("stopped after {rows_done} of {rows} rows");
        return Err(Error::new(ErrorKind::Interrupted, "cannot sample", "prior", why));
    }
    Ok(())
}
