//! Sorting, and the largest values of an axis.

use burn::backend::ir::{ReduceDimOpIr, ScalarIr, SortOpIr, SortWithIndicesOpIr, TensorIr, TopKWithIndicesOpIr};

use crate::export::lower::emit::{Context, DataType, Lowered, Operator, filled, int, is_empty};

/// The values of an axis in order, the first `k` or all of them, and their positions. Equal values keep their order.
fn ordered(
    cx: &mut Context,
    input: &TensorIr,
    out: &TensorIr,
    axis: usize,
    k: Option<usize>,
    largest: bool,
) -> Lowered<(String, String)> {
    let dtype = cx.dtype(input)?;
    if is_empty(cx, out) {
        let values = filled(cx, out, dtype, ScalarIr::Int(0))?;
        return Ok((values, filled(cx, out, DataType::I64, ScalarIr::Int(0))?));
    }
    let value = cx.value(input)?;
    let wide = Operator::TopK.kernel_type(dtype);
    let value = cx.cast(&value, dtype, wide);
    let k = match k {
        Some(k) => cx.i64s(&[k as i64]),
        None => {
            let dim = cx.dims(input)[axis].clone();
            cx.size(&dim)?
        }
    };
    let attributes = [("axis", int(axis as i64)), ("largest", int(largest.into())), ("sorted", int(1))];
    let mut outputs = cx.nodes("TopK", &[&value, &k], 2, &attributes);
    let at = outputs.pop().ok_or("TopK has two outputs")?;
    let values = outputs.pop().ok_or("TopK has two outputs")?;
    let values = cx.cast(&values, wide, dtype);
    Ok((values, at))
}

pub(crate) fn top_k(cx: &mut Context, op: &ReduceDimOpIr) -> Lowered {
    let (values, _) = ordered(cx, &op.input, &op.out, op.axis, Some(op.accumulator_len), true)?;
    cx.bind(&op.out, values)
}

pub(crate) fn arg_top_k(cx: &mut Context, op: &ReduceDimOpIr) -> Lowered {
    let (_, at) = ordered(cx, &op.input, &op.out, op.axis, Some(op.accumulator_len), true)?;
    bind_positions(cx, &op.out, &at)
}

pub(crate) fn top_k_with_indices(cx: &mut Context, op: &TopKWithIndicesOpIr) -> Lowered {
    let (values, at) = ordered(cx, &op.tensor, &op.out, op.dim, Some(op.k), true)?;
    cx.bind(&op.out, values)?;
    bind_positions(cx, &op.out_indices, &at)
}

pub(crate) fn sort(cx: &mut Context, op: &SortOpIr) -> Lowered {
    let (values, _) = ordered(cx, &op.input, &op.out, op.dim, None, op.descending)?;
    cx.bind(&op.out, values)
}

pub(crate) fn arg_sort(cx: &mut Context, op: &SortOpIr) -> Lowered {
    let (_, at) = ordered(cx, &op.input, &op.out, op.dim, None, op.descending)?;
    bind_positions(cx, &op.out, &at)
}

pub(crate) fn sort_with_indices(cx: &mut Context, op: &SortWithIndicesOpIr) -> Lowered {
    let (values, at) = ordered(cx, &op.input, &op.out, op.dim, None, op.descending)?;
    cx.bind(&op.out, values)?;
    bind_positions(cx, &op.out_indices, &at)
}

fn bind_positions(cx: &mut Context, out: &TensorIr, at: &str) -> Lowered {
    let dtype = cx.dtype(out)?;
    let at = cx.cast(at, DataType::I64, dtype);
    cx.bind(out, at)
}
