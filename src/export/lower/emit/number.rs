//! Numbers as an element type holds them.

use burn::backend::ir::ScalarIr;
use burn::backend::{bf16, f16};

use super::context::{Context, Lowered};
use crate::export::fit::{Function, in_doubt};
use crate::export::settings::whole;
use crate::onnx::DataType;

/// Stores a number without dimensions: what Burn makes of `value` in `dtype`, held as `wide`.
pub(crate) fn scalar(cx: &mut Context, value: ScalarIr, dtype: DataType, wide: DataType) -> String {
    let value = fitted(value, dtype, wide);
    cx.scalar(wide, value)
}

/// One of the numbers among the operation's settings as a value without dimensions, held as `wide`: stored, or computed
/// where it follows a dynamic axis. `value` is what is stored.
pub(crate) fn operand(
    cx: &mut Context,
    slot: usize,
    value: ScalarIr,
    dtype: DataType,
    wide: DataType,
) -> Lowered<String> {
    let versions = cx.versions(slot);
    if versions.iter().all(|version| *version == versions[0]) {
        return Ok(scalar(cx, value, dtype, wide));
    }
    cx.compared.insert(slot);
    let value = following(cx, &versions, dtype)?;
    Ok(cx.cast(&value, dtype, wide))
}

/// A number that follows a dynamic axis, given with its value in every trace, as a value without dimensions.
pub(crate) fn following(cx: &mut Context, versions: &[ScalarIr], dtype: DataType) -> Lowered<String> {
    if let Some(versions) = versions.iter().map(|version| whole(*version)).collect::<Option<Vec<i64>>>() {
        let number = cx.whole(&versions)?;
        let number = cx.without_dims(&number);
        return Ok(cx.cast(&number, DataType::I64, dtype));
    }
    let versions: Vec<f64> = versions.iter().map(|version| version.elem::<f64>()).collect();
    let number =
        match cx.traces.formulas.of_number(&versions) {
            Ok(Some(number)) if dtype.is_float() => number,
            Ok(_) => return Err(
                "a number among its settings follows a dynamic axis by no formula that is known, or an input's values"
                    .into(),
            ),
            Err(doubt) => return Err(in_doubt(&doubt).into()),
        };
    let exact = if dtype == DataType::F64 { dtype } else { DataType::F32 };
    let of = cx.computed(&number.of)?;
    let of = cx.without_dims(&of);
    let of = cx.cast(&of, DataType::I64, exact);
    let scale = cx.number(exact, number.scale);
    let mut result = match number.function {
        Function::Same => cx.node("Mul", &[&of, &scale], &[]),
        Function::Reciprocal => cx.node("Div", &[&scale, &of], &[]),
        Function::Root => {
            let root = cx.node("Sqrt", &[&of], &[]);
            cx.node("Mul", &[&root, &scale], &[])
        }
        Function::ReciprocalRoot => {
            let root = cx.node("Sqrt", &[&of], &[]);
            cx.node("Div", &[&scale, &root], &[])
        }
        Function::Logarithm => {
            let logarithm = cx.node("Log", &[&of], &[]);
            cx.node("Mul", &[&logarithm, &scale], &[])
        }
    };
    if number.offset != 0.0 {
        let offset = cx.number(exact, number.offset);
        result = cx.node("Add", &[&result, &offset], &[]);
    }
    Ok(cx.cast(&result, exact, dtype))
}

/// A number as Burn converts it to `dtype`, rounded or truncated, for storage as `wide`.
pub(crate) fn fitted(value: ScalarIr, dtype: DataType, wide: DataType) -> ScalarIr {
    let whole = match value {
        ScalarIr::Int(v) => v,
        ScalarIr::UInt(v) => v as i64,
        ScalarIr::Bool(v) => i64::from(v),
        ScalarIr::Float(v) => v as i64,
    };
    match dtype {
        DataType::F16 => ScalarIr::Float(value.elem::<f16>().to_f64()),
        DataType::Bf16 => ScalarIr::Float(value.elem::<bf16>().to_f64()),
        DataType::I64 => ScalarIr::Int(whole),
        DataType::I32 => ScalarIr::Int(i64::from(whole as i32)),
        DataType::I16 => ScalarIr::Int(i64::from(whole as i16)),
        DataType::I8 => ScalarIr::Int(i64::from(whole as i8)),
        DataType::U64 if wide == DataType::U64 => ScalarIr::UInt(whole as u64),
        DataType::U64 => ScalarIr::Int(whole),
        DataType::U32 => ScalarIr::Int(i64::from(whole as u32)),
        DataType::U16 => ScalarIr::Int(i64::from(whole as u16)),
        DataType::U8 => ScalarIr::Int(i64::from(whole as u8)),
        _ => value,
    }
}

/// A bound of a clamp. One that lies beyond the integers of `dtype` on its own side is moved to the nearest of them.
pub(crate) fn clamp_bound(value: ScalarIr, dtype: DataType, lower: bool) -> Lowered<ScalarIr> {
    let Some((least, most)) = integer_range(dtype) else {
        return Ok(value);
    };
    let whole = match value {
        ScalarIr::Int(v) => i128::from(v),
        ScalarIr::UInt(v) => i128::from(v),
        ScalarIr::Bool(v) => i128::from(v),
        ScalarIr::Float(v) => v as i128,
    };
    let beyond = if lower { whole > most } else { whole < least };
    if beyond {
        return Err(format!("it clamps to {whole}, which {} cannot hold", dtype.name()).into());
    }
    Ok(ScalarIr::Int(whole.clamp(least, most) as i64))
}

/// The least and the greatest integer of a type; nothing for floats and booleans.
pub(crate) fn integer_range(dtype: DataType) -> Option<(i128, i128)> {
    Some(match dtype {
        DataType::I64 => (i64::MIN.into(), i64::MAX.into()),
        DataType::I32 => (i32::MIN.into(), i32::MAX.into()),
        DataType::I16 => (i16::MIN.into(), i16::MAX.into()),
        DataType::I8 => (i8::MIN.into(), i8::MAX.into()),
        DataType::U64 => (0, u64::MAX.into()),
        DataType::U32 => (0, u32::MAX.into()),
        DataType::U16 => (0, u16::MAX.into()),
        DataType::U8 => (0, u8::MAX.into()),
        _ => return None,
    })
}
