//! Lowering: a recording to the nodes of an ONNX graph.
//!
//! Three layers: `family` decides which of Burn's operations becomes what, `topic` holds the lowerings, and `emit` what
//! they are written with.

mod emit;
mod family;
mod listing;
mod ports;
mod topic;

use burn::backend::ir::OperationIr;

use super::builder::GraphBuilder;
use super::error::{Offender, Reason};
use super::operation::Operation;
use super::step::Step;
use super::traces::Traces;
use super::values::Spec;
use emit::Context;

pub(crate) use emit::integer_range;

/// Lowers a whole recording to a graph, and lists its operations. The error lists every operation that has no lowering.
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
    ports::declare_inputs(&mut cx, specs, inputs);
    for (index, step) in traces.operations[0].iter().enumerate() {
        if offenders.iter().any(|offender| offender.index == index) {
            continue;
        }
        cx.begin(index, step);
        if !offenders.is_empty() && !matches!(step, Step::Burn(OperationIr::Init(_))) {
            stand_in(&mut cx, step);
        }
        let lowered_step = family::lower(&mut cx, step).and_then(|()| match cx.all_compared() {
            true => Ok(()),
            false => Err("a number among its settings follows a dynamic axis or an input's values, and ONNX has a fixed one here".into()),
        });
        if let Err(Reason(why)) = lowered_step {
            offenders.push(Offender::new(index, step, traces.near(step), why));
        }
        lowered.push(cx.operators().to_vec());
    }
    if !offenders.is_empty() {
        offenders.sort_by_key(|offender| offender.index);
        return Err(offenders);
    }
    ports::declare_outputs(&mut cx, outputs);
    let operations = listing::needed(traces, &lowered);
    Ok((cx.graph, operations))
}

/// Binds made-up values to the tensors that an operation without a lowering should have computed, so that the
/// operations that read them are tried too, and every operation without a lowering is found.
fn stand_in(cx: &mut Context, step: &Step) {
    for tensor in step.inputs() {
        if cx.value_of(tensor.id).is_none() {
            let _ = cx.bind(tensor, format!("missing_{}", tensor.id.value()));
        }
    }
}
