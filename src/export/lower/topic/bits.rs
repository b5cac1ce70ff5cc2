//! Operations on the bits of integers.

use burn::backend::ir::{BinaryOpIr, ScalarIr, ScalarOpIr, TensorIr, UnaryOpIr};

use crate::export::lower::emit::{
    Context, DataType, Lowered, Operator, binary, int, integer_range, scalar, unary, widened, with_scalar,
};

/// And, or, exclusive or.
pub(crate) fn bits(cx: &mut Context, op: &BinaryOpIr, operator: Operator) -> Lowered {
    if cx.opset >= 18 {
        return binary(cx, op, operator);
    }
    let dtype = cx.dtype(&op.lhs)?;
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let (lhs, rhs) = (cx.cast(&lhs, dtype, DataType::I64), cx.cast(&rhs, dtype, DataType::I64));
    arithmetic(cx, &op.out, &lhs, &rhs, operator)
}

/// [`bits`] with a number on the right.
pub(crate) fn bits_scalar(cx: &mut Context, op: &ScalarOpIr, operator: Operator) -> Lowered {
    if cx.opset >= 18 {
        return with_scalar(cx, op, operator);
    }
    let dtype = cx.dtype(&op.lhs)?;
    let lhs = cx.value(&op.lhs)?;
    let lhs = cx.cast(&lhs, dtype, DataType::I64);
    let rhs = scalar(cx, op.rhs, dtype, DataType::I64);
    arithmetic(cx, &op.out, &lhs, &rhs, operator)
}

/// The same on i64s by arithmetic, for operator sets before 18: `a or b = a + b - (a and b)`, and `a xor b` subtracts
/// `a and b` twice.
fn arithmetic(cx: &mut Context, out: &TensorIr, a: &str, b: &str, operator: Operator) -> Lowered {
    let both = common_bits(cx, a, b);
    let value = match operator {
        Operator::BitwiseAnd => both,
        _ => {
            let sum = cx.node("Add", &[a, b], &[]);
            let sum = cx.node("Sub", &[&sum, &both], &[]);
            match operator {
                Operator::BitwiseOr => sum,
                _ => cx.node("Sub", &[&sum, &both], &[]),
            }
        }
    };
    let dtype = cx.dtype(out)?;
    let value = cx.cast(&value, DataType::I64, dtype);
    cx.bind(out, value)
}

/// The bits that are set in two i64s: the sign by itself, the other 63 along a new last axis.
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
    // The sum is made in two halves, since ONNX Runtime sums i64s as f64s.
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

/// A quotient by a positive divisor, rounded down; ONNX rounds it towards zero.
pub(crate) fn floor_divided(cx: &mut Context, value: &str, by: &str) -> String {
    let rest = cx.node("Mod", &[value, by], &[]);
    let whole = cx.node("Sub", &[value, &rest], &[]);
    cx.node("Div", &[&whole, by], &[])
}

/// All bits flipped. Before opset 18 that is `-1 - x`, for unsigned integers the greatest one minus `x`.
pub(crate) fn not(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    if cx.opset >= 18 {
        return unary(cx, op, Operator::BitwiseNot);
    }
    let value = cx.value(&op.input)?;
    let dtype = cx.dtype(&op.input)?;
    let ones = cx.scalar(dtype, if signed(dtype) { ScalarIr::Int(-1) } else { greatest(dtype) });
    let value = widened(cx, Operator::Sub, &[&ones, &value], dtype, &[]);
    cx.bind(&op.out, value)
}

fn greatest(dtype: DataType) -> ScalarIr {
    ScalarIr::UInt(integer_range(dtype).map_or(0, |(_, most)| most as u64))
}

pub(crate) fn signed(dtype: DataType) -> bool {
    integer_range(dtype).is_some_and(|(least, _)| least < 0)
}
