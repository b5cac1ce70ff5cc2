//! Sums, means, extremes, and where they lie.

use burn::backend::ir::{
    DimOpIr, ReduceDimOpIr, ReduceDimWithIndicesOpIr, ReduceDimsOpIr, ReduceOpIr, SortOpIr, SortWithIndicesOpIr,
    TensorIr, TopKWithIndicesOpIr,
};

use super::context::{Context, Lowered, int, ints};
use crate::export::constant::DataType;

/// Reduces some axes, each kept with length one.
pub(super) fn axes(cx: &mut Context, operator: &'static str, value: &str, axes: &[usize]) -> String {
    if cx.opset < 18 && operator != "ReduceSum" {
        return cx.node(operator, &[value], &[("axes", ints(axes)), ("keepdims", int(1))]);
    }
    let axes: Vec<i64> = axes.iter().map(|axis| *axis as i64).collect();
    let axes = cx.i64s(&axes);
    cx.node(operator, &[value, &axes], &[("keepdims", int(1))])
}

/// Reduces everything to one element with one dimension.
pub(super) fn all(cx: &mut Context, operator: &'static str, value: &str) -> Lowered<String> {
    let value = cx.node(operator, &[value], &[("keepdims", int(0))]);
    let one = cx.i64s(&[1]);
    Ok(cx.node("Reshape", &[&value, &one], &[]))
}

pub(super) fn reduce(cx: &mut Context, op: &ReduceOpIr, operator: &'static str) -> Lowered {
    let value = cx.value(&op.input)?;
    let value = all(cx, operator, &value)?;
    cx.bind(&op.out, value)
}

pub(super) fn reduce_dim(cx: &mut Context, op: &ReduceDimOpIr, operator: &'static str) -> Lowered {
    let value = cx.value(&op.input)?;
    let value = axes(cx, operator, &value, &[op.axis]);
    cx.bind(&op.out, value)
}

pub(super) fn reduce_dims(cx: &mut Context, op: &ReduceDimsOpIr, operator: &'static str) -> Lowered {
    let value = cx.value(&op.input)?;
    let value = axes(cx, operator, &value, &op.axes);
    cx.bind(&op.out, value)
}

/// The largest absolute value.
pub(super) fn max_abs(cx: &mut Context, input: &TensorIr, out: &TensorIr, axis: Option<usize>) -> Lowered {
    let value = cx.value(input)?;
    let value = cx.node("Abs", &[&value], &[]);
    let value = match axis {
        Some(axis) => axes(cx, "ReduceMax", &value, &[axis]),
        None => all(cx, "ReduceMax", &value)?,
    };
    cx.bind(out, value)
}

/// The first position of the extreme along an axis.
pub(super) fn arg(cx: &mut Context, op: &ReduceDimOpIr, operator: &'static str) -> Lowered {
    let value = cx.value(&op.input)?;
    position(cx, &value, op.axis, &op.out, operator)
}

fn position(cx: &mut Context, value: &str, axis: usize, out: &TensorIr, operator: &'static str) -> Lowered {
    let at = cx.node(operator, &[value], &[("axis", int(axis as i64)), ("keepdims", int(1))]);
    let dtype = cx.dtype(out)?;
    let at = cx.cast(&at, DataType::I64, dtype);
    cx.bind(out, at)
}

/// The extreme along an axis and its first position.
pub(super) fn with_indices(
    cx: &mut Context,
    op: &ReduceDimWithIndicesOpIr,
    reduce: &'static str,
    arg: &'static str,
) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let extreme = axes(cx, reduce, &value, &[op.dim]);
    cx.bind(&op.out, extreme)?;
    position(cx, &value, op.dim, &op.out_indices, arg)
}

/// The `k` first values of an axis in order, and where they were.
fn ordered(cx: &mut Context, input: &TensorIr, axis: usize, k: usize, largest: bool) -> Lowered<(String, String)> {
    let value = cx.value(input)?;
    let dtype = cx.dtype(input)?;
    let k = cx.i64s(&[k as i64]);
    let attributes = [("axis", int(axis as i64)), ("largest", int(largest.into())), ("sorted", int(1))];
    if dtype == DataType::Bool || dtype == DataType::Bf16 {
        return Err("ONNX cannot sort this element type".into());
    }
    let mut outputs = cx.nodes("TopK", &[&value, &k], 2, &attributes);
    let at = outputs.pop().ok_or("TopK has two outputs")?;
    let values = outputs.pop().ok_or("TopK has two outputs")?;
    Ok((values, at))
}

pub(super) fn top_k(cx: &mut Context, op: &ReduceDimOpIr) -> Lowered {
    let (values, _) = ordered(cx, &op.input, op.axis, op.accumulator_len, true)?;
    cx.bind(&op.out, values)
}

pub(super) fn arg_top_k(cx: &mut Context, op: &ReduceDimOpIr) -> Lowered {
    let (_, at) = ordered(cx, &op.input, op.axis, op.accumulator_len, true)?;
    bind_positions(cx, &op.out, &at)
}

pub(super) fn top_k_with_indices(cx: &mut Context, op: &TopKWithIndicesOpIr) -> Lowered {
    let (values, at) = ordered(cx, &op.tensor, op.dim, op.k, true)?;
    cx.bind(&op.out, values)?;
    bind_positions(cx, &op.out_indices, &at)
}

pub(super) fn sort(cx: &mut Context, op: &SortOpIr) -> Lowered {
    let len = cx.fixed(&op.input, op.dim)?;
    let (values, _) = ordered(cx, &op.input, op.dim, len, op.descending)?;
    cx.bind(&op.out, values)
}

pub(super) fn arg_sort(cx: &mut Context, op: &SortOpIr) -> Lowered {
    let len = cx.fixed(&op.input, op.dim)?;
    let (_, at) = ordered(cx, &op.input, op.dim, len, op.descending)?;
    bind_positions(cx, &op.out, &at)
}

pub(super) fn sort_with_indices(cx: &mut Context, op: &SortWithIndicesOpIr) -> Lowered {
    let len = cx.fixed(&op.input, op.dim)?;
    let (values, at) = ordered(cx, &op.input, op.dim, len, op.descending)?;
    cx.bind(&op.out, values)?;
    bind_positions(cx, &op.out_indices, &at)
}

fn bind_positions(cx: &mut Context, out: &TensorIr, at: &str) -> Lowered {
    let dtype = cx.dtype(out)?;
    let at = cx.cast(at, DataType::I64, dtype);
    cx.bind(out, at)
}

pub(super) fn cumulative_sum(cx: &mut Context, op: &DimOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let axis = cx.scalar(DataType::I64, burn::backend::ir::ScalarIr::Int(op.axis as i64));
    cx.emit(&op.out, "CumSum", &[&value, &axis], &[])
}

/// A running product or extreme, by doubling: after step `s` every position has taken in its `2^s` predecessors.
pub(super) fn cumulative(cx: &mut Context, op: &DimOpIr, operator: &'static str) -> Lowered {
    let len = cx.fixed(&op.input, op.axis)?;
    let mut value = cx.value(&op.input)?;
    let mut reach = 1;
    while reach < len {
        let head = cut(cx, &value, op.axis, 0, reach as i64);
        let late = cut(cx, &value, op.axis, reach as i64, len as i64);
        let early = cut(cx, &value, op.axis, 0, (len - reach) as i64);
        let joined = cx.node(operator, &[&late, &early], &[]);
        value = cx.node("Concat", &[&head, &joined], &[("axis", int(op.axis as i64))]);
        reach *= 2;
    }
    cx.bind(&op.out, value)
}

/// `value[start..end]` along one axis.
pub(super) fn cut(cx: &mut Context, value: &str, axis: usize, start: i64, end: i64) -> String {
    let (start, end) = (cx.i64s(&[start]), cx.i64s(&[end]));
    let axis = cx.i64s(&[axis as i64]);
    cx.node("Slice", &[value, &start, &end, &axis], &[])
}
