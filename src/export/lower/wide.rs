//! Element types that engines compute in. Brain floats have next to no kernels; half floats have them, but what takes
//! several nodes would round after each of them, where Burn rounds once.

use crate::export::constant;
use crate::onnx::DataType;
use burn::backend::ir::TensorIr;

use super::context::{Context, Lowered};

/// A tensor's value and element type, brain floats as f32.
pub(super) fn read(cx: &mut Context, tensor: &TensorIr) -> Lowered<(String, DataType)> {
    let (value, dtype) = (cx.value(tensor)?, cx.dtype(tensor)?);
    let wide = if dtype == DataType::Bf16 { DataType::F32 } else { dtype };
    Ok((cx.cast(&value, dtype, wide), wide))
}

/// [`read`], with half floats as f32 too.
pub(super) fn read_whole(cx: &mut Context, tensor: &TensorIr) -> Lowered<(String, DataType)> {
    let (value, dtype) = (cx.value(tensor)?, cx.dtype(tensor)?);
    let wide = match dtype {
        DataType::F16 | DataType::Bf16 => DataType::F32,
        dtype => dtype,
    };
    Ok((cx.cast(&value, dtype, wide), wide))
}

/// Binds a result of type `from`, cut back to the tensor's own type.
pub(super) fn bind(cx: &mut Context, out: &TensorIr, value: &str, from: DataType) -> Lowered {
    let to = cx.dtype(out)?;
    let value = cx.cast(value, from, to);
    cx.bind(out, value)
}

/// Stored floats of a type.
pub(super) fn floats(cx: &mut Context, dtype: DataType, dims: &[usize], values: &[f64]) -> String {
    if dtype == DataType::F64 {
        return cx.constant(constant::of(dtype, dims, values.iter().flat_map(|value| value.to_le_bytes())));
    }
    let values: Vec<f32> = values.iter().map(|value| *value as f32).collect();
    let value = cx.constant(constant::f32s(dims, &values));
    cx.cast(&value, DataType::F32, dtype)
}

/// The greatest finite number of a type, and its least positive one with full precision.
pub(super) fn limits(dtype: DataType) -> (f64, f64) {
    match dtype {
        DataType::F64 => (f64::MAX, f64::MIN_POSITIVE),
        DataType::F16 => (65504.0, 6.103_515_625e-5),
        _ => (f64::from(f32::MAX), f64::from(f32::MIN_POSITIVE)),
    }
}
