//! The state of a model between two runs.

use std::any::Any;

use super::tensor::{Tensor, TensorView};
use crate::onnx::State;
use crate::{Error, ErrorKind, Result, Subject};

/// A tensor in the form that an engine computes with, so that it can go from run to run without a copy.
pub trait Held: Any + Send {
    /// A view of it.
    ///
    /// # Errors
    /// Why the engine cannot show it.
    fn view(&self) -> Result<TensorView<'_>, String>;
}

impl Held for Tensor {
    fn view(&self) -> Result<TensorView<'_>, String> {
        Ok(Self::view(self))
    }
}

/// A state, and the value that it has between two runs.
///
/// An engine that runs a step takes the value out and puts the next one in. Where the run fails in between there is none.
pub struct Kept {
    state: State,
    value: Option<Box<dyn Held>>,
}

impl Kept {
    /// A state that has this value now.
    pub fn new(state: State, value: Tensor) -> Self {
        Self { state, value: Some(Box::new(value)) }
    }

    /// The state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The value, as a tensor.
    ///
    /// # Errors
    /// [`ErrorKind::Runtime`] where there is none, or the engine cannot show it.
    pub fn view(&self) -> Result<TensorView<'_>> {
        let value = self.value.as_deref().ok_or_else(|| "a run failed and left none".to_owned());
        value.and_then(Held::view).map_err(|why| self.lost(why))
    }

    /// Takes the value out.
    ///
    /// # Errors
    /// [`ErrorKind::Runtime`] where there is none.
    pub fn take(&mut self) -> Result<Box<dyn Held>> {
        self.value.take().ok_or_else(|| self.lost("a run failed and left none".to_owned()))
    }

    /// Puts the next value in.
    pub fn put(&mut self, value: Box<dyn Held>) {
        self.value = Some(value);
    }

    fn lost(&self, why: String) -> Error {
        Error::new(ErrorKind::Runtime, "no state", Subject::tensor(&self.state.input), why)
            .hint("begin anew with `reset`")
    }
}

/// Named inputs, the states among them.
///
/// # Errors
/// Those of [`Kept::view`]; [`ErrorKind::Model`] where an input is given that is a state.
pub(crate) fn with_states<'a>(
    inputs: &'a [(&str, TensorView<'_>)],
    states: &'a [Kept],
) -> Result<Vec<(&'a str, TensorView<'a>)>> {
    let mut all = Vec::with_capacity(inputs.len() + states.len());
    all.extend(inputs.iter().map(|(name, view)| (*name, view.reborrow())));
    for kept in states {
        let name = kept.state.input.as_str();
        if inputs.iter().any(|(input, _)| *input == name) {
            let why = "found an input of this name, expected the inputs without the states";
            return Err(Error::new(ErrorKind::Model, "cannot run a step", Subject::tensor(name), why)
                .hint("set its value with `set_state`"));
        }
        all.push((name, kept.view()?));
    }
    Ok(all)
}
