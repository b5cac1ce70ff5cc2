//! Lowering: every Burn operation to ONNX nodes, one file a family.
//!
//! The matches are exhaustive: an operation that a new Burn adds does not compile until it is placed.

mod activation;
mod attention;
mod base;
mod bool;
pub(crate) mod context;
mod conv;
mod cumulative;
mod deformable;
mod float;
mod functions;
mod index;
mod int;
mod interpolate;
mod kernels;
mod module;
mod norm;
mod numeric;
mod order;
mod pool;
mod range;
mod recurrent;
mod reduce;
mod shape;
mod slice;
mod unfold;
mod wide;

use crate::export::constant;
use crate::onnx::Port;
use burn::backend::ir::OperationIr;

use super::builder::GraphBuilder;
use super::dims::size;
use super::error::{Offender, Reason};
use super::operation::{Operation, needed};
use super::traces::Traces;
use super::values::Spec;
use context::{Context, Lowered};

/// Lowers a whole recording; the error lists every operation that has no lowering.
pub(crate) fn lower(
    traces: &Traces,
    opset: i64,
    specs: &[Spec],
    inputs: &[String],
    outputs: &[String],
) -> Result<(GraphBuilder, Vec<Operation>), Vec<Offender>> {
    let mut lowered = Vec::new();
    let mut offenders = traces.unequal();
    let mut cx = Context::new(traces, opset, inputs.iter().chain(outputs).cloned().collect());
    for ((id, name), spec) in traces.inputs.iter().zip(inputs).zip(specs) {
        let dims = traces.dims.get(id).map(Vec::as_slice).unwrap_or_default();
        let Some(dtype) = spec.declared() else {
            continue;
        };
        cx.graph.inputs.push(Port::new(
            name,
            dtype,
            dims.iter().map(|dim| size(dim, &traces.symbols)).collect::<Vec<_>>(),
        ));
        cx.bind_as(*id, name.clone(), dtype);
    }
    for (index, op) in traces.operations[0].iter().enumerate() {
        let begun = cx.graph.nodes.len();
        if offenders.iter().any(|offender| offender.index == index) {
            continue;
        }
        cx.begin(index, op);
        let depends_on_offender = |cx: &Context| op.inputs().any(|t| cx.value_of(t.id).is_none());
        if !matches!(op, OperationIr::Init(_)) && !offenders.is_empty() && depends_on_offender(&cx) {
            // Its own lowering is still tried, on stand-ins, so that every offender is found.
            for tensor in op.inputs() {
                if cx.value_of(tensor.id).is_none() {
                    let _ = cx.bind(tensor, format!("missing_{}", tensor.id.value()));
                }
            }
        }
        if let Err(Reason(why)) = operation(&mut cx, op) {
            offenders.push(Offender::new(index, op, traces.near(op), why));
        }
        let mut operators: Vec<String> = Vec::new();
        for node in &cx.graph.nodes[begun..] {
            if operators.iter().all(|op| *op != node.op) {
                operators.push(node.op.to_string());
            }
        }
        lowered.push(operators);
    }
    if !offenders.is_empty() {
        offenders.sort_by_key(|offender| offender.index);
        return Err(offenders);
    }
    name_outputs(&mut cx, outputs);
    let operations = needed(traces, &lowered);
    Ok((cx.graph, operations))
}

fn operation(cx: &mut Context, op: &OperationIr) -> Lowered {
    match op {
        OperationIr::BaseFloat(op) | OperationIr::BaseInt(op) | OperationIr::BaseBool(op) => base::lower(cx, op),
        OperationIr::NumericFloat(_, op) | OperationIr::NumericInt(_, op) => numeric::lower(cx, op),
        OperationIr::Bool(op) => bool::lower(cx, op),
        OperationIr::Int(op) => int::lower(cx, op),
        OperationIr::Float(_, op) => float::lower(cx, op),
        OperationIr::Module(op) => module::lower(cx, op),
        OperationIr::Activation(op) => activation::lower(cx, op),
        OperationIr::Init(op) => init(cx, &op.out),
        OperationIr::Custom(op) if recurrent::is_recurrent(op) => recurrent::lower(cx, op),
        OperationIr::Custom(op) => {
            Err(Reason(format!("{} is a backend extension, whose meaning is not recorded", op.id)))
        }
        OperationIr::Drop(_) => Ok(()),
        OperationIr::Distributed(_) => Err("collective operations have no ONNX form".into()),
    }
}

/// A parameter or a constant of the forward pass.
fn init(cx: &mut Context, out: &burn::backend::ir::TensorIr) -> Lowered {
    if cx.value_of(out.id).is_some() {
        return Ok(());
    }
    let traces = cx.traces;
    if let Some(versions) = traces.varying.get(&out.id) {
        let value = index::varying(cx, out, versions)?;
        return cx.bind(out, value);
    }
    let data = traces.values.get(&out.id).ok_or("its values were not recorded")?;
    let constant = constant::from_data(data).ok_or("quantised tensors have no ONNX form")?;
    let value = match traces.params.get(&out.id) {
        Some(name) if !name.is_empty() => cx.store(name.clone(), constant),
        _ => cx.constant(constant),
    };
    cx.bind(out, value)
}

/// Gives the graph's outputs their names and declares them.
fn name_outputs(cx: &mut Context, names: &[String]) {
    let traces = cx.traces;
    for (id, name) in traces.outputs.iter().zip(names) {
        let Some(value) = cx.value_of(*id) else {
            continue;
        };
        let fact = cx.graph.facts.get(&value).cloned();
        let Some(fact) = fact else { continue };
        let plain = cx.graph.constants.contains_key(&value)
            || cx.graph.inputs.iter().any(|port| port.name == value)
            || cx.graph.is_output(&value);
        if plain {
            let copy = cx.node("Identity", &[&value], &[]);
            cx.graph.rename(&copy, name);
            cx.graph.facts.insert(name.clone(), fact.clone());
        } else {
            cx.graph.rename(&value, name);
            // A tensor that is returned twice is found under its new name.
            cx.bind_as(*id, name.clone(), fact.dtype);
        }
        let dims = traces.dims.get(id).map(Vec::as_slice).unwrap_or_default();
        cx.graph.outputs.push(Port::new(
            name,
            fact.dtype,
            dims.iter().map(|dim| size(dim, &traces.symbols)).collect::<Vec<_>>(),
        ));
    }
}
