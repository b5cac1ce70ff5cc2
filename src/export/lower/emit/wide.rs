//! Floats in a type that engines compute in. They have next to no kernels for bf16. For f16 they have kernels, but an
//! operation of several nodes would round after each of them, where Burn rounds once.

use burn::backend::ir::TensorIr;

use super::context::{Context, Lowered};
use crate::export::constant;
use crate::onnx::DataType;

/// A tensor's value and element type, with bf16 cast to f32.
pub(crate) fn read(cx: &mut Context, tensor: &TensorIr) -> Lowered<(String, DataType)> {
    let (value, dtype) = (cx.value(tensor)?, cx.dtype(tensor)?);
    let wide = if dtype == DataType::Bf16 { DataType::F32 } else { dtype };
    Ok((cx.cast(&value, dtype, wide), wide))
}

/// [`read`], with f16 cast to f32 too.
pub(crate) fn read_whole(cx: &mut Context, tensor: &TensorIr) -> Lowered<(String, DataType)> {
    let (value, dtype) = (cx.value(tensor)?, cx.dtype(tensor)?);
    let wide = match dtype {
        DataType::F16 | DataType::Bf16 => DataType::F32,
        dtype => dtype,
    };
    Ok((cx.cast(&value, dtype, wide), wide))
}

/// Binds a result of type `from`, cast back to the tensor's own type.
pub(crate) fn bind(cx: &mut Context, out: &TensorIr, value: &str, from: DataType) -> Lowered {
    let to = cx.dtype(out)?;
    let value = cx.cast(value, from, to);
    cx.bind(out, value)
}

/// Stores floats of a type.
pub(crate) fn floats(cx: &mut Context, dtype: DataType, dims: &[usize], values: &[f64]) -> String {
    if dtype == DataType::F64 {
        return cx.constant(constant::of(dtype, dims, values.iter().flat_map(|value| value.to_le_bytes())));
    }
    let values: Vec<f32> = values.iter().map(|value| *value as f32).collect();
    let value = cx.constant(constant::f32s(dims, &values));
    cx.cast(&value, DataType::F32, dtype)
}

/// The greatest finite number of a type, and its least positive normal one.
pub(crate) fn limits(dtype: DataType) -> (f64, f64) {
    match dtype {
        DataType::F64 => (f64::MAX, f64::MIN_POSITIVE),
        DataType::F16 => (65504.0, 6.103_515_625e-5),
        _ => (f64::from(f32::MAX), f64::from(f32::MIN_POSITIVE)),
    }
}
