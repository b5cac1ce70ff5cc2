//! The element types of values that are computed from stored tensors.

use std::collections::HashMap;

use crate::export::builder::GraphBuilder;
use crate::onnx::{Attribute, DataType, Node};

/// The element type of each stored tensor and of each value that nodes make of them, by name; none for values that
/// depend on an input of the graph.
pub(super) fn types(graph: &GraphBuilder) -> HashMap<String, DataType> {
    let mut types: HashMap<String, DataType> =
        graph.constants.iter().map(|(name, constant)| (name.clone(), constant.dtype)).collect();
    for node in &graph.nodes {
        let inputs: Vec<Option<DataType>> = node.inputs.iter().map(|input| types.get(input).copied()).collect();
        for (slot, output) in node.outputs.iter().enumerate() {
            if let Some(dtype) = output_type(node, slot, &inputs) {
                types.insert(output.clone(), dtype);
            }
        }
    }
    types
}

/// The element type that ONNX gives an output, by its position, for the element types of the inputs.
fn output_type(node: &Node, slot: usize, inputs: &[Option<DataType>]) -> Option<DataType> {
    match (&*node.op, slot) {
        ("Cast", _) => match node.attribute("to") {
            Some(Attribute::Int(number)) => DataType::from_number(*number),
            _ => None,
        },
        ("ConstantOfShape", _) => match node.attribute("value") {
            Some(Attribute::Tensor(constant)) => Some(constant.dtype),
            _ => Some(DataType::F32),
        },
        ("ArgMax" | "ArgMin" | "NonZero" | "Shape" | "Size", _) | ("MaxPool" | "TopK", 1) => Some(DataType::I64),
        (
            "And" | "Equal" | "Greater" | "GreaterOrEqual" | "IsInf" | "IsNaN" | "Less" | "LessOrEqual" | "Not" | "Or"
            | "Xor",
            _,
        ) => Some(DataType::Bool),
        ("Where", _) => inputs.get(1).copied().flatten(),
        _ => inputs.first().copied().flatten(),
    }
}
