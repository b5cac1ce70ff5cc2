//! Element types that engines lack kernels for, and numbers that fit a type.

use crate::onnx::{Attribute, DataType};
use burn::backend::ir::ScalarIr;
use burn::backend::{bf16, f16};

use super::context::{Context, Lowered};

/// The element type to run `operator` in on values of `dtype`: their own where ONNX Runtime's CPU kernels take it,
/// else a wider one whose results are the same once they are cut back.
pub(super) fn kernel_type(operator: &str, dtype: DataType) -> DataType {
    let every_integer = matches!(
        operator,
        "Abs"
            | "Sign"
            | "Mod"
            | "BitwiseAnd"
            | "BitwiseOr"
            | "BitwiseXor"
            | "BitwiseNot"
            | "Expand"
            | "Tile"
            | "ScatterElements"
            | "ScatterND"
    );
    match dtype {
        DataType::F32 | DataType::F64 | DataType::I32 | DataType::I64 => dtype,
        DataType::Bf16 => DataType::F32,
        // Burn adds and multiplies half floats up as single ones. Scattering has no reduction of half floats.
        DataType::F16 => match operator {
            "ReduceSum" | "ReduceMean" | "ReduceProd" | "CumSum" | "CumProd" | "ScatterElements" | "ScatterND" => {
                DataType::F32
            }
            _ => dtype,
        },
        DataType::Bool => match operator {
            "Where" => DataType::U8,
            _ => dtype,
        },
        _ if every_integer => dtype,
        DataType::I8 | DataType::I16 | DataType::U8 | DataType::U16 => DataType::I32,
        DataType::U32 => DataType::I64,
        // The bits of an i64 are enough, except where order or division counts.
        DataType::U64 => match operator {
            "Add" | "Sub" | "Mul" | "Neg" | "Equal" | "Where" | "Pad" | "ReduceSum" | "ReduceProd" | "CumSum"
            | "CumProd" => DataType::I64,
            _ => dtype,
        },
        _ => dtype,
    }
}

/// One node on values of one type, which its result has too, run in [`kernel_type`].
pub(super) fn typed(
    cx: &mut Context,
    operator: &'static str,
    inputs: &[&str],
    dtype: DataType,
    attributes: &[(&'static str, Attribute)],
) -> String {
    let wide = kernel_type(operator, dtype);
    let inputs: Vec<String> = inputs.iter().map(|value| cx.cast(value, dtype, wide)).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let value = cx.node(operator, &inputs, attributes);
    cx.cast(&value, wide, dtype)
}

/// A stored number without dimensions: what Burn makes of `value` in `dtype`, held as `wide`.
pub(super) fn scalar(cx: &mut Context, value: ScalarIr, dtype: DataType, wide: DataType) -> String {
    let value = fit(value, dtype, wide);
    cx.scalar(wide, value)
}

/// A number rounded to the half floats or cut to the integers that `dtype` holds, as Burn does it.
pub(super) fn fit(value: ScalarIr, dtype: DataType, wide: DataType) -> ScalarIr {
    let whole = match value {
        ScalarIr::Int(v) => v,
        ScalarIr::UInt(v) => v as i64,
        ScalarIr::Bool(v) => i64::from(v),
        ScalarIr::Float(v) => v as i64,
    };
    match dtype {
        DataType::F32 | DataType::F64 | DataType::Bool => value,
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

/// A bound of a clamp, moved to the end of the integers that `dtype` holds where it lies beyond.
pub(super) fn bound(value: ScalarIr, dtype: DataType, lower: bool) -> Lowered<ScalarIr> {
    let Some((least, most)) = limits(dtype) else {
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
        return Err(format!("the bound {whole} is none that {} can hold", dtype.name()).into());
    }
    Ok(ScalarIr::Int(whole.clamp(least, most) as i64))
}

/// The least and the greatest integer of a type.
pub(super) fn limits(dtype: DataType) -> Option<(i128, i128)> {
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
