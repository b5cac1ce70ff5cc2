//! Sums, means, products, extremes, and the positions of extremes.

use burn::backend::ir::{ReduceDimOpIr, ReduceDimWithIndicesOpIr, ReduceDimsOpIr, ReduceOpIr, ScalarIr, TensorIr};

use crate::export::lengths::Lengths;
use crate::export::lower::emit::{
    Context, DataType, Lowered, Operator, along_axis, full, int, is_empty, reduced_axes, reduced_to_one, same,
};

/// Reduces everything to one element.
pub(crate) fn reduce(cx: &mut Context, op: &ReduceOpIr, operator: Operator) -> Lowered {
    reduced(cx, operator, &op.input, &op.out, None)
}

/// Reduces one axis.
pub(crate) fn reduce_dim(cx: &mut Context, op: &ReduceDimOpIr, operator: Operator) -> Lowered {
    reduced(cx, operator, &op.input, &op.out, Some(&[op.axis]))
}

/// Reduces several axes.
pub(crate) fn reduce_dims(cx: &mut Context, op: &ReduceDimsOpIr, operator: Operator) -> Lowered {
    let mut over = op.axes.clone();
    over.sort_unstable();
    over.dedup();
    if over.is_empty() {
        // ONNX would reduce all axes where none is given.
        let value = cx.value(&op.input)?;
        return same(cx, &op.out, &value);
    }
    reduced(cx, operator, &op.input, &op.out, Some(&over))
}

/// Reduces the axes `over`, or everything to one element.
fn reduced(cx: &mut Context, operator: Operator, input: &TensorIr, out: &TensorIr, over: Option<&[usize]>) -> Lowered {
    let dtype = cx.dtype(input)?;
    if is_empty(cx, input) {
        let nothing = match operator {
            _ if is_empty(cx, out) => 0.0,
            Operator::ReduceSum => 0.0,
            Operator::ReduceProd => 1.0,
            Operator::ReduceMean if dtype.is_float() => f64::NAN,
            _ => return Err("it reduces a tensor without elements to numbers that are not defined".into()),
        };
        return full(cx, out, ScalarIr::Float(nothing));
    }
    let value = cx.value(input)?;
    let value = match (operator, dtype.is_float()) {
        (Operator::ReduceMean, false) => {
            let sum = over_axes(cx, Operator::ReduceSum, &value, input, over, dtype);
            divided(cx, &sum, input, over, dtype)?
        }
        _ => over_axes(cx, operator, &value, input, over, dtype),
    };
    cx.bind(out, value)
}

fn over_axes(
    cx: &mut Context,
    operator: Operator,
    value: &str,
    input: &TensorIr,
    over: Option<&[usize]>,
    dtype: DataType,
) -> String {
    let wide = operator.kernel_type(dtype);
    let value = cx.cast(value, dtype, wide);
    let value = match over {
        Some(over) => reduced_axes(cx, operator, &value, over),
        None => reduced_to_one(cx, operator, &value, input.shape.num_dims()),
    };
    cx.cast(&value, wide, dtype)
}

/// The mean of integers from their sum, rounded towards zero.
fn divided(cx: &mut Context, sum: &str, input: &TensorIr, over: Option<&[usize]>, dtype: DataType) -> Lowered<String> {
    let dims: Vec<Lengths> = match over {
        Some(over) => {
            let dims = cx.dims(input);
            over.iter().map(|axis| dims[*axis].clone()).collect()
        }
        None => cx.dims(input),
    };
    let wide = Operator::Div.kernel_type(dtype);
    let sum = cx.cast(sum, dtype, wide);
    let count = match dims.iter().map(Lengths::fixed).product::<Option<usize>>() {
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
pub(crate) fn max_abs(cx: &mut Context, input: &TensorIr, out: &TensorIr, axis: Option<usize>) -> Lowered {
    if is_empty(cx, input) {
        return match is_empty(cx, out) {
            true => full(cx, out, ScalarIr::Int(0)),
            false => Err("it reduces a tensor without elements to numbers that are not defined".into()),
        };
    }
    let dtype = cx.dtype(input)?;
    let wide = Operator::ReduceMax.kernel_type(dtype);
    let value = cx.value(input)?;
    // Without widening: in its own type, the absolute value of the least integer is itself, as in Burn.
    let narrow = Operator::Abs.kernel_type(dtype);
    let value = cx.cast(&value, dtype, narrow);
    let value = cx.node("Abs", &[&value], &[]);
    let value = cx.cast(&value, narrow, wide);
    let value = match axis {
        Some(axis) => reduced_axes(cx, Operator::ReduceMax, &value, &[axis]),
        None => reduced_to_one(cx, Operator::ReduceMax, &value, input.shape.num_dims()),
    };
    let value = cx.cast(&value, wide, dtype);
    cx.bind(out, value)
}

/// The first position of the extreme along an axis.
pub(crate) fn arg(cx: &mut Context, op: &ReduceDimOpIr, operator: Operator) -> Lowered {
    position(cx, &op.input, op.axis, &op.out, operator)
}

fn position(cx: &mut Context, input: &TensorIr, axis: usize, out: &TensorIr, operator: Operator) -> Lowered {
    if is_empty(cx, out) {
        return full(cx, out, ScalarIr::Int(0));
    }
    let (from, to) = (cx.dtype(input)?, cx.dtype(out)?);
    let value = cx.value(input)?;
    let value = cx.cast(&value, from, operator.kernel_type(from));
    let at = cx.node(operator.name(), &[&value], &[along_axis(axis), ("keepdims", int(1))]);
    let at = cx.cast(&at, DataType::I64, to);
    cx.bind(out, at)
}

/// The extreme along an axis and its first position.
pub(crate) fn with_indices(
    cx: &mut Context,
    op: &ReduceDimWithIndicesOpIr,
    reduce: Operator,
    arg: Operator,
) -> Lowered {
    reduced(cx, reduce, &op.tensor, &op.out, Some(&[op.dim]))?;
    position(cx, &op.tensor, op.dim, &op.out_indices, arg)
}
