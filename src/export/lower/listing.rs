//! The list of operations that a model was made from.

use std::collections::HashSet;

use crate::export::constant::onnx_type;
use crate::export::operation::{Operation, family_and_name};
use crate::export::traces::Traces;

/// The operations that the outputs depend on. `lowered` holds the ONNX operators of every recorded operation.
pub(crate) fn needed(traces: &Traces, lowered: &[Vec<&'static str>]) -> Vec<Operation> {
    let mut wanted: HashSet<_> = traces.outputs.iter().copied().collect();
    let mut operations = Vec::new();
    for (step, lowering) in traces.operations[0].iter().zip(lowered).rev() {
        if !step.outputs().any(|tensor| wanted.contains(&tensor.id)) {
            continue;
        }
        wanted.extend(step.inputs().map(|tensor| tensor.id));
        let (family, name) = family_and_name(step);
        let Some(dtype) = step.tensors().find_map(|tensor| onnx_type(tensor.dtype)) else {
            continue;
        };
        if family != "Init" {
            operations.push(Operation { family, name, dtype, lowering: lowering.clone() });
        }
    }
    operations.reverse();
    operations
}
