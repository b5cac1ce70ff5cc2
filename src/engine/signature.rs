//! The inputs and outputs of a loaded model, and whether given tensors fit them.

use std::collections::BTreeMap;

#[cfg(any(feature = "tract", feature = "ort"))]
use super::kept::Kept;
use super::tensor::{TensorView, TensorViewMut};
use crate::onnx::{DataType, Dim, ModelFile, Port};
use crate::{Error, ErrorKind, Result};

/// The inputs and outputs of a model.
#[derive(Debug, Clone)]
pub struct Signature {
    model: String,
    inputs: Vec<Port>,
    outputs: Vec<String>,
    types: Vec<DataType>,
}

impl Signature {
    /// The signature of a model.
    pub fn new(file: &ModelFile) -> Self {
        let graph = &file.model().graph;
        Self {
            model: file.name().to_owned(),
            inputs: graph.inputs.clone(),
            outputs: graph.outputs.iter().map(|port| port.name.clone()).collect(),
            types: graph.outputs.iter().map(|port| port.dtype).collect(),
        }
    }

    /// The name of the model in errors.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The model's inputs.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// The names of the model's outputs.
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// The element types of the model's outputs.
    pub fn output_types(&self) -> &[DataType] {
        &self.types
    }

    /// The symbols of the axes along which states grow.
    #[cfg(any(feature = "tract", feature = "ort"))]
    pub fn growing(&self, states: &[Kept]) -> Vec<&str> {
        let symbol = |kept: &Kept| {
            let port = self.inputs.iter().find(|port| port.name == kept.state().input)?;
            match port.dims().get(kept.state().grows?)? {
                Dim::Symbol(name) => Some(name.as_str()),
                Dim::Fixed(_) | Dim::Unknown => None,
            }
        };
        states.iter().filter_map(symbol).collect()
    }

    /// Which state each output is the next value of, by its position, in the order of the model's outputs.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the model has no such input or output, or the two are of different types.
    #[cfg(any(feature = "tract", feature = "ort"))]
    pub fn next_states(&self, states: &[Kept]) -> Result<Vec<Option<usize>>> {
        let mut next = vec![None; self.outputs.len()];
        for (index, kept) in states.iter().enumerate() {
            let state = kept.state();
            let input = self.inputs.iter().find(|port| port.name == state.input);
            let output = self.outputs.iter().position(|name| *name == state.output);
            match (input, output) {
                (Some(input), Some(output)) if input.dtype == self.types[output] => next[output] = Some(index),
                _ => {
                    let why = format!("found no state `{}` with the next value `{}`", state.input, state.output);
                    return Err(Error::new(ErrorKind::Model, "cannot run model", &self.model, why));
                }
            }
        }
        Ok(next)
    }

    /// The given inputs in the model's order. Dimensions of one symbol must be of one size.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where a name is missing or unknown, or a type or shape does not fit.
    pub fn bind<'i, 'a>(&self, inputs: &'i [(&str, TensorView<'a>)]) -> Result<Vec<&'i TensorView<'a>>> {
        self.bind_growing(inputs, &[])
    }

    /// [`Self::bind`] of the inputs of a step, in which the symbols that grow may be of size 0.
    ///
    /// # Errors
    /// Those of [`Self::bind`].
    pub fn bind_growing<'i, 'a>(
        &self,
        inputs: &'i [(&str, TensorView<'a>)],
        growing: &[&str],
    ) -> Result<Vec<&'i TensorView<'a>>> {
        let fail = |why: String| Error::new(ErrorKind::Model, "cannot run model", &self.model, why);
        if let Some((name, _)) = inputs.iter().find(|(name, _)| self.inputs.iter().all(|port| port.name != *name)) {
            let known: Vec<_> = self.inputs.iter().map(|port| port.name.as_str()).collect();
            return Err(fail(format!("found input `{name}`, expected {}", known.join(", "))));
        }
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        let mut bound = Vec::with_capacity(self.inputs.len());
        for port in &self.inputs {
            let (_, view) = inputs
                .iter()
                .find(|(name, _)| *name == port.name)
                .ok_or_else(|| fail(format!("input `{}` is missing", port.name)))?;
            let shape = view.shape();
            let fits = view.dtype() == port.dtype
                && port.shape.as_ref().is_none_or(|dims| dims.len() == shape.len())
                && shape.iter().zip(port.dims()).all(|(&found, dim)| match dim {
                    Dim::Fixed(size) => *size == found,
                    Dim::Symbol(name) => {
                        (found > 0 || growing.contains(&name.as_str())) && *sizes.entry(name).or_insert(found) == found
                    }
                    Dim::Unknown => found > 0,
                });
            if !fits {
                let sizes: Vec<_> = sizes.iter().map(|(name, size)| format!("{name} {size}")).collect();
                let with = if sizes.is_empty() { String::new() } else { format!(", with {}", sizes.join(", ")) };
                let found = format!("{} {shape:?} for input `{}`", view.dtype(), port.name);
                return Err(fail(format!("found {found}, expected {port}{with}")));
            }
            bound.push(view);
        }
        Ok(bound)
    }

    /// The given buffers in the order of the model's outputs, `None` for an output that has none.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the model has no output of a name, or it is of another type.
    pub fn bind_outputs<'o>(
        &self,
        buffers: &'o mut [(&str, TensorViewMut<'_>)],
    ) -> Result<Vec<Option<TensorViewMut<'o>>>> {
        let mut bound: Vec<_> = self.outputs.iter().map(|_| None).collect();
        for (name, buffer) in buffers {
            let Some(slot) = self.outputs.iter().position(|output| output == name) else {
                let why = format!("found output `{name}`, expected {}", self.outputs.join(", "));
                return Err(Error::new(ErrorKind::Model, "cannot run model", &self.model, why));
            };
            if buffer.dtype() != self.types[slot] {
                let why = format!("found a buffer of {} for `{name}`, expected {}", buffer.dtype(), self.types[slot]);
                return Err(Error::new(ErrorKind::Model, "cannot run model", &self.model, why));
            }
            bound[slot] = Some(buffer.reborrow());
        }
        Ok(bound)
    }
}
