//! Running a model with state, step by step.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::begin::first_value;
use super::kept::Kept;
use super::tensor::{Tensor, TensorView, TensorViewMut};
use super::traits::{Engine, Session};
use crate::onnx::{ModelFile, State};
use crate::{Error, ErrorKind, Result, Subject};

/// A model with state in work: what it remembers stays with the engine from step to step.
///
/// ```no_run
/// # fn main() -> oasis::Result<()> {
/// # #[cfg(feature = "tract")] {
/// # let file = oasis::onnx::ModelFile::read("decoder.onnx", Vec::new())?;
/// use oasis::runtime::{Backend, EngineOptions, Stepper, TensorView, engine};
///
/// let tract = engine(Backend::Tract, &EngineOptions::default())?;
/// let mut stepper = Stepper::load(tract.as_ref(), &file)?;
/// for token in [3_i64, 1, 4] {
///     let token = ndarray::arr2(&[[token]]);
///     let outputs = stepper.step(&[("token", TensorView::integers(&token))])?;
///     println!("{:?}", outputs[0].1.shape());
/// }
/// stepper.reset();
/// # }
/// # Ok(())
/// # }
/// ```
///
/// A step that fails loses the state, unless it is the first: [`Stepper::reset`] then begins anew.
///
/// Which outputs are the next step's inputs stands in the model's metadata ([`State`]); a file of a bundle may have it from
/// its role instead. Several steppers may share a session, each with a state of its own.
pub struct Stepper {
    session: Arc<dyn Session>,
    file: ModelFile,
    states: Vec<State>,
    /// The states between two steps; empty before the first.
    kept: Vec<Kept>,
    /// Values that were set before the first step.
    given: BTreeMap<String, Tensor>,
    /// Whether the last step failed, so that what is kept may be of two steps.
    failed: bool,
}

impl Stepper {
    /// A stepper of a model that is loaded as a session.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the model has no state, or its metadata tells of one that does not fit it.
    pub fn new(session: impl Into<Arc<dyn Session>>, file: &ModelFile) -> Result<Self> {
        let states = file.states()?;
        if states.is_empty() {
            let why = "found no metadata `oasis.state.INPUT.output`, expected it for each input that is a state";
            return Err(Error::new(ErrorKind::Model, "cannot step through", file.name(), why)
                .hint("export it with `Exporter::state`, or run it with `Session::run`"));
        }
        Ok(Self {
            session: session.into(),
            file: file.clone(),
            states,
            kept: Vec::new(),
            given: BTreeMap::new(),
            failed: false,
        })
    }

    /// Loads a model and gives a stepper of it.
    ///
    /// # Errors
    /// Those of [`Engine::load`] and [`Stepper::new`].
    pub fn load(engine: &dyn Engine, file: &ModelFile) -> Result<Self> {
        Self::new(engine.load(file)?, file)
    }

    /// The states of the model.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// Runs one step on the inputs that are no states. Gives the outputs that are no states, in the model's order.
    ///
    /// # Errors
    /// Those of [`Session::run`]; [`ErrorKind::Model`] where a state comes out in another shape than it went in with, but
    /// for the axis that grows; [`ErrorKind::Runtime`] where the last step failed and nothing was reset since.
    pub fn step(&mut self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        self.run(inputs, &mut [])
    }

    /// Runs one step on the inputs that are no states, and writes the named outputs into the caller's buffers.
    ///
    /// # Errors
    /// Those of [`Stepper::step`] and [`Session::run_into`].
    pub fn step_into(
        &mut self,
        inputs: &[(&str, TensorView<'_>)],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<()> {
        self.run(inputs, outputs).map(drop)
    }

    /// Forgets everything: the next step is the first.
    pub fn reset(&mut self) {
        self.kept.clear();
        self.given.clear();
        self.failed = false;
    }

    /// The value that a state has after the last step; `None` before the first one, for a name that is no state, and where
    /// a step failed.
    pub fn state(&self, input: &str) -> Option<TensorView<'_>> {
        self.kept.iter().find(|kept| kept.state().input == input)?.view().ok()
    }

    /// Sets the value of a state: that of another stepper, or of an earlier time. It is checked with the next step.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a name that is no state.
    pub fn set_state(&mut self, input: &str, value: Tensor) -> Result<()> {
        if !self.states.iter().any(|state| state.input == input) {
            let known: Vec<_> = self.states.iter().map(|state| state.input.as_str()).collect();
            let why = format!("expected one of {}", known.join(", "));
            return Err(Error::new(ErrorKind::Usage, "no such state", Subject::tensor(input), why));
        }
        match self.kept.iter_mut().find(|kept| kept.state().input == input) {
            Some(kept) => kept.put(Box::new(value)),
            None => drop(self.given.insert(input.to_owned(), value)),
        }
        Ok(())
    }

    fn run(
        &mut self,
        inputs: &[(&str, TensorView<'_>)],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<Vec<(String, Tensor)>> {
        if self.failed {
            let why = "the last step failed, and its state is lost";
            return Err(Error::new(ErrorKind::Runtime, "cannot step through", self.file.name(), why)
                .hint("begin anew with `reset`"));
        }
        let first = self.kept.is_empty();
        if first {
            self.kept = self.begin(inputs)?;
        }
        let result = self.run_begun(inputs, outputs);
        match &result {
            // Nothing is lost where there was nothing yet.
            Err(_) if first => self.kept.clear(),
            Err(_) => self.failed = true,
            Ok(_) => {}
        }
        result
    }

    fn run_begun(
        &mut self,
        inputs: &[(&str, TensorView<'_>)],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<Vec<(String, Tensor)>> {
        let before = self.shapes()?;
        let values = self.session.step(inputs, &mut self.kept, outputs)?;
        let after = self.shapes()?;
        for ((state, before), after) in self.states.iter().zip(&before).zip(&after) {
            let stays = |axis: usize| state.grows == Some(axis) || before[axis] == after[axis];
            if before.len() != after.len() || !(0..before.len()).all(stays) {
                let why = format!("found {after:?} in {}, expected {before:?} as before the step", self.file.name());
                return Err(Error::new(ErrorKind::Model, "wrong shape of state", Subject::tensor(&state.output), why));
            }
        }
        Ok(values)
    }

    fn shapes(&self) -> Result<Vec<Vec<usize>>> {
        self.kept.iter().map(|kept| Ok(kept.view()?.shape().to_vec())).collect()
    }

    /// The states before the first step, which has these inputs.
    fn begin(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<Kept>> {
        let graph = &self.file.model().graph;
        let kept = |state: &State| {
            let value = match self.given.get(&state.input) {
                Some(value) => value.clone(),
                None => first_value(graph, state, inputs)?,
            };
            Ok(Kept::new(state.clone(), value))
        };
        self.states.iter().map(kept).collect()
    }
}
