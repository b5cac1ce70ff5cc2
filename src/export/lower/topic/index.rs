//! Reading elements by index tensors.

use burn::backend::ir::{EmbeddingOpIr, GatherNdOpIr, GatherOpIr, SelectOpIr, TensorIr};

use crate::export::lower::emit::{Context, DataType, Lowered, along_axis};

/// An index tensor in an element type that ONNX takes for indices.
pub(crate) fn indices(cx: &mut Context, tensor: &TensorIr) -> Lowered<String> {
    let value = cx.value(tensor)?;
    let dtype = cx.dtype(tensor)?;
    let wide = match dtype {
        DataType::I64 | DataType::U64 | DataType::U32 => DataType::I64,
        _ => DataType::I32,
    };
    Ok(cx.cast(&value, dtype, wide))
}

/// The rows of a table at the given indices.
pub(crate) fn embedding(cx: &mut Context, op: &EmbeddingOpIr) -> Lowered {
    let weights = cx.value(&op.weights)?;
    let at = indices(cx, &op.indices)?;
    cx.emit(&op.out, "Gather", &[&weights, &at], &[along_axis(0)])
}

/// Whole slices of an axis, at the given indices.
pub(crate) fn select(cx: &mut Context, op: &SelectOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let at = indices(cx, &op.indices)?;
    cx.emit(&op.out, "Gather", &[&value, &at], &[along_axis(op.dim)])
}

/// One element for every index along an axis.
pub(crate) fn gather(cx: &mut Context, op: &GatherOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let at = indices(cx, &op.indices)?;
    cx.emit(&op.out, "GatherElements", &[&value, &at], &[along_axis(op.dim)])
}

/// Slices at index tuples.
pub(crate) fn gather_nd(cx: &mut Context, op: &GatherNdOpIr) -> Lowered {
    let value = cx.value(&op.data)?;
    let at = cx.value(&op.indices)?;
    let dtype = cx.dtype(&op.indices)?;
    let at = cx.cast(&at, dtype, DataType::I64);
    cx.emit(&op.out, "GatherND", &[&value, &at], &[])
}
