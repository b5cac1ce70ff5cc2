//! Sums, means, extremes, and where they lie.

use crate::onnx::DataType;
use burn::backend::ir::{ReduceDimOpIr, ReduceDimWithIndicesOpIr, ReduceDimsOpIr, ReduceOpIr, ScalarIr, TensorIr};

use super::context::{Context, Lowered, int, ints};
use super::kernels::kernel_type;
use super::numeric::{full, same};
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
