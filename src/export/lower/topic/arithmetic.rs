//! Arithmetic that is not one operator of ONNX: remainders, signs, bounds, powers.

use burn::backend::ir::{BinaryOpIr, ClampOpIr, ScalarOpIr, TensorIr, UnaryOpIr};

use crate::export::lower::emit::{
    Context, DataType, Lowered, Operator, binary, clamp_bound, computed_with_scalar, int, operand, same, scalar, unary,
    widened, with_scalar,
};

/// The remainder with the sign of the divisor. For integers that is ONNX's `Mod`. For floats it is C's `fmod`, plus the
/// divisor where the signs differ: exact, as `a - b * floor(a / b)` is not.
pub(crate) fn remainder(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let dtype = cx.dtype(&op.out)?;
    if !dtype.is_float() {
        return binary(cx, op, Operator::Mod);
    }
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let wide = Operator::Mod.kernel_type(dtype);
    let (lhs, rhs) = (cx.cast(&lhs, dtype, wide), cx.cast(&rhs, dtype, wide));
    let rest = cx.node("Mod", &[&lhs, &rhs], &[("fmod", int(1))]);
    let (sign, side) = (cx.node("Sign", &[&rest], &[]), cx.node("Sign", &[&rhs], &[]));
    let product = cx.node("Mul", &[&sign, &side], &[]);
    let zero = cx.number(wide, 0.0);
    let apart = cx.node("Less", &[&product, &zero], &[]);
    moved(cx, &op.out, &apart, &rest, &rhs, (dtype, wide))
}

/// [`remainder`] by a number.
pub(crate) fn remainder_scalar(cx: &mut Context, op: &ScalarOpIr) -> Lowered {
    let dtype = cx.dtype(&op.out)?;
    if !dtype.is_float() {
        return with_scalar(cx, op, Operator::Mod);
    }
    let lhs = cx.value(&op.lhs)?;
    let wide = Operator::Mod.kernel_type(dtype);
    let lhs = cx.cast(&lhs, dtype, wide);
    if cx.versions(0).iter().any(|other| (other.elem::<f64>() < 0.0) != (op.rhs.elem::<f64>() < 0.0)) {
        return Err("the sign of what it divides by depends on a dynamic axis".into());
    }
    let rhs = operand(cx, 0, op.rhs, dtype, wide)?;
    let rest = cx.node("Mod", &[&lhs, &rhs], &[("fmod", int(1))]);
    let zero = cx.number(wide, 0.0);
    let other_side = if op.rhs.elem::<f64>() < 0.0 { "Greater" } else { "Less" };
    let apart = cx.node(other_side, &[&rest, &zero], &[]);
    moved(cx, &op.out, &apart, &rest, &rhs, (dtype, wide))
}

/// The remainder, plus the divisor where `apart` says that their signs differ.
fn moved(
    cx: &mut Context,
    out: &TensorIr,
    apart: &str,
    rest: &str,
    by: &str,
    (dtype, wide): (DataType, DataType),
) -> Lowered {
    let other = cx.node("Add", &[rest, by], &[]);
    let value = cx.node("Where", &[apart, &other, rest], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(out, value)
}

/// The absolute value, which is the tensor itself where its integers are unsigned.
pub(crate) fn absolute(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    match cx.dtype(&op.input)? {
        DataType::U64 | DataType::U32 | DataType::U16 | DataType::U8 => {
            let value = cx.value(&op.input)?;
            same(cx, &op.out, &value)
        }
        _ => unary(cx, op, Operator::Abs),
    }
}

/// The sign; 0 for NaN, as in Burn.
pub(crate) fn sign(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let dtype = cx.dtype(&op.input)?;
    if !dtype.is_float() {
        return unary(cx, op, Operator::Sign);
    }
    let wide = Operator::Sign.kernel_type(dtype);
    let value = cx.value(&op.input)?;
    let value = cx.cast(&value, dtype, wide);
    let sign = cx.node("Sign", &[&value], &[]);
    let nan = cx.node("IsNaN", &[&value], &[]);
    let zero = cx.number(wide, 0.0);
    let sign = cx.node("Where", &[&nan, &zero, &sign], &[]);
    let sign = cx.cast(&sign, wide, dtype);
    cx.bind(&op.out, sign)
}

pub(crate) fn clamp(cx: &mut Context, op: &ClampOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let dtype = cx.dtype(&op.tensor)?;
    let wide = Operator::Clip.kernel_type(dtype);
    let (min, max) = (clamp_bound(op.min, dtype, true)?, clamp_bound(op.max, dtype, false)?);
    let value = cx.cast(&value, dtype, wide);
    let (min, max) = (operand(cx, 0, min, dtype, wide)?, operand(cx, 1, max, dtype, wide)?);
    let value = cx.node("Clip", &[&value, &min, &max], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

/// A bound on one side.
pub(crate) fn clamp_one(cx: &mut Context, op: &ScalarOpIr, lower: bool) -> Lowered {
    let dtype = cx.dtype(&op.lhs)?;
    let bound = clamp_bound(op.rhs, dtype, lower)?;
    let value = computed_with_scalar(cx, op, if lower { Operator::Max } else { Operator::Min }, bound)?;
    cx.bind(&op.out, value)
}

pub(crate) fn power(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let (base, exponent) = (cx.dtype(&op.lhs)?, cx.dtype(&op.rhs)?);
    if base == DataType::U64 {
        return Err("ONNX has no power of u64".into());
    }
    let rhs = cx.cast(&rhs, exponent, base);
    let value = widened(cx, Operator::Pow, &[&lhs, &rhs], base, &[]);
    cx.bind(&op.out, value)
}

/// A power with a fixed exponent. Powers of integers, and floats to the power 1, 2 or 3, are products: exact on every
/// engine, with the right sign.
pub(crate) fn power_scalar(cx: &mut Context, op: &ScalarOpIr) -> Lowered {
    let value = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    let exponent = op.rhs.elem::<f64>();
    let wide = if dtype.is_float() { Operator::Pow } else { Operator::Mul }.kernel_type(dtype);
    let value = cx.cast(&value, dtype, wide);
    let result = if !dtype.is_float() {
        if exponent < 1.0 {
            return Err(format!(
                "it raises integers to the power {exponent}, and ONNX has positive powers of integers alone"
            )
            .into());
        }
        product(cx, &value, exponent as u64)
    } else if [1.0, 2.0, 3.0].contains(&exponent) {
        product(cx, &value, exponent as u64)
    } else if exponent == 0.5 {
        cx.node("Sqrt", &[&value], &[])
    } else if exponent == -1.0 {
        cx.node("Reciprocal", &[&value], &[])
    } else {
        let exponent = scalar(cx, op.rhs, dtype, wide);
        cx.node("Pow", &[&value, &exponent], &[])
    };
    if result == value && wide == dtype {
        return same(cx, &op.out, &result);
    }
    let result = cx.cast(&result, wide, dtype);
    cx.bind(&op.out, result)
}

/// A power by repeated squaring; `exponent` is at least 1.
fn product(cx: &mut Context, value: &str, mut exponent: u64) -> String {
    let mut square = value.to_string();
    let mut result: Option<String> = None;
    loop {
        if exponent & 1 == 1 {
            result = Some(match result {
                Some(result) => cx.node("Mul", &[&result, &square], &[]),
                None => square.clone(),
            });
        }
        exponent >>= 1;
        if exponent == 0 {
            return result.unwrap_or(square);
        }
        square = cx.node("Mul", &[&square, &square], &[]);
    }
}
