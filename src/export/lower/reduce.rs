//! Sums, means, extremes, and where they lie.

use burn::backend::ir::{
    DimOpIr, ReduceDimOpIr, ReduceDimWithIndicesOpIr, ReduceDimsOpIr, ReduceOpIr, ScalarIr, SortOpIr,
    SortWithIndicesOpIr, TensorIr, TopKWithIndicesOpIr,
};

use super::base::filled;
use super::context::{Context, Lowered, int, ints};
use super::index::positions;
use super::numeric::{full, kernel_type, limits, same};
use crate::export::constant::DataType;
use crate::export::dims::Dim;

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
pub(super) fn all(cx: &mut Context, operator: &'static str, value: &str, rank: usize) -> String {
    if rank == 1 {
        return cx.node(operator, &[value], &[("keepdims", int(1))]);
    }
    let value = cx.node(operator, &[value], &[("keepdims", int(0))]);
    let one = cx.i64s(&[1]);
    cx.node("Reshape", &[&value, &one], &[])
}

/// Whether a tensor has no elements, whatever the lengths of dynamic axes.
pub(super) fn is_empty(cx: &Context, tensor: &TensorIr) -> bool {
    cx.dims(tensor).iter().any(|dim| dim.fixed() == Some(0))
}

pub(super) fn reduce(cx: &mut Context, op: &ReduceOpIr, operator: &'static str) -> Lowered {
    reduced(cx, operator, &op.input, &op.out, None)
}

pub(super) fn reduce_dim(cx: &mut Context, op: &ReduceDimOpIr, operator: &'static str) -> Lowered {
    reduced(cx, operator, &op.input, &op.out, Some(&[op.axis]))
}

pub(super) fn reduce_dims(cx: &mut Context, op: &ReduceDimsOpIr, operator: &'static str) -> Lowered {
    let mut over = op.axes.clone();
    over.sort_unstable();
    over.dedup();
    if over.is_empty() {
        // No axes would mean all of them to ONNX.
        let value = cx.value(&op.input)?;
        return same(cx, &op.out, &value);
    }
    reduced(cx, operator, &op.input, &op.out, Some(&over))
}

/// Reduces the axes `over`, or everything to one element.
fn reduced(
    cx: &mut Context,
    operator: &'static str,
    input: &TensorIr,
    out: &TensorIr,
    over: Option<&[usize]>,
) -> Lowered {
    let dtype = cx.dtype(input)?;
    if is_empty(cx, input) {
        let nothing = match operator {
            _ if is_empty(cx, out) => 0.0,
            "ReduceSum" => 0.0,
            "ReduceProd" => 1.0,
            "ReduceMean" if dtype.is_float() => f64::NAN,
            _ => return Err("it reduces no elements".into()),
        };
        return full(cx, out, ScalarIr::Float(nothing));
    }
    let value = cx.value(input)?;
    let value = match (operator, dtype.is_float()) {
        ("ReduceMean", false) => {
            let sum = over_axes(cx, "ReduceSum", &value, input, over, dtype);
            divided(cx, &sum, input, over, dtype)?
        }
        _ => over_axes(cx, operator, &value, input, over, dtype),
    };
    cx.bind(out, value)
}

fn over_axes(
    cx: &mut Context,
    operator: &'static str,
    value: &str,
    input: &TensorIr,
    over: Option<&[usize]>,
    dtype: DataType,
) -> String {
    let wide = kernel_type(operator, dtype);
    let value = cx.cast(value, dtype, wide);
    let value = match over {
        Some(over) => axes(cx, operator, &value, over),
        None => all(cx, operator, &value, input.shape.num_dims()),
    };
    cx.cast(&value, wide, dtype)
}

/// A sum of integers over how many there were, cut towards zero.
fn divided(cx: &mut Context, sum: &str, input: &TensorIr, over: Option<&[usize]>, dtype: DataType) -> Lowered<String> {
    let dims: Vec<Dim> = match over {
        Some(over) => {
            let dims = cx.dims(input);
            over.iter().map(|axis| dims[*axis].clone()).collect()
        }
        None => cx.dims(input),
    };
    let wide = kernel_type("Div", dtype);
    let sum = cx.cast(sum, dtype, wide);
    let count = match dims.iter().map(Dim::fixed).product::<Option<usize>>() {
        Some(count) => cx.scalar(wide, ScalarIr::Int(count as i64)),
        None => {
            let mut count = cx.size(&dims[0])?;
            for dim in &dims[1..] {
                let size = cx.size(dim)?;
                count = cx.node("Mul", &[&count, &size], &[]);
            }
            cx.cast(&count, DataType::I64, wide)
        }
    };
    let mean = cx.node("Div", &[&sum, &count], &[]);
    Ok(cx.cast(&mean, wide, dtype))
}

/// The largest absolute value.
pub(super) fn max_abs(cx: &mut Context, input: &TensorIr, out: &TensorIr, axis: Option<usize>) -> Lowered {
    if is_empty(cx, input) {
        return match is_empty(cx, out) {
            true => full(cx, out, ScalarIr::Int(0)),
            false => Err("it reduces no elements".into()),
        };
    }
    let dtype = cx.dtype(input)?;
    let wide = kernel_type("ReduceMax", dtype);
    let value = cx.value(input)?;
    // In the element type itself: the least integer has no other absolute value.
    let narrow = kernel_type("Abs", dtype);
    let value = cx.cast(&value, dtype, narrow);
    let value = cx.node("Abs", &[&value], &[]);
    let value = cx.cast(&value, narrow, wide);
    let value = match axis {
        Some(axis) => axes(cx, "ReduceMax", &value, &[axis]),
        None => all(cx, "ReduceMax", &value, input.shape.num_dims()),
    };
    let value = cx.cast(&value, wide, dtype);
    cx.bind(out, value)
}

/// The first position of the extreme along an axis.
pub(super) fn arg(cx: &mut Context, op: &ReduceDimOpIr, operator: &'static str) -> Lowered {
    position(cx, &op.input, op.axis, &op.out, operator)
}

fn position(cx: &mut Context, input: &TensorIr, axis: usize, out: &TensorIr, operator: &'static str) -> Lowered {
    if is_empty(cx, out) {
        return full(cx, out, ScalarIr::Int(0));
    }
    let (from, to) = (cx.dtype(input)?, cx.dtype(out)?);
    let value = cx.value(input)?;
    let value = cx.cast(&value, from, kernel_type(operator, from));
    let at = cx.node(operator, &[&value], &[("axis", int(axis as i64)), ("keepdims", int(1))]);
    let at = cx.cast(&at, DataType::I64, to);
    cx.bind(out, at)
}

/// The extreme along an axis and its first position.
pub(super) fn with_indices(
    cx: &mut Context,
    op: &ReduceDimWithIndicesOpIr,
    reduce: &'static str,
    arg: &'static str,
) -> Lowered {
    reduced(cx, reduce, &op.tensor, &op.out, Some(&[op.dim]))?;
    position(cx, &op.tensor, op.dim, &op.out_indices, arg)
}

/// The first values of an axis in order, `k` or all of them, and where they were. Equal ones keep their order.
fn ordered(
    cx: &mut Context,
    input: &TensorIr,
    out: &TensorIr,
    axis: usize,
    k: Option<usize>,
    largest: bool,
) -> Lowered<(String, String)> {
    let dtype = cx.dtype(input)?;
    if is_empty(cx, out) {
        let values = filled(cx, out, dtype, ScalarIr::Int(0))?;
        return Ok((values, filled(cx, out, DataType::I64, ScalarIr::Int(0))?));
    }
    let value = cx.value(input)?;
    let wide = kernel_type("TopK", dtype);
    let value = cx.cast(&value, dtype, wide);
    let k = match k {
        Some(k) => cx.i64s(&[k as i64]),
        None => {
            let dim = cx.dims(input)[axis].clone();
            cx.size(&dim)?
        }
    };
    let attributes = [("axis", int(axis as i64)), ("largest", int(largest.into())), ("sorted", int(1))];
    let mut outputs = cx.nodes("TopK", &[&value, &k], 2, &attributes);
    let at = outputs.pop().ok_or("TopK has two outputs")?;
    let values = outputs.pop().ok_or("TopK has two outputs")?;
    let values = cx.cast(&values, wide, dtype);
    Ok((values, at))
}

pub(super) fn top_k(cx: &mut Context, op: &ReduceDimOpIr) -> Lowered {
    let (values, _) = ordered(cx, &op.input, &op.out, op.axis, Some(op.accumulator_len), true)?;
    cx.bind(&op.out, values)
}

pub(super) fn arg_top_k(cx: &mut Context, op: &ReduceDimOpIr) -> Lowered {
    let (_, at) = ordered(cx, &op.input, &op.out, op.axis, Some(op.accumulator_len), true)?;
    bind_positions(cx, &op.out, &at)
}

pub(super) fn top_k_with_indices(cx: &mut Context, op: &TopKWithIndicesOpIr) -> Lowered {
    let (values, at) = ordered(cx, &op.tensor, &op.out, op.dim, Some(op.k), true)?;
    cx.bind(&op.out, values)?;
    bind_positions(cx, &op.out_indices, &at)
}

pub(super) fn sort(cx: &mut Context, op: &SortOpIr) -> Lowered {
    let (values, _) = ordered(cx, &op.input, &op.out, op.dim, None, op.descending)?;
    cx.bind(&op.out, values)
}

pub(super) fn arg_sort(cx: &mut Context, op: &SortOpIr) -> Lowered {
    let (_, at) = ordered(cx, &op.input, &op.out, op.dim, None, op.descending)?;
    bind_positions(cx, &op.out, &at)
}

pub(super) fn sort_with_indices(cx: &mut Context, op: &SortWithIndicesOpIr) -> Lowered {
    let (values, at) = ordered(cx, &op.input, &op.out, op.dim, None, op.descending)?;
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
    let dtype = cx.dtype(&op.input)?;
    let wide = kernel_type("CumSum", dtype);
    let value = cx.cast(&value, dtype, wide);
    let axis = cx.scalar(DataType::I64, ScalarIr::Int(op.axis as i64));
    let value = cx.node("CumSum", &[&value, &axis], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

/// A running product or extreme.
pub(super) fn cumulative(cx: &mut Context, op: &DimOpIr, operator: &'static str) -> Lowered {
    let dtype = cx.dtype(&op.input)?;
    let wide = kernel_type(if operator == "Mul" { "CumProd" } else { operator }, dtype);
    let given = cx.value(&op.input)?;
    let value = cx.cast(&given, dtype, wide);
    let dims = cx.dims(&op.input);
    let value = match dims[op.axis].fixed() {
        Some(len) => doubled(cx, value, op.axis, len, operator),
        None => masked(cx, &value, &dims, op.axis, operator, wide)?,
    };
    let value = cx.cast(&value, wide, dtype);
    match value == given {
        true => same(cx, &op.out, &value),
        false => cx.bind(&op.out, value),
    }
}

/// By doubling: after step `s` every position has taken in its `2^s` predecessors.
fn doubled(cx: &mut Context, mut value: String, axis: usize, len: usize, operator: &'static str) -> String {
    let mut reach = 1;
    while reach < len {
        let head = cut(cx, &value, axis, 0, reach as i64);
        let late = cut(cx, &value, axis, reach as i64, len as i64);
        let early = cut(cx, &value, axis, 0, (len - reach) as i64);
        let joined = cx.node(operator, &[&late, &early], &[]);
        value = cx.node("Concat", &[&head, &joined], &[("axis", int(axis as i64))]);
        reach *= 2;
    }
    value
}

/// Along an axis of any length: every position reduces a row of its own, with what comes later left out of it.
fn masked(
    cx: &mut Context,
    value: &str,
    dims: &[Dim],
    axis: usize,
    operator: &'static str,
    dtype: DataType,
) -> Lowered<String> {
    let (reduce, neutral) = match (operator, limits(dtype)) {
        ("Mul", _) => ("ReduceProd", ScalarIr::Int(1)),
        ("Max", None) => ("ReduceMax", ScalarIr::Float(f64::NEG_INFINITY)),
        ("Max", Some((least, _))) => ("ReduceMax", ScalarIr::Int(least as i64)),
        (_, None) => ("ReduceMin", ScalarIr::Float(f64::INFINITY)),
        (_, Some((_, most))) => ("ReduceMin", ScalarIr::Int(most as i64)),
    };
    if dtype == DataType::U64 {
        return Err("ONNX Runtime orders no u64 along a dynamic axis".into());
    }
    let at = positions(cx, &dims[axis])?;
    // Both followed by one dimension of length one for every axis behind the reduced one.
    let behind = (dims.len() - 1 - axis) as i64;
    let (rows, columns): (Vec<i64>, Vec<i64>) = ((1..=behind + 1).collect(), (1..=behind).collect());
    let rows = cx.i64s(&rows);
    let rows = cx.node("Unsqueeze", &[&at, &rows], &[]);
    let columns = match columns.as_slice() {
        [] => at,
        columns => {
            let columns = cx.i64s(columns);
            cx.node("Unsqueeze", &[&at, &columns], &[])
        }
    };
    let before = cx.node("LessOrEqual", &[&columns, &rows], &[]);
    let new_axis = cx.i64s(&[axis as i64]);
    let value = cx.node("Unsqueeze", &[value, &new_axis], &[]);
    let neutral = cx.scalar(dtype, neutral);
    let value = cx.node("Where", &[&before, &value, &neutral], &[]);
    let value = axes(cx, reduce, &value, &[axis + 1]);
    let old_axis = cx.i64s(&[axis as i64 + 1]);
    Ok(cx.node("Squeeze", &[&value, &old_axis], &[]))
}

/// `value[start..end]` along one axis.
fn cut(cx: &mut Context, value: &str, axis: usize, start: i64, end: i64) -> String {
    let (start, end) = (cx.i64s(&[start]), cx.i64s(&[end]));
    let axis = cx.i64s(&[axis as i64]);
    cx.node("Slice", &[value, &start, &end, &axis], &[])
}
