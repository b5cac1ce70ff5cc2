//! Recurrent layers as ONNX's `RNN`, `LSTM` and `GRU`.

use burn::backend::ir::{BaseOperationIr, OperationIr, TensorIr};

use crate::export::lengths::Lengths;
use crate::export::lower::emit::{Context, Lowered, along_axis, int, ints};
use crate::export::step::{CellKind, Direction, RecurrentLayer, Step};

pub(crate) fn recurrent(cx: &mut Context, layer: &RecurrentLayer) -> Lowered {
    let operator = match layer.cell {
        CellKind::Rnn => "RNN",
        CellKind::Lstm => "LSTM",
        CellKind::GruResetAfter | CellKind::GruResetBefore => "GRU",
    };
    let x = cx.value(&layer.sequence)?;
    let mut x = cx.node("Transpose", &[&x], &[("perm", ints(&[1, 0, 2]))]);
    // Engines do not agree on the order of the states of a layer with direction "reverse", so the sequence is reversed.
    if layer.direction == Direction::Reverse {
        x = reversed(cx, &x);
    }
    let w = stacked(cx, &layer.input_weights)?;
    let r = stacked(cx, &layer.state_weights)?;
    let b = bias(cx, layer)?;
    let mut inputs = vec![x, w, r, b];
    // tract cannot supply the first cell state itself where the last one is read.
    let cell_is_read = layer.last.get(1).is_some_and(|cell| is_read(cx, cell));
    if cell_is_read || !layer.initial.iter().all(|state| is_zero(cx, state)) {
        inputs.push(String::new());
        for state in &layer.initial {
            let value = cx.value(state)?;
            let from = cx.dims(state);
            let to: Vec<Lengths> = std::iter::once(cx.one()).chain(from.clone()).collect();
            inputs.push(cx.reshape(&value, &from, &to)?);
        }
    }
    while inputs.last().is_some_and(String::is_empty) {
        inputs.pop();
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let size = cx.fixed(&layer.initial[0], 1)?;
    let mut attributes = vec![("hidden_size", int(size as i64))];
    if operator == "GRU" {
        attributes.push(("linear_before_reset", int((layer.cell == CellKind::GruResetAfter).into())));
    }
    let made = cx.nodes(operator, &inputs, 1 + layer.last.len(), &attributes);
    // [time, direction, batch, size] to [batch, time, size]
    let dims = cx.dims(&layer.states);
    let mut y = made[0].clone();
    if layer.direction == Direction::Reverse {
        y = reversed(cx, &y);
    }
    let turned = cx.node("Transpose", &[&y], &[("perm", ints(&[2, 0, 1, 3]))]);
    let from = [dims[0].clone(), dims[1].clone(), cx.one(), dims[2].clone()];
    let states = cx.reshape(&turned, &from, &dims)?;
    cx.bind(&layer.states, states)?;
    for (tensor, value) in layer.last.iter().zip(&made[1..]) {
        let dims = cx.dims(tensor);
        let from: Vec<Lengths> = std::iter::once(cx.one()).chain(dims.clone()).collect();
        let value = cx.reshape(value, &from, &dims)?;
        cx.bind(tensor, value)?;
    }
    Ok(())
}

/// The weights of the gates, each transposed to `[size, features]`, as one tensor of `[1, gates * size, features]`.
fn stacked(cx: &mut Context, gates: &[TensorIr]) -> Lowered<String> {
    let mut turned = Vec::new();
    for gate in gates {
        let value = cx.value(gate)?;
        turned.push(cx.node("Transpose", &[&value], &[("perm", ints(&[1, 0]))]));
    }
    joined(cx, &turned)
}

/// The biases of the gates for the input, then those for the state, as `[1, 2 * gates * size]`; an empty name where the
/// layer has none.
fn bias(cx: &mut Context, layer: &RecurrentLayer) -> Lowered<String> {
    let mut values = Vec::new();
    for tensor in layer.input_biases.iter().chain(&layer.state_biases) {
        values.push(cx.value(tensor)?);
    }
    if values.is_empty() { Ok(String::new()) } else { joined(cx, &values) }
}

/// The values one after another, with a new first axis for the direction.
fn joined(cx: &mut Context, values: &[String]) -> Lowered<String> {
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let value = cx.node("Concat", &values, &[along_axis(0)]);
    let first = cx.i64s(&[0]);
    Ok(cx.node("Unsqueeze", &[&value, &first], &[]))
}

/// The value with its first axis reversed.
fn reversed(cx: &mut Context, value: &str) -> String {
    let (last, before_first) = (cx.i64s(&[-1]), cx.i64s(&[i64::MIN + 1]));
    let first = cx.i64s(&[0]);
    cx.node("Slice", &[value, &last, &before_first, &first, &last], &[])
}

fn is_read(cx: &Context, tensor: &TensorIr) -> bool {
    let read = cx.traces.operations[0].iter().flat_map(Step::inputs).any(|input| input.id == tensor.id);
    read || cx.traces.outputs.contains(&tensor.id)
}

fn is_zero(cx: &Context, tensor: &TensorIr) -> bool {
    cx.traces.operations[0].iter().filter_map(Step::burn).any(|op| match op {
        OperationIr::BaseFloat(BaseOperationIr::Zeros(op)) => op.out.id == tensor.id,
        _ => false,
    })
}
