//! The inputs and outputs of the graph.

use burn::backend::capture::TensorId;

use super::emit::{Context, DataType, integer_range};
use crate::export::constant::onnx_type;
use crate::export::lengths::declared;
use crate::export::values::Spec;
use crate::onnx::{Dim, Port};

/// Declares the graph's inputs.
pub(crate) fn declare_inputs(cx: &mut Context, specs: &[Spec], names: &[String]) {
    let traces = cx.traces;
    for ((id, name), spec) in traces.inputs.iter().zip(names).zip(specs) {
        let Some(dtype) = spec.declared() else {
            continue;
        };
        let port = port(cx, *id, name, dtype);
        cx.graph.inputs.push(port);
        cx.bind_as(*id, name.clone(), dtype);
        // Integers are i64 at the model's boundary, and of their own type inside.
        let own = onnx_type(spec.dtype).unwrap_or(dtype);
        if own != dtype {
            cx.graph.narrow.insert(name.clone(), own);
            let value = cx.cast(name, dtype, own);
            cx.bind_as(*id, value, own);
        }
    }
}

/// Gives the graph's outputs their names and declares them.
pub(crate) fn declare_outputs(cx: &mut Context, names: &[String]) {
    let traces = cx.traces;
    for (id, name) in traces.outputs.iter().zip(names) {
        let Some(mut value) = cx.value_of(*id) else {
            continue;
        };
        let fact = cx.graph.facts.get(&value).cloned();
        let Some(mut fact) = fact else { continue };
        let narrow = integer_range(fact.dtype).is_some() && fact.dtype != DataType::I64;
        if narrow {
            value = cx.cast(&value, fact.dtype, DataType::I64);
            fact.dtype = DataType::I64;
            cx.graph.facts.insert(value.clone(), fact.clone());
        }
        // A stored tensor, an input or another output keeps its own name.
        let taken = cx.graph.constants.contains_key(&value)
            || cx.graph.inputs.iter().any(|port| port.name == value)
            || cx.graph.is_output(&value);
        if taken {
            let copy = cx.node("Identity", &[&value], &[]);
            cx.graph.rename(&copy, name);
            cx.graph.facts.insert(name.clone(), fact.clone());
        } else {
            cx.graph.rename(&value, name);
            // A tensor that is returned twice is found under its new name the second time.
            if !narrow {
                cx.bind_as(*id, name.clone(), fact.dtype);
            }
        }
        let port = port(cx, *id, name, fact.dtype);
        cx.graph.outputs.push(port);
    }
}

fn port(cx: &Context, id: TensorId, name: &str, dtype: DataType) -> Port {
    let dims = cx.traces.dims.get(&id).map(Vec::as_slice).unwrap_or_default();
    let dims: Vec<Dim> = dims.iter().map(|lengths| declared(lengths, &cx.traces.symbols)).collect();
    Port::new(name, dtype, dims)
}
