//! Why a forward pass cannot be exported: each operation that has no ONNX form, and all of them as one error.

use std::fmt;

use burn::backend::ir::TensorIr;

use super::operation::operation_name;
use super::step::Step;
use crate::{Error, ErrorKind};

/// Why one operation has no ONNX form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason(pub String);

impl<T: Into<String>> From<T> for Reason {
    fn from(why: T) -> Self {
        Self(why.into())
    }
}

/// An operation that cannot be exported.
#[derive(Debug, Clone)]
pub(crate) struct Offender {
    /// Its position in the recording.
    pub index: usize,
    operation: String,
    /// The shapes of the tensors that it reads.
    inputs: Vec<Vec<usize>>,
    /// The shapes of the tensors that it computes.
    outputs: Vec<Vec<usize>>,
    /// The parameters nearest to it.
    near: Vec<String>,
    why: String,
}

impl Offender {
    pub fn new(index: usize, step: &Step, near: Vec<String>, why: String) -> Self {
        let shape = |t: &TensorIr| t.shape.iter().copied().collect::<Vec<_>>();
        Self {
            index,
            operation: operation_name(step),
            inputs: step.inputs().map(shape).collect(),
            outputs: step.outputs().map(shape).collect(),
            near,
            why,
        }
    }
}

impl fmt::Display for Offender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (operation {}", self.operation, self.index)?;
        for (i, dims) in self.inputs.iter().enumerate() {
            write!(f, "{} {dims:?}", if i == 0 { "," } else { "" })?;
        }
        for (i, dims) in self.outputs.iter().enumerate() {
            write!(f, "{} {dims:?}", if i == 0 { " ->" } else { "" })?;
        }
        if !self.near.is_empty() {
            write!(f, ", near {}", self.near.join(", "))?;
        }
        write!(f, "): {}", self.why)
    }
}

/// One error that lists every operation that cannot be exported.
pub(crate) fn unsupported(model: &str, offenders: &[Offender]) -> Error {
    let list: Vec<String> = offenders.iter().map(ToString::to_string).collect();
    Error::new(
        ErrorKind::Model,
        "cannot export to ONNX",
        model,
        format!(
            "ONNX cannot express {} operation{}: {}",
            list.len(),
            if list.len() == 1 { "" } else { "s" },
            list.join("; ")
        ),
    )
    .hint("rewrite the forward pass without these operations")
}
