//! Recurrent layers as ONNX's `RNN`, `LSTM` and `GRU`.

use burn::backend::ir::{BaseOperationIr, CustomOpIr, OperationIr, TensorIr};

use super::context::{Context, Lowered, int, ints};
use crate::export::dims::Dim;
use crate::export::recurrent::RECURRENT;

/// Whether a custom operation is a recurrent layer that was put together from its loop.
pub(super) fn is_recurrent(op: &CustomOpIr) -> bool {
    op.id.starts_with(RECURRENT)
}

pub(super) fn lower(cx: &mut Context, op: &CustomOpIr) -> Lowered {
    let mut parts = op.id.split("::").skip(1);
    let (kind, direction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (operator, gates, states) = match kind {
        "rnn" => ("RNN", 1, 1),
        "lstm" => ("LSTM", 4, 2),
        _ => ("GRU", 3, 1),
    };
    let [sequence, rest @ ..] = op.inputs.as_slice() else {
        return Err("a recurrent layer reads a sequence".into());
    };
    let (initial, weights) = rest.split_at(states);
    let weights: Vec<&[TensorIr]> = weights.chunks(gates).collect();
    let [input, hidden, biases @ ..] = weights.as_slice() else {
        return Err("a recurrent layer has weights for its input and its state".into());
    };
    let one = Dim(vec![1; cx.traces.operations.len()]);
    let x = cx.value(sequence)?;
    let mut x = cx.node("Transpose", &[&x], &[("perm", ints(&[1, 0, 2]))]);
    // Engines do not agree on the order of what a reversed layer gives.
    if direction == "reverse" {
        x = reversed(cx, &x);
    }
    let w = stacked(cx, input)?;
    let r = stacked(cx, hidden)?;
    let b = bias(cx, biases)?;
    let mut inputs = vec![x, w, r, b];
    // tract cannot make the first cell state itself where the last one is read.
    let cell_is_read = op.outputs.get(2).is_some_and(|cell| is_read(cx, cell));
    if cell_is_read || !initial.iter().all(|state| is_zero(cx, state)) {
        inputs.push(String::new());
        for state in initial {
            let value = cx.value(state)?;
            let from = cx.dims(state);
            let to: Vec<Dim> = std::iter::once(one.clone()).chain(from.clone()).collect();
            inputs.push(cx.reshape(&value, &from, &to)?);
        }
    }
    while inputs.last().is_some_and(String::is_empty) {
        inputs.pop();
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let size = cx.fixed(&initial[0], 1)?;
    let mut attributes = vec![("hidden_size", int(size as i64))];
    if operator == "GRU" {
        attributes.push(("linear_before_reset", int((kind == "gru-reset-after").into())));
    }
    let made = cx.nodes(operator, &inputs, 1 + states, &attributes);
    let [all, ends @ ..] = op.outputs.as_slice() else {
        return Err("a recurrent layer gives all its states".into());
    };
    // [time, direction, batch, size] to [batch, time, size]
    let dims = cx.dims(all);
    let mut y = made[0].clone();
    if direction == "reverse" {
        y = reversed(cx, &y);
    }
    let turned = cx.node("Transpose", &[&y], &[("perm", ints(&[2, 0, 1, 3]))]);
    let from = [dims[0].clone(), dims[1].clone(), one.clone(), dims[2].clone()];
    let states = cx.reshape(&turned, &from, &dims)?;
    cx.bind(all, states)?;
    for (tensor, value) in ends.iter().zip(&made[1..]) {
        let dims = cx.dims(tensor);
        let from: Vec<Dim> = std::iter::once(one.clone()).chain(dims.clone()).collect();
        let value = cx.reshape(value, &from, &dims)?;
        cx.bind(tensor, value)?;
    }
    Ok(())
}

/// The gates' weights, each turned to `[size, input]`, as one tensor of `[1, gates * size, input]`.
fn stacked(cx: &mut Context, gates: &[TensorIr]) -> Lowered<String> {
    let mut turned = Vec::new();
    for gate in gates {
        let value = cx.value(gate)?;
        turned.push(cx.node("Transpose", &[&value], &[("perm", ints(&[1, 0]))]));
    }
    joined(cx, &turned)
}

/// The gates' biases for the input, then those for the state, as `[1, 2 * gates * size]`; nothing where there are none.
fn bias(cx: &mut Context, groups: &[&[TensorIr]]) -> Lowered<String> {
    let mut values = Vec::new();
    for tensor in groups.iter().copied().flatten() {
        values.push(cx.value(tensor)?);
    }
    if values.is_empty() { Ok(String::new()) } else { joined(cx, &values) }
}

fn joined(cx: &mut Context, values: &[String]) -> Lowered<String> {
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let value = cx.node("Concat", &values, &[("axis", int(0))]);
    let first = cx.i64s(&[0]);
    Ok(cx.node("Unsqueeze", &[&value, &first], &[]))
}

/// The first axis backwards.
fn reversed(cx: &mut Context, value: &str) -> String {
    let (last, before_first) = (cx.i64s(&[-1]), cx.i64s(&[i64::MIN + 1]));
    let first = cx.i64s(&[0]);
    cx.node("Slice", &[value, &last, &before_first, &first, &last], &[])
}

fn is_read(cx: &Context, tensor: &TensorIr) -> bool {
    let read = cx.traces.operations[0].iter().flat_map(OperationIr::inputs).any(|input| input.id == tensor.id);
    read || cx.traces.outputs.contains(&tensor.id)
}

fn is_zero(cx: &Context, tensor: &TensorIr) -> bool {
    cx.traces.operations[0].iter().any(|op| match op {
        OperationIr::BaseFloat(BaseOperationIr::Zeros(op)) => op.out.id == tensor.id,
        _ => false,
    })
}
