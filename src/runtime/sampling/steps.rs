//! Sampling by the prior's step graphs: one step of the vertical stack for a row, then one step of the horizontal stack
//! for each code of the row, so that a code costs the work of one place. The state of each stack stays with the engine;
//! `model/step.rs` says what the graphs compute.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array1, Array2, Array3, Axis, s};

use super::draws::{Draws, Wave};
use crate::bundle::{Role, Sizes};
use crate::engine::{Session, Stepper, TensorView, TensorViewMut};
use crate::onnx::ModelFile;
use crate::runtime::pipeline::Oasis;
use crate::{Error, ErrorKind, Result, Subject};

/// The step graphs, loaded.
pub(super) struct Steps {
    row: Step,
    code: Step,
    sizes: Sizes,
    /// The length of a column's context.
    context: usize,
    /// How many codes around the mirror image of its place a step looks at.
    mirrored: usize,
}

/// A step graph, and its session.
struct Step {
    file: ModelFile,
    session: Arc<dyn Session>,
}

/// Samples that go through the steps together, on one thread.
struct Group {
    /// Their numbers.
    samples: Range<usize>,
    condition: Array2<i64>,
    codes: Array3<i64>,
    /// The vertical stack, whose state goes from row to row.
    row: Stepper,
    /// The horizontal stack, whose state goes from code to code.
    code: Stepper,
    contexts: Array3<f32>,
    logits: Array2<f32>,
}

impl Steps {
    /// The steps of a bundle's prior; `None` where the bundle has none.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for a graph that lacks an input, and those of [`Oasis::load`].
    pub(super) fn load(oasis: &Oasis) -> Result<Option<Self>> {
        let roles = Role::STEPS;
        let [Some(row), Some(code)] = roles.each_ref().map(|role| oasis.bundle().get(role)) else { return Ok(None) };
        let step = |file: &ModelFile, role| Ok(Step { file: file.clone(), session: oasis.session(role)? });
        Ok(Some(Self {
            sizes: oasis.sizes(),
            mirrored: size(code, "mirrored")?,
            context: size(code, "context")?,
            row: step(row, &roles[0])?,
            code: step(code, &roles[1])?,
        }))
    }

    /// Draws the samples of a wave, in groups on different threads; tells `tell` how many rows are done in all of them.
    ///
    /// # Errors
    /// Those of the engine and of `tell`, and logits that hold NaN or infinity.
    pub(super) fn draw(
        &self,
        draws: Draws<'_>,
        wave: Wave<'_>,
        tell: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let Wave { samples, given, mut codes } = wave;
        let size = samples.len().div_ceil(draws.workers.count());
        let mut groups: Vec<Group> = samples
            .step_by(size)
            .zip(codes.axis_chunks_iter(Axis(0), size))
            .map(|(first, codes)| self.group(draws, first, codes.to_owned()))
            .collect::<Result<_>>()?;
        for row in 0..self.sizes.grid[0] {
            draws.workers.map(groups.iter_mut().collect(), |group| {
                self.row_step(group, row)?;
                if row < given { Ok(()) } else { self.code_steps(draws, group, row) }
            })?;
            tell(row + 1)?;
        }
        for (group, mut codes) in groups.iter().zip(codes.axis_chunks_iter_mut(Axis(0), size)) {
            codes.assign(&group.codes);
        }
        Ok(())
    }

    fn group(&self, draws: Draws<'_>, first: usize, codes: Array3<i64>) -> Result<Group> {
        let Sizes { grid: [_, w], codebook_size, .. } = self.sizes;
        let n = codes.dim().0;
        let samples = first..first + n;
        let stepper = |step: &Step| Stepper::new(step.session.clone(), &step.file);
        Ok(Group {
            condition: draws.condition.slice(s![samples.clone(), ..]).to_owned(),
            samples,
            codes,
            row: stepper(&self.row)?,
            code: stepper(&self.code)?,
            contexts: Array3::zeros((n, w, self.context)),
            logits: Array2::zeros((n, codebook_size)),
        })
    }

    /// The step of the vertical stack for a row, from the codes of the row above.
    fn row_step(&self, group: &mut Group, row: usize) -> Result<()> {
        let Sizes { grid: [_, w], codebook_size, .. } = self.sizes;
        let n = group.samples.len();
        let over = match row {
            0 => Array2::from_elem((n, w), codebook_size as i64),
            _ => group.codes.index_axis(Axis(1), row - 1).to_owned(),
        };
        let number = Array1::from_elem(n, row as i64);
        group.row.step_into(
            &[
                ("codes", TensorView::integers(&over)),
                ("row", TensorView::integers(&number)),
                ("condition", TensorView::integers(&group.condition)),
            ],
            &mut [("contexts", TensorViewMut::floats(&mut group.contexts))],
        )
    }

    /// The steps of the horizontal stack along a row. Each draws one code of every sample.
    fn code_steps(&self, draws: Draws<'_>, group: &mut Group, row: usize) -> Result<()> {
        let Sizes { grid: [_, w], codebook_size, .. } = self.sizes;
        let n = group.samples.len();
        let none = codebook_size as i64;
        group.code.reset();
        let mut code = Array1::from_elem(n, none);
        let mut mirrored = Array2::from_elem((n, self.mirrored), none);
        for column in 0..w {
            for (at, source) in mirrored_columns(column, w, self.mirrored).enumerate() {
                match source {
                    Some(source) => mirrored.column_mut(at).assign(&group.codes.slice(s![.., row, source])),
                    None => mirrored.column_mut(at).fill(none),
                }
            }
            let context = group.contexts.index_axis(Axis(1), column).to_owned();
            group.code.step_into(
                &[
                    ("code", TensorView::integers(&code)),
                    ("mirrored", TensorView::integers(&mirrored)),
                    ("context", TensorView::floats(&context)),
                ],
                &mut [("logits", TensorViewMut::floats(&mut group.logits))],
            )?;
            for (at, sample) in group.samples.clone().enumerate() {
                let logits = group.logits.row(at);
                let logits = logits.as_slice().expect("a row is contiguous");
                code[at] = draws.settle(sample, [row, column], logits, group.codes.index_axis(Axis(0), at))?;
            }
            group.codes.slice_mut(s![.., row, column]).assign(&code);
        }
        Ok(())
    }
}

/// The number of elements that an input of a step graph has for each sample.
///
/// # Errors
/// [`ErrorKind::Model`] where the graph has no such input, or one without a batch.
fn size(file: &ModelFile, input: &str) -> Result<usize> {
    let port = file.model().graph.input(input);
    let sizes = port.and_then(|port| port.dims().get(1..)).ok_or_else(|| {
        let why = format!("{} has no such input, or one without dimensions", file.name());
        Error::new(ErrorKind::Model, "wrong step of the prior", Subject::tensor(input), why)
    })?;
    Ok(sizes.iter().map(|dim| dim.fixed().unwrap_or(1)).product())
}

/// The `count` columns around the mirror image of a column, from right to left. `None` for a column that is not in the
/// left half, and for all where the column itself is not in the right half.
fn mirrored_columns(column: usize, columns: usize, count: usize) -> impl Iterator<Item = Option<usize>> {
    let half = columns / 2;
    let rightmost = columns - 1 - column + count / 2;
    (0..count).map(move |at| {
        let inside = column >= columns - half;
        rightmost.checked_sub(at).filter(|source| inside && *source < half)
    })
}

#[cfg(test)]
mod tests {
    use super::mirrored_columns;

    #[test]
    fn only_the_right_half_sees_the_left_mirrored() {
        let columns = |column, columns| mirrored_columns(column, columns, 5).collect::<Vec<_>>();
        assert_eq!(columns(3, 8), [None; 5]);
        assert_eq!(columns(4, 8), [None, None, Some(3), Some(2), Some(1)]);
        assert_eq!(columns(6, 8), [Some(3), Some(2), Some(1), Some(0), None]);
        assert_eq!(columns(7, 8), [Some(2), Some(1), Some(0), None, None]);
        assert_eq!(columns(3, 7), [None; 5], "the middle of an odd number");
        assert_eq!(columns(4, 7), [None, None, Some(2), Some(1), Some(0)]);
    }
}
