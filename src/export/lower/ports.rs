//! The inputs and outputs of the graph.

use burn::backend::capture::TensorId;

use super::emit::{Context, DataType};
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
    }
}

/// Gives the graph's outputs their names and declares them.
pub(crate) fn declare_outputs(cx: &mut Context, names: &[String]) {
    let traces = cx.traces;
    for (id, name) in traces.outputs.iter().zip(names) {
        let Some(value) = cx.value_of(*id) else {
            continue;
        };
        let fact = cx.graph.facts.get(&value).cloned();
        let Some(fact) = fact else { continue };
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
            cx.bind_as(*id, name.clone(), fact.dtype);
        }
        let port = port(cx, *id, name, fact.dtype);
        cx.graph.outputs.push(port);
    }
}

fn port(cx: &Context, id: TensorId, name: &str, dtype: DataType) -> Port {
    let dims = cx.traces.dims.get(&id).map(Vec::as_slice).unwrap_or_default();
    let dims: Vec<Dim> = dims.iter().map(|lengths| declared(lengths, &cx.traces.formulas)).collect();
    Port::new(name, dtype, dims)
}
