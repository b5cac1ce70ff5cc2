//! Operations on integers alone: bits, shifts, matrix products.

use crate::export::constant;
use crate::onnx::DataType;
use burn::backend::ir::{BinaryOpIr, IntOperationIr, ScalarIr, ScalarOpIr, TensorIr, UnaryOpIr};

use super::base::cast;
use super::context::{Context, Lowered, int, text};
use super::kernels::{fit, limits, scalar, typed};
use super::numeric::{binary, unary, with_scalar};

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
        IntOperationIr::BitwiseLeftShift(op) => shift(cx, op, true),
        IntOperationIr::BitwiseLeftShiftScalar(op) => shift_scalar(cx, op, true),
        IntOperationIr::BitwiseRightShift(op) => shift(cx, op, false),
        IntOperationIr::BitwiseRightShiftScalar(op) => shift_scalar(cx, op, false),
        IntOperationIr::Matmul(op) => matmul(cx, &op.lhs, &op.rhs, &op.out),
    }
}

fn bits(cx: &mut Context, op: &BinaryOpIr, operator: &'static str) -> Lowered {
    if cx.opset >= 18 {
        return binary(cx, op, operator);
    }
    let dtype = cx.dtype(&op.lhs)?;
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let (lhs, rhs) = (cx.cast(&lhs, dtype, DataType::I64), cx.cast(&rhs, dtype, DataType::I64));
    spelled(cx, &op.out, &lhs, &rhs, operator)
}

fn bits_scalar(cx: &mut Context, op: &ScalarOpIr, operator: &'static str) -> Lowered {
    if cx.opset >= 18 {
        return with_scalar(cx, op, operator);
    }
    let dtype = cx.dtype(&op.lhs)?;
    let lhs = cx.value(&op.lhs)?;
    let lhs = cx.cast(&lhs, dtype, DataType::I64);
    let rhs = scalar(cx, op.rhs, dtype, DataType::I64);
    spelled(cx, &op.out, &lhs, &rhs, operator)
}

/// Operations on the bits of i64s before opset 18: `a or b = a + b - (a and b)`, and `xor` takes it off twice.
fn spelled(cx: &mut Context, out: &TensorIr, a: &str, b: &str, operator: &'static str) -> Lowered {
    let both = common_bits(cx, a, b);
    let value = match operator {
        "BitwiseAnd" => both,
        _ => {
            let sum = cx.node("Add", &[a, b], &[]);
            let sum = cx.node("Sub", &[&sum, &both], &[]);
            match operator {
                "BitwiseOr" => sum,
                _ => cx.node("Sub", &[&sum, &both], &[]),
            }
        }
    };
    let dtype = cx.dtype(out)?;
    let value = cx.cast(&value, DataType::I64, dtype);
    cx.bind(out, value)
}

/// The bits that two i64s have in common: the sign by itself, the others one by one along a new last axis.
fn common_bits(cx: &mut Context, a: &str, b: &str) -> String {
    let powers: Vec<i64> = (0..63).map(|n| 1 << n).collect();
    let powers = cx.i64s(&powers);
    let two = cx.scalar(DataType::I64, ScalarIr::Int(2));
    let zero = cx.scalar(DataType::I64, ScalarIr::Int(0));
    let last = cx.i64s(&[-1]);
    let mut parts = Vec::new();
    for value in [a, b] {
        let apart = cx.node("Unsqueeze", &[value, &last], &[]);
        let whole = floor_divided(cx, &apart, &powers);
        parts.push((cx.node("Mod", &[&whole, &two], &[]), cx.node("Less", &[value, &zero], &[])));
    }
    let bits = cx.node("Mul", &[&parts[0].0, &parts[1].0], &[]);
    // In two halves, since ONNX Runtime adds up i64s by way of f64s.
    let halves: [Vec<i64>; 2] = [
        (0..63).map(|n| if n < 32 { 1 << n } else { 0 }).collect(),
        (0..63).map(|n| if n < 32 { 0 } else { 1 << (n - 32) }).collect(),
    ];
    let [low, high] = halves.map(|weights| {
        let weights = cx.i64s(&weights);
        let half = cx.node("Mul", &[&bits, &weights], &[]);
        cx.node("ReduceSum", &[&half, &last], &[("keepdims", int(0))])
    });
    let shift = cx.scalar(DataType::I64, ScalarIr::Int(1 << 32));
    let high = cx.node("Mul", &[&high, &shift], &[]);
    let low = cx.node("Add", &[&low, &high], &[]);
    let sign = cx.node("And", &[&parts[0].1, &parts[1].1], &[]);
    let sign = cx.cast(&sign, DataType::Bool, DataType::I64);
    let weight = cx.scalar(DataType::I64, ScalarIr::Int(i64::MIN));
    let sign = cx.node("Mul", &[&sign, &weight], &[]);
    cx.node("Add", &[&low, &sign], &[])
}

/// A quotient cut towards minus infinity, the divisor being positive: ONNX cuts it towards zero.
fn floor_divided(cx: &mut Context, value: &str, by: &str) -> String {
    let rest = cx.node("Mod", &[value, by], &[]);
    let whole = cx.node("Sub", &[value, &rest], &[]);
    cx.node("Div", &[&whole, by], &[])
}

/// Before opset 18 the complement, which is `-1 - x`, or the greatest number less `x`.
fn not(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    if cx.opset >= 18 {
        return unary(cx, op, "BitwiseNot");
    }
    let value = cx.value(&op.input)?;
    let dtype = cx.dtype(&op.input)?;
    let ones = cx.scalar(dtype, if signed(dtype) { ScalarIr::Int(-1) } else { greatest(dtype) });
    let value = typed(cx, "Sub", &[&ones, &value], dtype, &[]);
    cx.bind(&op.out, value)
}

fn greatest(dtype: DataType) -> ScalarIr {
    ScalarIr::UInt(limits(dtype).map_or(0, |(_, most)| most as u64))
}

fn signed(dtype: DataType) -> bool {
    limits(dtype).is_some_and(|(least, _)| least < 0)
}

/// How many bits a type has; shifts by more go round.
fn width(dtype: DataType) -> i64 {
    8 * dtype.size() as i64
}

/// The type to shift values of `dtype` in.
fn shift_type(dtype: DataType) -> DataType {
    match dtype {
        DataType::I8 | DataType::I16 => DataType::I32,
        DataType::U16 => DataType::U32,
        dtype => dtype,
    }
}

/// Shifts by one number: a product or a floored quotient, since ONNX shifts unsigned integers only.
fn shift_scalar(cx: &mut Context, op: &ScalarOpIr, left: bool) -> Lowered {
    let dtype = cx.dtype(&op.lhs)?;
    let by = match fit(op.rhs, DataType::I64, DataType::I64) {
        ScalarIr::Int(by) => by.rem_euclid(width(dtype)),
        ScalarIr::Float(_) | ScalarIr::UInt(_) | ScalarIr::Bool(_) => return Err("it shifts by no integer".into()),
    };
    let wide = shift_type(dtype);
    let value = cx.value(&op.lhs)?;
    let value = cx.cast(&value, dtype, wide);
    let value = if !signed(dtype) {
        let by = cx.scalar(wide, ScalarIr::Int(by));
        bit_shift(cx, &value, &by, left)
    } else if left {
        let power = scalar(cx, ScalarIr::Int(1 << by), wide, wide);
        cx.node("Mul", &[&value, &power], &[])
    } else if by == width(wide) - 1 {
        // The power would be negative; only the sign is left.
        let zero = cx.scalar(wide, ScalarIr::Int(0));
        let negative = cx.node("Less", &[&value, &zero], &[]);
        let negative = cx.cast(&negative, DataType::Bool, wide);
        cx.node("Neg", &[&negative], &[])
    } else {
        let power = cx.scalar(wide, ScalarIr::Int(1 << by));
        floor_divided(cx, &value, &power)
    };
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

fn bit_shift(cx: &mut Context, value: &str, by: &str, left: bool) -> String {
    let direction = text(if left { "LEFT" } else { "RIGHT" });
    cx.node("BitShift", &[value, by], &[("direction", direction)])
}

/// [`shift_scalar`] with as many amounts as values. Powers of two are looked up, so that they are exact.
fn shift(cx: &mut Context, op: &BinaryOpIr, left: bool) -> Lowered {
    let dtype = cx.dtype(&op.lhs)?;
    let (value, by) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let wide = shift_type(dtype);
    let (value, by) = (cx.cast(&value, dtype, wide), cx.cast(&by, dtype, wide));
    let bits = width(dtype);
    let round = cx.scalar(wide, ScalarIr::Int(bits));
    // The remainder has the divisor's sign, so negative amounts go round as their low bits do.
    let by = cx.node("Mod", &[&by, &round], &[]);
    let value = if !signed(dtype) {
        bit_shift(cx, &value, &by, left)
    } else if left {
        let power = looked_up(cx, &by, wide, (0..bits).map(|n| 1 << n));
        cx.node("Mul", &[&value, &power], &[])
    } else {
        // The greatest power is negative in its own type, so it is divided by in two steps.
        let most = width(wide) - 2;
        let power = looked_up(cx, &by, wide, (0..bits).map(|n| 1 << n.min(most)));
        let shifted = floor_divided(cx, &value, &power);
        match bits == width(wide) {
            true => {
                let rest = looked_up(cx, &by, wide, (0..bits).map(|n| 1 << (n - n.min(most))));
                floor_divided(cx, &shifted, &rest)
            }
            false => shifted,
        }
    };
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

/// The number that a table of i64s or i32s has at every position.
fn looked_up(cx: &mut Context, at: &str, dtype: DataType, table: impl Iterator<Item = i64>) -> String {
    let table: Vec<i64> = table.collect();
    let table = match dtype {
        DataType::I32 => constant::of(dtype, &[table.len()], table.iter().flat_map(|n| (*n as i32).to_le_bytes())),
        _ => constant::i64s(&table),
    };
    let table = cx.constant(table);
    cx.node("Gather", &[&table, at], &[("axis", int(0))])
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
