//! Products of matrices and vectors.

use burn::backend::ir::{CrossOpIr, LinearOpIr, MatmulOpIr};

use crate::export::lower::emit::{Context, DataType, Lowered, along_axis, wide};

pub(crate) fn float_matmul(cx: &mut Context, op: &MatmulOpIr) -> Lowered {
    let (lhs, dtype) = wide::read(cx, &op.lhs)?;
    let (rhs, _) = wide::read(cx, &op.rhs)?;
    let value = cx.node("MatMul", &[&lhs, &rhs], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// The cross product of vectors of three elements: each element from the two that follow it, after the last the first.
pub(crate) fn cross(cx: &mut Context, op: &CrossOpIr) -> Lowered {
    let turned = |cx: &mut Context, value: &str, order: [i64; 3]| {
        let at = cx.i64s(&order);
        cx.node("Gather", &[value, &at], &[along_axis(op.dim)])
    };
    let (a, dtype) = wide::read(cx, &op.lhs)?;
    let (b, _) = wide::read(cx, &op.rhs)?;
    let (a1, b2) = (turned(cx, &a, [1, 2, 0]), turned(cx, &b, [2, 0, 1]));
    let (a2, b1) = (turned(cx, &a, [2, 0, 1]), turned(cx, &b, [1, 2, 0]));
    let plus = cx.node("Mul", &[&a1, &b2], &[]);
    let minus = cx.node("Mul", &[&a2, &b1], &[]);
    let value = cx.node("Sub", &[&plus, &minus], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// ONNX multiplies matrices of 32 and 64 bit integers; narrower ones are cast.
pub(crate) fn int_matmul(cx: &mut Context, op: &MatmulOpIr) -> Lowered {
    let (a, b) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let dtype = cx.dtype(&op.out)?;
    if matches!(dtype, DataType::I64 | DataType::I32 | DataType::U32 | DataType::U64) {
        return cx.emit(&op.out, "MatMul", &[&a, &b], &[]);
    }
    let (a, b) = (cx.cast(&a, dtype, DataType::I32), cx.cast(&b, dtype, DataType::I32));
    let product = cx.node("MatMul", &[&a, &b], &[]);
    let product = cx.cast(&product, DataType::I32, dtype);
    cx.bind(&op.out, product)
}

/// `x @ weight + bias`.
pub(crate) fn linear(cx: &mut Context, op: &LinearOpIr) -> Lowered {
    let (x, dtype) = wide::read(cx, &op.x)?;
    let (weight, _) = wide::read(cx, &op.weight)?;
    let mut value = cx.node("MatMul", &[&x, &weight], &[]);
    if let Some(bias) = &op.bias {
        let (bias, _) = wide::read(cx, bias)?;
        value = cx.node("Add", &[&value, &bias], &[]);
    }
    wide::bind(cx, &op.out, &value, dtype)
}
