//! Operations on integers alone: bits, shifts, matrix products.

use burn::backend::ir::{BinaryOpIr, IntOperationIr, ScalarIr, ScalarOpIr, TensorIr, UnaryOpIr};

use super::base::cast;
use super::context::{Context, Lowered};
use super::numeric::{binary, unary, with_scalar};
use crate::export::constant::DataType;

pub(super) fn lower(cx: &mut Context, op: &IntOperationIr) -> Lowered {
    match op {
        IntOperationIr::IntoFloat(op) => cast(cx, &op.input, &op.out),
        IntOperationIr::BitwiseAnd(op) => bits(cx, op, "BitwiseAnd"),
        IntOperationIr::BitwiseAndScalar(op) => bits_scalar(cx, op, "BitwiseAnd"),
        IntOperationIr::BitwiseOr(op) => bits(cx, op, "BitwiseOr"),
        IntOperationIr::BitwiseOrScalar(op) => bits_scalar(cx, op, "BitwiseOr"),
        IntOperationIr::BitwiseXor(op) => bits(cx, op, "BitwiseXor"),
        IntOperationIr::BitwiseXorScalar(op) => bits_scalar(cx, op, "BitwiseXor"),
        IntOperationIr::BitwiseNot(op) => not(cx, op),
        IntOperationIr::BitwiseLeftShift(op) => {
            let by = cx.value(&op.rhs)?;
            shift(cx, &op.lhs, &by, &op.out, true)
        }
        IntOperationIr::BitwiseLeftShiftScalar(op) => {
            let by = amount(cx, op)?;
            shift(cx, &op.lhs, &by, &op.out, true)
        }
        IntOperationIr::BitwiseRightShift(op) => {
            let by = cx.value(&op.rhs)?;
            shift(cx, &op.lhs, &by, &op.out, false)
        }
        IntOperationIr::BitwiseRightShiftScalar(op) => {
            let by = amount(cx, op)?;
            shift(cx, &op.lhs, &by, &op.out, false)
        }
        IntOperationIr::Matmul(op) => matmul(cx, &op.lhs, &op.rhs, &op.out),
    }
}

fn needs_18(cx: &Context) -> Lowered {
    match cx.opset {
        ..18 => Err("operations on bits need opset 18".into()),
        _ => Ok(()),
    }
}

fn bits(cx: &mut Context, op: &BinaryOpIr, operator: &'static str) -> Lowered {
    needs_18(cx)?;
    binary(cx, op, operator)
}

fn bits_scalar(cx: &mut Context, op: &ScalarOpIr, operator: &'static str) -> Lowered {
    needs_18(cx)?;
    with_scalar(cx, op, operator)
}

fn not(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    needs_18(cx)?;
    unary(cx, op, "BitwiseNot")
}

fn amount(cx: &mut Context, op: &ScalarOpIr) -> Lowered<String> {
    let dtype = cx.dtype(&op.lhs)?;
    Ok(cx.scalar(dtype, op.rhs))
}

/// Shifts as products and floored quotients by powers of two, since ONNX shifts unsigned integers only.
///
/// Holds for amounts of 0 to 62.
fn shift(cx: &mut Context, lhs: &TensorIr, by: &str, out: &TensorIr, left: bool) -> Lowered {
    let dtype = cx.dtype(lhs)?;
    let value = cx.value(lhs)?;
    let two = cx.scalar(dtype, ScalarIr::Int(2));
    let power = cx.node("Pow", &[&two, by], &[]);
    if left {
        return cx.emit(out, "Mul", &[&value, &power], &[]);
    }
    // The remainder has the divisor's sign, so taking it off first makes the quotient exact.
    let rest = cx.node("Mod", &[&value, &power], &[]);
    let whole = cx.node("Sub", &[&value, &rest], &[]);
    cx.emit(out, "Div", &[&whole, &power], &[])
}

/// ONNX multiplies matrices of 32 and 64 bit integers.
fn matmul(cx: &mut Context, lhs: &TensorIr, rhs: &TensorIr, out: &TensorIr) -> Lowered {
    let (a, b) = (cx.value(lhs)?, cx.value(rhs)?);
    let dtype = cx.dtype(out)?;
    if matches!(dtype, DataType::I64 | DataType::I32 | DataType::U32 | DataType::U64) {
        return cx.emit(out, "MatMul", &[&a, &b], &[]);
    }
    let (a, b) = (cx.cast(&a, dtype, DataType::I32), cx.cast(&b, dtype, DataType::I32));
    let product = cx.node("MatMul", &[&a, &b], &[]);
    let product = cx.cast(&product, DataType::I32, dtype);
    cx.bind(out, product)
}
