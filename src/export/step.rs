//! One step of a recording: an operation as Burn recorded it, or a recurrent layer that the exporter recognised.

use burn::backend::ir::{IrVisitorMut, OperationIr, TensorIr};

/// One step of a recorded forward pass.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// An operation of Burn's intermediate representation.
    Burn(OperationIr),
    /// A recurrent layer over a whole sequence.
    Recurrent(RecurrentLayer),
}

/// A recurrent layer that reads a sequence `[batch, time, features]` in one direction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecurrentLayer {
    pub cell: CellKind,
    pub direction: Direction,
    pub sequence: TensorIr,
    /// The states before the first step, `[batch, size]` each: hidden, then cell.
    pub initial: Vec<TensorIr>,
    /// A weight `[features, size]` a gate, in ONNX's order of gates.
    pub input_weights: Vec<TensorIr>,
    /// A weight `[size, size]` a gate.
    pub state_weights: Vec<TensorIr>,
    /// A bias `[size]` a gate, added to the product with the input; nothing in layers without biases.
    pub input_biases: Vec<TensorIr>,
    /// A bias `[size]` a gate, added to the product with the state; nothing in layers without biases.
    pub state_biases: Vec<TensorIr>,
    /// The hidden states of all steps, `[batch, time, size]`.
    pub states: TensorIr,
    /// The states after the last step, `[batch, size]` each: hidden, then cell.
    pub last: Vec<TensorIr>,
}

/// What a recurrent layer computes at every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// One gate, tanh.
    Rnn,
    /// Long short-term memory: gates i, o, f and c.
    Lstm,
    /// A gated recurrent unit (gates z, r and n) that resets the product of the state.
    GruResetAfter,
    /// A gated recurrent unit that resets the state before its product.
    GruResetBefore,
}

/// The order in which a recurrent layer reads its sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Reverse,
}

impl CellKind {
    /// The name of Burn's module.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rnn => "Rnn",
            Self::Lstm => "Lstm",
            Self::GruResetAfter | Self::GruResetBefore => "Gru",
        }
    }
}

impl Step {
    /// The operation, where it is one of Burn's.
    pub fn burn(&self) -> Option<&OperationIr> {
        match self {
            Self::Burn(op) => Some(op),
            Self::Recurrent(_) => None,
        }
    }

    /// The tensors it reads.
    pub fn inputs(&self) -> Box<dyn Iterator<Item = &TensorIr> + '_> {
        match self {
            Self::Burn(op) => Box::new(op.inputs()),
            Self::Recurrent(layer) => Box::new(layer.inputs()),
        }
    }

    /// The tensors it computes.
    pub fn outputs(&self) -> Box<dyn Iterator<Item = &TensorIr> + '_> {
        match self {
            Self::Burn(op) => Box::new(op.outputs()),
            Self::Recurrent(layer) => Box::new(layer.outputs()),
        }
    }

    /// The tensors it reads, then those it computes.
    pub fn tensors(&self) -> impl Iterator<Item = &TensorIr> {
        self.inputs().chain(self.outputs())
    }

    /// Calls `change` on every tensor it reads or computes.
    pub fn change_tensors(&mut self, change: impl FnMut(&mut TensorIr)) {
        match self {
            Self::Burn(op) => op.visit_mut(&mut EachTensor(change)),
            Self::Recurrent(layer) => layer.tensors_mut().for_each(change),
        }
    }
}

impl RecurrentLayer {
    fn inputs(&self) -> impl Iterator<Item = &TensorIr> {
        std::iter::once(&self.sequence)
            .chain(&self.initial)
            .chain(&self.input_weights)
            .chain(&self.state_weights)
            .chain(&self.input_biases)
            .chain(&self.state_biases)
    }

    fn outputs(&self) -> impl Iterator<Item = &TensorIr> {
        std::iter::once(&self.states).chain(&self.last)
    }

    fn tensors_mut(&mut self) -> impl Iterator<Item = &mut TensorIr> {
        std::iter::once(&mut self.sequence)
            .chain(&mut self.initial)
            .chain(&mut self.input_weights)
            .chain(&mut self.state_weights)
            .chain(&mut self.input_biases)
            .chain(&mut self.state_biases)
            .chain(std::iter::once(&mut self.states))
            .chain(&mut self.last)
    }
}

/// Burn's visitor that calls a function on every tensor.
struct EachTensor<F>(F);

impl<F: FnMut(&mut TensorIr)> IrVisitorMut for EachTensor<F> {
    fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
        (self.0)(tensor);
    }
}
