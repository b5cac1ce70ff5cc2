//! Sampling by the prior's steps: a row of the vertical stack, then the row's codes one by one, each at the cost of one
//! code. The graphs carry their state from call to call; what they are is in `model/step.rs`.

use std::mem::swap;
use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array1, Array2, Array3, ArrayD, ArrayView2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;

use super::engine::Session;
use super::pipeline::Oasis;
use super::sampler::SampleRequest;
use super::tensor::{TensorView, TensorViewMut};
use crate::Result;
use crate::bundle::onnx::Dim;
use crate::bundle::{Role, Sizes};

/// Samples that go through the steps together on one thread; more only need more memory.
pub(super) const TOGETHER: usize = 16;

/// The step graphs, loaded.
pub(super) struct Steps<'a> {
    oasis: &'a Oasis,
    row: Arc<dyn Session>,
    code: Arc<dyn Session>,
    /// The shape of the state from row to row, of one sample.
    above: Vec<usize>,
    /// The shape of the state from code to code, of one sample.
    left: Vec<usize>,
    /// The length of a column's context.
    context: usize,
}

/// Some of the samples, as far as they are drawn.
pub(super) struct Group {
    /// Their numbers.
    samples: Range<usize>,
    condition: Array2<i64>,
    /// The codes of the last row; K before the first.
    over: Array2<i64>,
    above: [ArrayD<f32>; 2],
    left: [ArrayD<f32>; 2],
    contexts: Array3<f32>,
    logits: Array2<f32>,
}

impl<'a> Steps<'a> {
    /// The steps of a bundle's prior; `None` where it has none.
    ///
    /// # Errors
    /// A graph that the engine cannot load.
    pub(super) fn load(oasis: &'a Oasis) -> Result<Option<Self>> {
        let roles = [Role::prior_row(), Role::prior_code()];
        let [Some(row), Some(code)] = roles.each_ref().map(|role| oasis.bundle().get(role)) else { return Ok(None) };
        let shape = |dims: &[Dim]| -> Vec<usize> {
            let size = |dim: &Dim| if let Dim::Fixed(size) = dim { *size as usize } else { 1 };
            dims[1..].iter().map(size).collect()
        };
        Ok(Some(Self {
            oasis,
            above: shape(&row.model().inputs[3].shape),
            left: shape(&code.model().inputs[2].shape),
            context: shape(&code.model().inputs[1].shape)[0],
            row: oasis.session(&roles[0])?,
            code: oasis.session(&roles[1])?,
        }))
    }

    /// Samples in groups that are drawn on different threads.
    pub(super) fn groups(&self, samples: Range<usize>, condition: ArrayView2<'_, i64>, threads: usize) -> Vec<Group> {
        let Sizes { grid: [_, w], codebook_size, .. } = self.oasis.sizes();
        let size = samples.len().div_ceil(threads);
        samples
            .clone()
            .step_by(size)
            .map(|first| {
                let samples = first..(first + size).min(samples.end);
                let n = samples.len();
                let state = |shape: &[usize]| ArrayD::zeros([&[n], shape].concat());
                Group {
                    condition: condition.slice(s![samples.clone(), ..]).to_owned(),
                    samples,
                    over: Array2::from_elem((n, w), codebook_size as i64),
                    above: [state(&self.above), state(&self.above)],
                    left: [state(&self.left), state(&self.left)],
                    contexts: Array3::zeros((n, w, self.context)),
                    logits: Array2::zeros((n, codebook_size)),
                }
            })
            .collect()
    }

    /// Draws one row of every sample of a group, or takes it as it is where it is `given`.
    ///
    /// # Errors
    /// Those of the engine, and logits that are no numbers.
    pub(super) fn row(
        &self,
        request: &SampleRequest,
        group: &mut Group,
        row: usize,
        given: bool,
        mut codes: ArrayViewMut2<'_, i64>,
    ) -> Result<()> {
        let Sizes { grid: [_, w], codebook_size, .. } = self.oasis.sizes();
        let n = group.samples.len();
        let number = Array1::from_elem(n, row as i64);
        let [above, next] = &mut group.above;
        self.row.run_into(
            &[
                ("codes", TensorView::integers(&group.over)),
                ("row", TensorView::integers(&number)),
                ("condition", TensorView::integers(&group.condition)),
                ("above", TensorView::floats(above)),
            ],
            &mut [("contexts", TensorViewMut::floats(&mut group.contexts)), ("next", TensorViewMut::floats(next))],
        )?;
        swap(above, next);
        if !given {
            group.left[0].fill(0.0);
            let mut code = Array1::from_elem(n, codebook_size as i64);
            for column in 0..w {
                let context = group.contexts.index_axis(Axis(1), column).to_owned();
                let [left, next] = &mut group.left;
                self.code.run_into(
                    &[
                        ("code", TensorView::integers(&code)),
                        ("context", TensorView::floats(&context)),
                        ("left", TensorView::floats(left)),
                    ],
                    &mut [("logits", TensorViewMut::floats(&mut group.logits)), ("next", TensorViewMut::floats(next))],
                )?;
                swap(left, next);
                for (at, index) in group.samples.clone().enumerate() {
                    let logits = group.logits.row(at);
                    code[at] = self.oasis.draw(request, index, [row, column], logits.iter().copied())?;
                }
                codes.column_mut(column).assign(&code);
            }
        }
        group.over.assign(&codes);
        Ok(())
    }

    /// One row of all groups, on different threads. `codes` are those of the row, `[samples, w]`.
    ///
    /// # Errors
    /// Those of [`Self::row`].
    pub(super) fn rows(
        &self,
        request: &SampleRequest,
        groups: &mut [Group],
        row: usize,
        given: bool,
        codes: ArrayViewMut2<'_, i64>,
    ) -> Result<()> {
        let mut rest = codes;
        let mut parts = Vec::with_capacity(groups.len());
        for group in groups.iter() {
            let (part, others) = rest.split_at(Axis(0), group.samples.len());
            parts.push(part);
            rest = others;
        }
        groups.par_iter_mut().zip(parts).try_for_each(|(group, part)| self.row(request, group, row, given, part))
    }
}
