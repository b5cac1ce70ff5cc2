//! What cannot be exported, and where it was met.

use std::fmt;

use burn::backend::ir::{OperationIr, TensorIr};

use super::operation::family_and_name;
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
    pub index: usize,
    pub operation: String,
    pub inputs: Vec<Vec<usize>>,
    pub outputs: Vec<Vec<usize>>,
    pub near: Vec<String>,
    pub why: String,
}

impl Offender {
    pub fn new(index: usize, op: &OperationIr, near: Vec<String>, why: String) -> Self {
        let shape = |t: &TensorIr| t.shape.iter().copied().collect::<Vec<_>>();
        Self {
            index,
            operation: operation_name(op),
            inputs: op.inputs().map(shape).collect(),
            outputs: op.outputs().map(shape).collect(),
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

/// The family and variant of an operation: `Numeric::Add`.
pub(crate) fn operation_name(op: &OperationIr) -> String {
    match (op, family_and_name(op)) {
        (OperationIr::Custom(custom), (family, _)) => format!("{family}::{}", custom.id),
        (OperationIr::Init(_) | OperationIr::Drop(_), (family, _)) => family.to_string(),
        (_, (family, name)) => format!("{family}::{name}"),
    }
}

/// One error that lists every offender.
pub(crate) fn unsupported(model: &str, offenders: &[Offender]) -> Error {
    let list: Vec<String> = offenders.iter().map(ToString::to_string).collect();
    Error::new(
        ErrorKind::Model,
        "cannot export to ONNX",
        model,
        format!(
            "{} operation{} cannot be expressed: {}",
            list.len(),
            if list.len() == 1 { "" } else { "s" },
            list.join("; ")
        ),
    )
    .hint("rewrite the forward pass without these operations")
}
