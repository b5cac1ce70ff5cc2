//! What is needed to draw the codes of a request.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut3};

use super::draw::Chosen;
use super::noise::Noise;
use super::referee::{REFEREE, Referee};
use super::request::SampleRequest;
use super::workers::Workers;
use crate::bundle::Role;
use crate::runtime::pipeline::Oasis;
use crate::{Error, ErrorKind, Result};

/// A request in work.
#[derive(Clone, Copy)]
pub(super) struct Draws<'a> {
    pub(super) oasis: &'a Oasis,
    pub(super) referee: &'a Referee,
    pub(super) workers: &'a Workers,
    pub(super) request: &'a SampleRequest,
    /// The conditions of all samples, `[count, 2]`.
    pub(super) condition: ArrayView2<'a, i64>,
}

/// Samples that are drawn together.
pub(super) struct Wave<'a> {
    /// Their numbers in the request, from 0.
    pub(super) samples: Range<usize>,
    /// How many rows of them are given.
    pub(super) given: usize,
    /// Their codes `[samples, h, w]`, of which the given rows are filled in.
    pub(super) codes: ArrayViewMut3<'a, i64>,
}

impl Draws<'_> {
    /// Draws the code at a place of a sample from its logits. `engine` is what the logits are from.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the logits hold NaN or infinity.
    pub(super) fn draw(&self, sample: usize, at: [usize; 2], logits: &[f32], engine: &str) -> Result<Chosen> {
        let [row, column] = at;
        let number = self.request.first.wrapping_add(sample as u64);
        let noise = Noise::new(self.request.seed, number, row as u16, column as u16);
        self.request.choice.draw(logits, noise).ok_or_else(|| {
            let why = format!("the prior's logits on {engine} hold NaN or infinity at row {row}, column {column}");
            let name = self.oasis.bundle().file(&Role::Prior).map_or("prior", |file| file.name());
            Error::new(ErrorKind::Model, "cannot sample", name, why)
                .hint("set `backend` to another engine, or export the prior again")
        })
    }

    /// Draws the code at a place of a sample whose codes before that place, in `codes` `[h, w]`, are final. A draw that
    /// float errors could change is repeated with the referee's logits.
    ///
    /// # Errors
    /// Those of [`Self::draw`] and of the referee's engine.
    pub(super) fn settle(
        &self,
        sample: usize,
        at: [usize; 2],
        logits: &[f32],
        codes: ArrayView2<'_, i64>,
    ) -> Result<i64> {
        let mut chosen = self.draw(sample, at, logits, self.oasis.engine().name())?;
        if chosen.close
            && let Some(logits) = self.referee.logits(codes, self.condition.row(sample), at)?
        {
            chosen = self.draw(sample, at, &logits, REFEREE)?;
        }
        Ok(chosen.code as i64)
    }
}
