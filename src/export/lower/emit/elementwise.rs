//! Nodes that work element by element, in an element type that engines have a kernel for.

use burn::backend::ir::{BinaryOpIr, ScalarIr, ScalarOpIr, TensorIr, UnaryOpIr};

use super::context::{Context, Lowered};
use super::number::operand;
use super::operator::Operator;
use crate::onnx::{Attribute, DataType};

/// Gives `out` another tensor's value through an `Identity`. Two tensors bound to one value would share its name, which
/// two outputs cannot.
pub(crate) fn same(cx: &mut Context, out: &TensorIr, value: &str) -> Lowered {
    cx.emit(out, "Identity", &[value], &[])
}

/// One node whose operands and result have one element type, run in [`Operator::kernel_type`].
pub(crate) fn widened(
    cx: &mut Context,
    operator: Operator,
    inputs: &[&str],
    dtype: DataType,
    attributes: &[(&'static str, Attribute)],
) -> String {
    let wide = operator.kernel_type(dtype);
    let inputs: Vec<String> = inputs.iter().map(|value| cx.cast(value, dtype, wide)).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let value = cx.node(operator.name(), &inputs, attributes);
    cx.cast(&value, wide, dtype)
}

/// An operator on one tensor. The result is cast back where the operation keeps the element type.
pub(crate) fn unary(cx: &mut Context, op: &UnaryOpIr, operator: Operator) -> Lowered {
    let value = cx.value(&op.input)?;
    let (from, to) = (cx.dtype(&op.input)?, cx.dtype(&op.out)?);
    let wide = operator.kernel_type(from);
    let value = cx.cast(&value, from, wide);
    let value = cx.node(operator.name(), &[&value], &[]);
    let value = if from == to { cx.cast(&value, wide, to) } else { value };
    cx.bind(&op.out, value)
}

/// An operator on two tensors.
pub(crate) fn binary(cx: &mut Context, op: &BinaryOpIr, operator: Operator) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let dtype = cx.dtype(&op.lhs)?;
    let value = widened(cx, operator, &[&lhs, &rhs], dtype, &[]);
    cx.bind(&op.out, value)
}

/// An operator on a tensor and the operation's number.
pub(crate) fn with_scalar(cx: &mut Context, op: &ScalarOpIr, operator: Operator) -> Lowered {
    let value = computed_with_scalar(cx, op, operator, op.rhs)?;
    cx.bind(&op.out, value)
}

/// The value of an operator on the operation's tensor and a given number.
pub(crate) fn computed_with_scalar(
    cx: &mut Context,
    op: &ScalarOpIr,
    operator: Operator,
    rhs: ScalarIr,
) -> Lowered<String> {
    let lhs = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    let wide = operator.kernel_type(dtype);
    let lhs = cx.cast(&lhs, dtype, wide);
    let rhs = operand(cx, 0, rhs, dtype, wide)?;
    let value = cx.node(operator.name(), &[&lhs, &rhs], &[]);
    Ok(cx.cast(&value, wide, dtype))
}

/// An operator that compares two tensors; with `not`, the opposite of its result.
pub(crate) fn compare(cx: &mut Context, op: &BinaryOpIr, operator: Operator, not: bool) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let dtype = cx.dtype(&op.lhs)?;
    if dtype == DataType::Bool {
        return compared(cx, &lhs, &rhs, &op.out, Operator::Xor, !not);
    }
    let wide = operator.kernel_type(dtype);
    let (lhs, rhs) = (cx.cast(&lhs, dtype, wide), cx.cast(&rhs, dtype, wide));
    compared(cx, &lhs, &rhs, &op.out, operator, not)
}

/// [`compare`] with a number on the right.
pub(crate) fn compare_scalar(cx: &mut Context, op: &ScalarOpIr, operator: Operator, not: bool) -> Lowered {
    let lhs = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    if dtype == DataType::Bool {
        return match op.rhs.elem::<bool>() == not {
            true => cx.emit(&op.out, "Not", &[&lhs], &[]),
            false => same(cx, &op.out, &lhs),
        };
    }
    let wide = operator.kernel_type(dtype);
    let lhs = cx.cast(&lhs, dtype, wide);
    let rhs = operand(cx, 0, op.rhs, dtype, wide)?;
    compared(cx, &lhs, &rhs, &op.out, operator, not)
}

fn compared(cx: &mut Context, lhs: &str, rhs: &str, out: &TensorIr, operator: Operator, not: bool) -> Lowered {
    let value = cx.node(operator.name(), &[lhs, rhs], &[]);
    let value = match not {
        true => cx.node("Not", &[&value], &[]),
        false => value,
    };
    cx.bind(out, value)
}

/// The elements of `yes` where the mask is true, else those of `no`.
pub(crate) fn choose(cx: &mut Context, mask: &str, yes: &str, no: &str, dtype: DataType) -> String {
    let wide = Operator::Where.kernel_type(dtype);
    let (yes, no) = (cx.cast(yes, dtype, wide), cx.cast(no, dtype, wide));
    let value = cx.node("Where", &[mask, &yes, &no], &[]);
    cx.cast(&value, wide, dtype)
}

/// A change of element type. From float to integer it truncates, as Burn does.
pub(crate) fn cast(cx: &mut Context, input: &TensorIr, out: &TensorIr) -> Lowered {
    let value = cx.value(input)?;
    let (from, to) = (cx.dtype(input)?, cx.dtype(out)?);
    if from == to {
        return same(cx, out, &value);
    }
    let value = cx.cast(&value, from, to);
    cx.bind(out, value)
}
