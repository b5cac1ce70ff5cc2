//! Functions of floats that ONNX lacks, or that its engines lack for f64.

use burn::backend::ir::{BinaryOpIr, UnaryOpIr};

use crate::export::lower::emit::{Context, DataType, Lowered, Operator, unary, wide};

/// `log(1 + x)`, corrected by what was lost when `1 + x` was rounded: exact for small `x`, right at -1 and infinity.
pub(crate) fn log1p(cx: &mut Context, value: &str, dtype: DataType) -> String {
    let (zero, one) = (cx.number(dtype, 0.0), cx.number(dtype, 1.0));
    let greatest = cx.number(dtype, wide::limits(dtype).0);
    let sum = cx.node("Add", &[value, &one], &[]);
    let sum = cx.node("Min", &[&sum, &greatest], &[]);
    let kept = cx.node("Sub", &[&sum, &one], &[]);
    let lost = cx.node("Div", &[value, &kept], &[]);
    let log = cx.node("Log", &[&sum], &[]);
    let log = cx.node("Mul", &[&log, &lost], &[]);
    let tiny = cx.node("Equal", &[&kept, &zero], &[]);
    cx.node("Where", &[&tiny, value, &log], &[])
}

/// [`log1p`] of a tensor.
pub(crate) fn log_of_one_more(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let (value, dtype) = wide::read_whole(cx, &op.input)?;
    let value = log1p(cx, &value, dtype);
    wide::bind(cx, &op.out, &value, dtype)
}

/// Rounds towards zero.
pub(crate) fn truncate(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let (value, dtype) = wide::read(cx, &op.input)?;
    let sign = cx.node("Sign", &[&value], &[]);
    let size = cx.node("Abs", &[&value], &[]);
    let size = cx.node("Floor", &[&size], &[]);
    let value = cx.node("Mul", &[&sign, &size], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// Whether the absolute value equals infinity, a comparison that every engine has.
pub(crate) fn is_infinite(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let (value, dtype) = wide::read(cx, &op.input)?;
    let size = cx.node("Abs", &[&value], &[]);
    let infinity = cx.number(dtype, f64::INFINITY);
    cx.emit(&op.out, "Equal", &[&size, &infinity], &[])
}

/// `sqrt(a^2 + b^2)`, scaled by the larger of the two so that no square overflows.
pub(crate) fn hypot(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (a, dtype) = wide::read_whole(cx, &op.lhs)?;
    let (b, _) = wide::read_whole(cx, &op.rhs)?;
    let a = cx.node("Abs", &[&a], &[]);
    let b = cx.node("Abs", &[&b], &[]);
    let large = cx.node("Max", &[&a, &b], &[]);
    let small = cx.node("Min", &[&a, &b], &[]);
    // The divisor is neither zero nor infinite.
    let (greatest, least) = wide::limits(dtype);
    let (least, greatest) = (cx.number(dtype, least), cx.number(dtype, greatest));
    let divisor = cx.node("Clip", &[&large, &least, &greatest], &[]);
    let ratio = cx.node("Div", &[&small, &divisor], &[]);
    let square = cx.node("Mul", &[&ratio, &ratio], &[]);
    let one = cx.number(dtype, 1.0);
    let sum = cx.node("Add", &[&square, &one], &[]);
    let root = cx.node("Sqrt", &[&sum], &[]);
    let value = cx.node("Mul", &[&large, &root], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// `atan(y / x)`, plus or minus pi where `x` is negative. Zeros have signs here: that of a zero `x` decides whether there
/// is a pi at all, that of `y` whether it is added or subtracted.
pub(crate) fn arc_tan2(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (y, dtype) = wide::read_whole(cx, &op.lhs)?;
    let (x, _) = wide::read_whole(cx, &op.rhs)?;
    let zero = cx.number(dtype, 0.0);
    let greatest = wide::limits(dtype).0;
    // Infinities are bounded, so that the quotient of two infinities is that of their signs.
    let (least, greatest) = (cx.number(dtype, -greatest), cx.number(dtype, greatest));
    let high = cx.node("Clip", &[&y, &least, &greatest], &[]);
    let wide_x = cx.node("Clip", &[&x, &least, &greatest], &[]);
    let ratio = cx.node("Div", &[&high, &wide_x], &[]);
    let angle = cx.node("Atan", &[&ratio], &[]);
    let level = cx.node("Equal", &[&y, &zero], &[]);
    let angle = cx.node("Where", &[&level, &zero, &angle], &[]);
    let left = below_zero(cx, &x, &zero);
    let down = below_zero(cx, &y, &zero);
    let (pi, minus) = (cx.number(dtype, std::f64::consts::PI), cx.number(dtype, -std::f64::consts::PI));
    let turn = cx.node("Where", &[&down, &minus, &pi], &[]);
    let turn = cx.node("Where", &[&left, &turn, &zero], &[]);
    let value = cx.node("Add", &[&angle, &turn], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// Whether a number has a minus sign, which a zero may have too.
fn below_zero(cx: &mut Context, value: &str, zero: &str) -> String {
    let less = cx.node("Less", &[value, zero], &[]);
    let inverse = cx.node("Reciprocal", &[value], &[]);
    let inverse = cx.node("Less", &[&inverse, zero], &[]);
    cx.node("Or", &[&less, &inverse], &[])
}

/// Functions that ONNX Runtime has for f32 alone. For f64 they are composed of functions that it has.
pub(crate) fn composed_in_f64(cx: &mut Context, op: &UnaryOpIr, operator: Operator) -> Lowered {
    if cx.dtype(&op.input)? != DataType::F64 {
        return unary(cx, op, operator);
    }
    let x = cx.value(&op.input)?;
    let value = match operator {
        Operator::Tan => {
            let (sine, cosine) = (cx.node("Sin", &[&x], &[]), cx.node("Cos", &[&x], &[]));
            cx.node("Div", &[&sine, &cosine], &[])
        }
        Operator::Sinh | Operator::Cosh => halves(cx, &x, operator == Operator::Sinh),
        Operator::Asinh => {
            // Of the absolute value, since for large negative numbers the sum would vanish. Then the sign is restored.
            let (sign, size) = (cx.node("Sign", &[&x], &[]), cx.node("Abs", &[&x], &[]));
            let value = area(cx, &size, 1.0);
            cx.node("Mul", &[&sign, &value], &[])
        }
        Operator::Acosh => area(cx, &x, -1.0),
        Operator::Atanh => {
            let one = cx.number(DataType::F64, 1.0);
            let (above, below) = (cx.node("Add", &[&one, &x], &[]), cx.node("Sub", &[&one, &x], &[]));
            let ratio = cx.node("Div", &[&above, &below], &[]);
            let log = cx.node("Log", &[&ratio], &[]);
            let half = cx.number(DataType::F64, 0.5);
            cx.node("Mul", &[&log, &half], &[])
        }
        operator => cx.node(operator.name(), &[&x], &[]),
    };
    cx.bind(&op.out, value)
}

/// `(e^x - e^-x) / 2` or `(e^x + e^-x) / 2`. The division by 2 is done in the exponent, so that nothing overflows
/// before the result does.
fn halves(cx: &mut Context, x: &str, difference: bool) -> String {
    let log = cx.number(DataType::F64, std::f64::consts::LN_2);
    let minus = cx.node("Neg", &[x], &[]);
    let rise = cx.node("Sub", &[x, &log], &[]);
    let fall = cx.node("Sub", &[&minus, &log], &[]);
    let (rise, fall) = (cx.node("Exp", &[&rise], &[]), cx.node("Exp", &[&fall], &[]));
    cx.node(if difference { "Sub" } else { "Add" }, &[&rise, &fall], &[])
}

/// `log(x + sqrt(x^2 + sign))`.
fn area(cx: &mut Context, x: &str, sign: f64) -> String {
    let sign = cx.number(DataType::F64, sign);
    let square = cx.node("Mul", &[x, x], &[]);
    let square = cx.node("Add", &[&square, &sign], &[]);
    let root = cx.node("Sqrt", &[&square], &[]);
    let sum = cx.node("Add", &[x, &root], &[]);
    cx.node("Log", &[&sum], &[])
}
