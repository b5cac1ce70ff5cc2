//! Running sums, products and extremes along an axis.

use burn::backend::ir::{DimOpIr, ScalarIr};

use crate::export::lengths::Lengths;
use crate::export::lower::emit::{
    Context, DataType, Lowered, Operator, along_axis, integer_range, positions, reduced_axes, same,
};

pub(crate) fn cumulative_sum(cx: &mut Context, op: &DimOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let dtype = cx.dtype(&op.input)?;
    let wide = Operator::CumSum.kernel_type(dtype);
    let value = cx.cast(&value, dtype, wide);
    let axis = cx.scalar(DataType::I64, ScalarIr::Int(op.axis as i64));
    let value = cx.node("CumSum", &[&value, &axis], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

/// A running product (`Mul`), minimum (`Min`) or maximum (`Max`).
pub(crate) fn cumulative(cx: &mut Context, op: &DimOpIr, operator: Operator) -> Lowered {
    let dtype = cx.dtype(&op.input)?;
    let wide = if operator == Operator::Mul { Operator::ReduceProd } else { operator }.kernel_type(dtype);
    let given = cx.value(&op.input)?;
    let value = cx.cast(&given, dtype, wide);
    let dims = cx.dims(&op.input);
    let value = match dims[op.axis].fixed() {
        Some(len) => doubled(cx, value, op.axis, len, operator),
        None => masked(cx, &value, &dims, op.axis, operator, wide)?,
    };
    let value = cx.cast(&value, wide, dtype);
    match value == given {
        true => same(cx, &op.out, &value),
        false => cx.bind(&op.out, value),
    }
}

/// Along an axis of fixed length, by doubling: after step `s`, every position covers its `2^s` predecessors.
fn doubled(cx: &mut Context, mut value: String, axis: usize, len: usize, operator: Operator) -> String {
    let mut reach = 1;
    while reach < len {
        let head = cut(cx, &value, axis, 0, reach as i64);
        let late = cut(cx, &value, axis, reach as i64, len as i64);
        let early = cut(cx, &value, axis, 0, (len - reach) as i64);
        let joined = cx.node(operator.name(), &[&late, &early], &[]);
        value = cx.node("Concat", &[&head, &joined], &[along_axis(axis)]);
        reach *= 2;
    }
    value
}

/// Along an axis of dynamic length: every position reduces a copy of the axis in which all later positions are masked.
fn masked(
    cx: &mut Context,
    value: &str,
    dims: &[Lengths],
    axis: usize,
    operator: Operator,
    dtype: DataType,
) -> Lowered<String> {
    let (reduce, neutral) = match (operator, integer_range(dtype)) {
        (Operator::Mul, _) => (Operator::ReduceProd, ScalarIr::Int(1)),
        (Operator::Max, None) => (Operator::ReduceMax, ScalarIr::Float(f64::NEG_INFINITY)),
        (Operator::Max, Some((least, _))) => (Operator::ReduceMax, ScalarIr::Int(least as i64)),
        (_, None) => (Operator::ReduceMin, ScalarIr::Float(f64::INFINITY)),
        (_, Some((_, most))) => (Operator::ReduceMin, ScalarIr::Int(most as i64)),
    };
    if dtype == DataType::U64 {
        return Err("ONNX Runtime has no running products or extremes of u64 along a dynamic axis".into());
    }
    let at = positions(cx, &dims[axis])?;
    // Rows and columns both get a dimension of length 1 for every axis behind the reduced one.
    let behind = (dims.len() - 1 - axis) as i64;
    let (rows, columns): (Vec<i64>, Vec<i64>) = ((1..=behind + 1).collect(), (1..=behind).collect());
    let rows = cx.i64s(&rows);
    let rows = cx.node("Unsqueeze", &[&at, &rows], &[]);
    let columns = match columns.as_slice() {
        [] => at,
        columns => {
            let columns = cx.i64s(columns);
            cx.node("Unsqueeze", &[&at, &columns], &[])
        }
    };
    let before = cx.node("LessOrEqual", &[&columns, &rows], &[]);
    let new_axis = cx.i64s(&[axis as i64]);
    let value = cx.node("Unsqueeze", &[value, &new_axis], &[]);
    let neutral = cx.scalar(dtype, neutral);
    let value = cx.node("Where", &[&before, &value, &neutral], &[]);
    let value = reduced_axes(cx, reduce, &value, &[axis + 1]);
    let old_axis = cx.i64s(&[axis as i64 + 1]);
    Ok(cx.node("Squeeze", &[&value, &old_axis], &[]))
}

/// `value[start..end]` along one axis.
fn cut(cx: &mut Context, value: &str, axis: usize, start: i64, end: i64) -> String {
    let (start, end) = (cx.i64s(&[start]), cx.i64s(&[end]));
    let axis = cx.i64s(&[axis as i64]);
    cx.node("Slice", &[value, &start, &end, &axis], &[])
}
