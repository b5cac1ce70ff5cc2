//! Positions along an axis, counted at run time.

use burn::backend::ir::ScalarIr;

use super::context::{Context, Lowered};
use crate::export::lengths::Lengths;
use crate::onnx::DataType;

/// The positions along a dimension: 0, 1, 2 and so on.
pub(crate) fn positions(cx: &mut Context, dim: &Lengths) -> Lowered<String> {
    count_up(cx, dim, 0, 1)
}

/// The numbers 0, `step`, `2 * step` and so on that are less than a dimension's length plus `more`.
pub(crate) fn count_up(cx: &mut Context, dim: &Lengths, more: i64, step: i64) -> Lowered<String> {
    let len = cx.size(dim)?;
    let none = cx.i64s(&[]);
    let mut end = cx.node("Reshape", &[&len, &none], &[]);
    if more != 0 {
        let more = cx.scalar(DataType::I64, ScalarIr::Int(more));
        end = cx.node("Add", &[&end, &more], &[]);
    }
    let start = cx.scalar(DataType::I64, ScalarIr::Int(0));
    let step = cx.scalar(DataType::I64, ScalarIr::Int(step));
    Ok(cx.node("Range", &[&start, &end, &step], &[]))
}
