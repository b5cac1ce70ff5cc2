//! Shifts of integers. ONNX shifts unsigned integers alone, so signed ones are multiplied and divided by powers of two.

use burn::backend::ir::{BinaryOpIr, ScalarIr, ScalarOpIr};

use super::bits::{floor_divided, signed};
use crate::export::constant;
use crate::export::lower::emit::{Context, DataType, Lowered, along_axis, fitted, scalar, text};

/// How many bits a type has. Burn shifts by the amount modulo this number.
fn width(dtype: DataType) -> i64 {
    dtype.bits() as i64
}

/// The type to shift values of `dtype` in: one that engines have kernels for.
fn shift_type(dtype: DataType) -> DataType {
    match dtype {
        DataType::I8 | DataType::I16 => DataType::I32,
        DataType::U16 => DataType::U32,
        dtype => dtype,
    }
}

/// Shifts by one number.
pub(crate) fn shift_scalar(cx: &mut Context, op: &ScalarOpIr, left: bool) -> Lowered {
    let dtype = cx.dtype(&op.lhs)?;
    let by = match fitted(op.rhs, DataType::I64, DataType::I64) {
        ScalarIr::Int(by) => by.rem_euclid(width(dtype)),
        ScalarIr::Float(_) | ScalarIr::UInt(_) | ScalarIr::Bool(_) => {
            return Err("the number of bits that it shifts by is not an integer".into());
        }
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
        // The power of two would be negative. Such a shift leaves the sign alone.
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

/// Shifts each element by an amount of its own. Powers of two are looked up in a table, so that they are exact.
pub(crate) fn shift(cx: &mut Context, op: &BinaryOpIr, left: bool) -> Lowered {
    let dtype = cx.dtype(&op.lhs)?;
    let (value, by) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let wide = shift_type(dtype);
    let (value, by) = (cx.cast(&value, dtype, wide), cx.cast(&by, dtype, wide));
    let bits = width(dtype);
    let round = cx.scalar(wide, ScalarIr::Int(bits));
    // The remainder has the sign of the divisor, so a negative amount becomes a positive one with the same low bits.
    let by = cx.node("Mod", &[&by, &round], &[]);
    let value = if !signed(dtype) {
        bit_shift(cx, &value, &by, left)
    } else if left {
        let power = looked_up(cx, &by, wide, (0..bits).map(|n| 1 << n));
        cx.node("Mul", &[&value, &power], &[])
    } else {
        // The greatest power of two is negative in its own type, so the division by it is done in two steps.
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

/// The entries of a table of i64s or i32s at the given positions.
fn looked_up(cx: &mut Context, at: &str, dtype: DataType, table: impl Iterator<Item = i64>) -> String {
    let table: Vec<i64> = table.collect();
    let table = match dtype {
        DataType::I32 => constant::of(dtype, &[table.len()], table.iter().flat_map(|n| (*n as i32).to_le_bytes())),
        _ => constant::i64s(&table),
    };
    let table = cx.constant(table);
    cx.node("Gather", &[&table, at], &[along_axis(0)])
}
