//! The states of a model before its first step.

use std::collections::BTreeMap;

use super::stored::repeated;
use super::tensor::{Tensor, TensorView};
use crate::onnx::{DataType, Dim, Graph, State};
use crate::{Error, ErrorKind, Result, Subject};

/// The most bytes that a state may take before the first step: 1 GiB.
const MOST: usize = 1 << 30;

/// The value of a state before the first step, which has these inputs.
///
/// # Errors
/// [`ErrorKind::Model`] where no input has a size of it, or it is too large.
pub(crate) fn first_value(graph: &Graph, state: &State, inputs: &[(&str, TensorView<'_>)]) -> Result<Tensor> {
    let fail = |why: String, hint: &str| {
        let subject = Subject::tensor(&state.input);
        Error::new(ErrorKind::Model, "cannot begin with state", subject, why).hint(hint)
    };
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, view) in inputs {
        let dims = graph.input(name).map_or(&[][..], |port| port.dims());
        for (dim, size) in dims.iter().zip(view.shape()) {
            if let Dim::Symbol(symbol) = dim {
                sizes.entry(symbol).or_insert(*size);
            }
        }
    }
    let mut shape = Vec::with_capacity(state.start.len());
    for dim in &state.start {
        let size = match dim {
            Dim::Fixed(size) => Some(*size),
            Dim::Symbol(symbol) => sizes.get(symbol.as_str()).copied(),
            Dim::Unknown => None,
        };
        let missing = || fail(format!("no input has its size `{dim}`"), "set its value with `set_state`");
        shape.push(size.ok_or_else(missing)?);
    }
    let dtype = graph.input(&state.input).map_or(DataType::Undefined, |port| port.dtype);
    let elements = shape.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
    if elements.and_then(|elements| dtype.bytes(elements)).is_none_or(|bytes| bytes > MOST) {
        let why = format!("found {dtype} {shape:?}, expected at most {MOST} bytes");
        return Err(fail(why, "set a shorter value with `set_state`"));
    }
    let value = match state.values.as_deref() {
        Some(name) => graph.initializer(name).and_then(|stored| repeated(stored, &shape)),
        None => Tensor::zeros(dtype, &shape),
    };
    let unknown = || fail(format!("found {dtype} {shape:?}, which no tensor here holds"), "export the model again");
    value.ok_or_else(unknown)
}
