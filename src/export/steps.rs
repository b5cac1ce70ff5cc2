//! Checking a model with state against the module it came from, over many steps.

use burn::backend::TensorData;

use super::compare::{Comparison, compare};
use super::engine::{named_tensors, to_burn};
use super::exported::Exported;
use super::quiet::panic_as_error;
use super::values::{Tensors, Values};
use crate::engine::{Engine, Stepper, Tensor, TensorView, first_value};
use crate::onnx::ModelFile;
use crate::{Error, ErrorKind, Result};

/// Names and values.
type Named = Vec<(String, TensorData)>;

impl Exported {
    /// The model with its state in an engine.
    ///
    /// # Errors
    ///
    /// Where the engine cannot run here or cannot load the model; [`ErrorKind::Model`](crate::ErrorKind::Model) where it has
    /// no state.
    pub fn stepper(&self, engine: &dyn Engine) -> Result<Stepper> {
        Stepper::load(engine, &ModelFile::from_model(self.name(), self.model().clone())?)
    }

    /// Runs `steps` steps on random inputs, in the engine and in Burn, each with the state that its own last step left, and
    /// compares within [`Self::tolerance`], scaled to the values: one comparison an output, over all steps, and one for each
    /// state after the last.
    ///
    /// # Errors
    ///
    /// Those of [`Self::stepper`] and of [`Self::verify`].
    pub fn verify_steps(&self, engine: &dyn Engine, steps: usize) -> Result<Vec<Comparison>> {
        let mut stepper = self.stepper(engine)?;
        let states = self.states();
        let lengths = self.lengths();
        let lengths: Vec<(&str, usize)> = lengths.iter().map(|(name, length)| (name.as_str(), *length)).collect();
        let mut worst = Vec::new();
        let mut kept: Named = Vec::new();
        for number in 0..steps {
            let case = self.case(&lengths, number as u64)?;
            let is_state = |name: &str| states.iter().any(|state| state.input == name);
            let inputs: Named = case.inputs.into_iter().filter(|(name, _)| !is_state(name)).collect();
            if number == 0 {
                kept = self.first_states(&inputs)?;
            }
            let found = on_engine(&mut stepper, &inputs)?;
            let value = |name: &String| {
                let mut all = inputs.iter().chain(&kept);
                all.find(|(other, _)| other == name).map(|(_, data)| data.clone())
            };
            let given: Vec<TensorData> = self.inputs().iter().filter_map(|port| value(&port.name)).collect();
            let results = panic_as_error(|| (self.reference.run)(given)).map_err(|panic| {
                let why = format!("it panicked at step {number}: {panic}");
                Error::new(ErrorKind::Model, "cannot run the forward pass in Burn", self.name(), why)
                    .hint("say what the inputs may hold with `int_range` and `float_range`")
            })?;
            let (mut expected, mut next) = (Vec::new(), Vec::new());
            for (port, result) in self.outputs().iter().zip(results) {
                match states.iter().find(|state| state.output == port.name) {
                    Some(state) => next.push((state.input.clone(), result)),
                    None => expected.push((port.name.clone(), result)),
                }
            }
            kept = next;
            self.merge(&mut worst, &expected, &found)?;
        }
        let after: Result<Named> = kept
            .iter()
            .filter_map(|(name, _)| Some((name.clone(), stepper.state(name)?)))
            .map(|(name, view)| Ok((name, to_burn(&owned(&view)?))))
            .collect();
        self.merge(&mut worst, &kept, &after?)?;
        Ok(worst)
    }

    /// Runs steps on given inputs and compares what each gives, within [`Self::tolerance`] scaled to the values, with what it
    /// should: the parts of one pass of the module over the whole sequence, say. One comparison an output, over all steps.
    ///
    /// # Errors
    ///
    /// Those of [`Self::stepper`] and of the engine; [`ErrorKind::Check`](crate::ErrorKind::Check) for a wrong number or shape
    /// of outputs.
    pub fn verify_whole<I: Values, O: Values>(
        &self,
        engine: &dyn Engine,
        steps: impl IntoIterator<Item = (I, O)>,
    ) -> Result<Vec<Comparison>> {
        let mut stepper = self.stepper(engine)?;
        let states = self.states();
        let inputs = self.inputs().iter().map(|port| &port.name);
        let inputs: Vec<_> = inputs.filter(|name| states.iter().all(|state| state.input != **name)).collect();
        let outputs = self.outputs().iter().map(|port| &port.name);
        let outputs: Vec<_> = outputs.filter(|name| states.iter().all(|state| state.output != **name)).collect();
        let named = |names: &[&String], values: Vec<TensorData>| -> Named {
            names.iter().map(|name| (*name).clone()).zip(values).collect()
        };
        let mut worst = Vec::new();
        for (given, expected) in steps {
            let found = on_engine(&mut stepper, &named(&inputs, given.data()))?;
            self.merge(&mut worst, &named(&outputs, expected.data()), &found)?;
        }
        Ok(worst)
    }

    /// The states before the first step, which has these inputs.
    fn first_states(&self, inputs: &Named) -> Result<Named> {
        let tensors = named_tensors(inputs)?;
        let views: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor.view())).collect();
        let first = |state: crate::onnx::State| {
            let value = first_value(&self.model().graph, &state, &views)?;
            Ok((state.input, to_burn(&value)))
        };
        self.states().into_iter().map(first).collect()
    }

    /// The lengths of the dynamic axes in steps: for those that may be any, one that was not recorded.
    fn lengths(&self) -> Vec<(String, usize)> {
        let axes = self.reference.axes.iter().enumerate();
        axes.map(|(index, axis)| {
            let traced = |size: &usize| self.reference.traced.iter().any(|sizes| sizes[index] == *size);
            let unseen = (2..).find(|size| !traced(size)).unwrap_or(axis.size);
            (axis.name.clone(), if axis.free { unseen } else { axis.size })
        })
        .collect()
    }

    /// Compares values of one step, and adds them to those of the steps before.
    fn merge(&self, worst: &mut Vec<Comparison>, expected: &Named, found: &Named) -> Result<()> {
        for (name, expected) in expected {
            let found = found.iter().find(|(other, _)| other == name).map(|(_, data)| data);
            let nothing = TensorData::new(Vec::<f32>::new(), [0]);
            let comparison = compare(name, expected, found.unwrap_or(&nothing), self.tolerance().scaled(expected))?;
            match worst.iter_mut().find(|known| known.output == *name) {
                Some(known) => known.merge(&comparison),
                None => worst.push(comparison),
            }
        }
        Ok(())
    }
}

/// Runs one step on Burn's tensors.
fn on_engine(stepper: &mut Stepper, inputs: &Named) -> Result<Named> {
    let tensors = named_tensors(inputs)?;
    let views: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor.view())).collect();
    let outputs = stepper.step(&views)?;
    Ok(outputs.iter().map(|(name, tensor)| (name.clone(), to_burn(tensor))).collect())
}

/// A tensor of the values of a view.
fn owned(view: &TensorView<'_>) -> Result<Tensor> {
    let zeros = Tensor::zeros(view.dtype(), view.shape());
    let mut copy = zeros.expect("a view is of a type that tensors hold");
    copy.view_mut().assign("state", view)?;
    Ok(copy)
}
