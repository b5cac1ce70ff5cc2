//! Shapes and orders of elements: reshaping, permuting, copying, windows, joining.

use burn::backend::ir::{BaseOperationIr, CatOpIr, OperationIr, RepeatDimOpIr, ShapeOpIr, TensorIr, UnfoldOpIr};

use crate::export::constant;
use crate::export::lengths::Lengths;
use crate::export::lower::emit::{Context, Lowered, Operator, Tensor, along_axis, count_up, int, ints, is_empty};

pub(crate) fn reshape(cx: &mut Context, op: &ShapeOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let (from, to) = (cx.dims(&op.input), cx.dims(&op.out));
    if is_empty(cx, &op.out) {
        // With `allowzero`, a 0 in the target is a length of 0; without it, a 0 keeps the input's length.
        let shape = cx.shape(&to)?;
        return cx.emit(&op.out, "Reshape", &[&value, &shape], &[("allowzero", int(1))]);
    }
    let value = cx.reshape(&value, &from, &to)?;
    cx.bind(&op.out, value)
}

/// The tensor with its axes in another order.
pub(crate) fn permute(cx: &mut Context, input: &TensorIr, out: &TensorIr, axes: &[usize]) -> Lowered {
    let value = cx.value(input)?;
    cx.emit(out, "Transpose", &[&value], &[("perm", ints(axes))])
}

pub(crate) fn expand(cx: &mut Context, op: &ShapeOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let (from, to) = (cx.dims(&op.input), cx.dims(&op.out));
    // A target of 1 keeps the input's own length, so the length of a kept dimension need not be computed.
    let lead = to.len() - from.len();
    let one = cx.one();
    let target: Vec<_> = to
        .iter()
        .enumerate()
        .map(|(axis, dim)| match axis.checked_sub(lead) {
            Some(i) if from[i] == *dim => one.clone(),
            _ => dim.clone(),
        })
        .collect();
    let shape = cx.shape(&target)?;
    enlarged(cx, Operator::Expand, &op.out, &value, &shape)
}

/// A node that copies a value along axes: `Expand` to a shape, `Tile` by a number of copies an axis.
fn enlarged(cx: &mut Context, operator: Operator, out: &TensorIr, value: &str, shape: &str) -> Lowered {
    let dtype = cx.dtype(out)?;
    let wide = operator.kernel_type(dtype);
    let value = cx.cast(value, dtype, wide);
    let value = cx.node(operator.name(), &[&value, shape], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(out, value)
}

pub(crate) fn repeat(cx: &mut Context, op: &RepeatDimOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let times: Vec<usize> = cx
        .variants()
        .filter_map(|op| match op {
            OperationIr::BaseFloat(BaseOperationIr::RepeatDim(op))
            | OperationIr::BaseInt(BaseOperationIr::RepeatDim(op))
            | OperationIr::BaseBool(BaseOperationIr::RepeatDim(op)) => Some(op.times),
            _ => None,
        })
        .collect();
    let mut repeats = vec![cx.one(); op.tensor.shape.num_dims()];
    repeats[op.dim] = Lengths(times);
    let repeats = cx.shape(&repeats)?;
    enlarged(cx, Operator::Tile, &op.out, &value, &repeats)
}

/// The windows of an axis, each as a new last axis.
pub(crate) fn unfold(cx: &mut Context, op: &UnfoldOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let at = match cx.dims(&op.out)[op.dim].fixed() {
        Some(windows) => {
            let at = (0..windows).flat_map(|w| (0..op.size).map(move |i| (w * op.step + i) as i64));
            let at: Vec<i64> = at.collect();
            cx.constant(Tensor { dims: vec![windows, op.size], ..constant::i64s(&at) })
        }
        None => {
            let dim = cx.dims(&op.input)[op.dim].clone();
            let starts = count_up(cx, &dim, 1 - op.size as i64, op.step as i64)?;
            let last = cx.i64s(&[1]);
            let starts = cx.node("Unsqueeze", &[&starts, &last], &[]);
            let offsets: Vec<i64> = (0..op.size as i64).collect();
            let offsets = cx.i64s(&offsets);
            cx.node("Add", &[&starts, &offsets], &[])
        }
    };
    let gathered = cx.node("Gather", &[&value, &at], &[along_axis(op.dim)]);
    // The elements of a window come last.
    let rank = op.out.shape.num_dims();
    let mut perm: Vec<usize> = (0..rank).filter(|axis| *axis != op.dim + 1).collect();
    perm.push(op.dim + 1);
    cx.emit(&op.out, "Transpose", &[&gathered], &[("perm", ints(&perm))])
}

pub(crate) fn cat(cx: &mut Context, op: &CatOpIr) -> Lowered {
    let parts = op.tensors.iter().map(|tensor| cx.value(tensor)).collect::<Lowered<Vec<_>>>()?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    cx.emit(&op.out, "Concat", &parts, &[along_axis(op.dim)])
}
