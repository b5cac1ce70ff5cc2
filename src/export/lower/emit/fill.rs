//! Tensors that hold one number throughout.

use burn::backend::ir::{ScalarIr, TensorIr};

use super::context::{Context, Lowered};
use super::number::{fitted, operand};
use super::operator::Operator;
use crate::export::constant;
use crate::onnx::{Attribute, DataType};

/// Fills `out` with a number.
pub(crate) fn full(cx: &mut Context, out: &TensorIr, value: ScalarIr) -> Lowered {
    let dtype = cx.dtype(out)?;
    let filled = match cx.versions(0) {
        // A number that follows a dynamic axis.
        versions if versions.iter().any(|version| *version != versions[0]) => {
            let dims = cx.dims(out);
            let shape = cx.shape(&dims)?;
            let wide = Operator::Expand.kernel_type(dtype);
            let value = operand(cx, 0, value, dtype, wide)?;
            let filled = cx.node("Expand", &[&value, &shape], &[]);
            cx.cast(&filled, wide, dtype)
        }
        _ => filled(cx, out, dtype, value)?,
    };
    cx.bind(out, filled)
}

/// A value of the shape of `out` that holds one number throughout.
pub(crate) fn filled(cx: &mut Context, out: &TensorIr, dtype: DataType, value: ScalarIr) -> Lowered<String> {
    let dims = cx.dims(out);
    let shape = cx.shape(&dims)?;
    // ConstantOfShape takes no bf16 before opset 20.
    let wide = if dtype == DataType::Bf16 { DataType::F32 } else { dtype };
    let value = Attribute::Tensor(constant::single(wide, fitted(value, dtype, wide)));
    let filled = cx.node("ConstantOfShape", &[&shape], &[("value", value)]);
    Ok(cx.cast(&filled, wide, dtype))
}
