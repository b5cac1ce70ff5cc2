//! Reading and writing by index tensors.

use crate::onnx::{Attribute, DataType};
use burn::backend::TensorData;
use burn::backend::ir::{
    GatherNdOpIr, GatherOpIr, ScalarIr, ScatterNdOpIr, ScatterOpIr, SelectAssignOpIr, SelectOpIr, TensorIr,
};
use burn::backend::tensor::IndexingUpdateOp;

use super::base::{choose, filled};
use super::context::{Context, Lowered, int, text};
use super::kernels::{kernel_type, typed};
use super::numeric::same;
use super::reduce::is_empty;
use crate::export::dims::Dim;

/// An index tensor in a type that ONNX indexes by.
pub(super) fn indices(cx: &mut Context, tensor: &TensorIr) -> Lowered<String> {
    let value = cx.value(tensor)?;
    let dtype = cx.dtype(tensor)?;
    let wide = match dtype {
        DataType::I64 | DataType::U64 | DataType::U32 => DataType::I64,
        _ => DataType::I32,
    };
    Ok(cx.cast(&value, dtype, wide))
}

pub(super) fn select(cx: &mut Context, op: &SelectOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let at = indices(cx, &op.indices)?;
    cx.emit(&op.out, "Gather", &[&value, &at], &[("axis", int(op.dim as i64))])
}

pub(super) fn gather(cx: &mut Context, op: &GatherOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let at = indices(cx, &op.indices)?;
    cx.emit(&op.out, "GatherElements", &[&value, &at], &[("axis", int(op.dim as i64))])
}

pub(super) fn gather_nd(cx: &mut Context, op: &GatherNdOpIr) -> Lowered {
    let value = cx.value(&op.data)?;
    let at = cx.value(&op.indices)?;
    let dtype = cx.dtype(&op.indices)?;
    let at = cx.cast(&at, dtype, DataType::I64);
    cx.emit(&op.out, "GatherND", &[&value, &at], &[])
}

pub(super) fn scatter(cx: &mut Context, op: &ScatterOpIr) -> Lowered {
    let tensor = cx.value(&op.tensor)?;
    if is_empty(cx, &op.indices) {
        return same(cx, &op.out, &tensor);
    }
    let at = indices(cx, &op.indices)?;
    let value = cx.value(&op.value)?;
    let alone = cx.dims(&op.indices)[op.dim].fixed() == Some(1);
    let dtype = cx.dtype(&op.tensor)?;
    let value = elements(cx, &tensor, &at, &value, op.dim, (op.update, alone), dtype)?;
    cx.bind(&op.out, value)
}

pub(super) fn select_assign(cx: &mut Context, op: &SelectAssignOpIr) -> Lowered {
    let tensor = cx.value(&op.tensor)?;
    if is_empty(cx, &op.value) {
        return same(cx, &op.out, &tensor);
    }
    let at = indices(cx, &op.indices)?;
    let value = cx.value(&op.value)?;
    let dims = cx.dims(&op.value);
    let one = Dim(vec![1; cx.traces.operations.len()]);
    let mut column = vec![one; dims.len()];
    column[op.dim].clone_from(&dims[op.dim]);
    let from = cx.dims(&op.indices);
    let at = cx.reshape(&at, &from, &column)?;
    let shape = cx.shape(&dims)?;
    let at = cx.node("Expand", &[&at, &shape], &[]);
    let alone = dims[op.dim].fixed() == Some(1);
    let dtype = cx.dtype(&op.tensor)?;
    let value = elements(cx, &tensor, &at, &value, op.dim, (op.update, alone), dtype)?;
    cx.bind(&op.out, value)
}

/// `ScatterElements`. Where no element can be hit twice the update is done beforehand, which every engine can.
fn elements(
    cx: &mut Context,
    tensor: &str,
    at: &str,
    value: &str,
    dim: usize,
    (update, alone): (IndexingUpdateOp, bool),
    dtype: DataType,
) -> Lowered<String> {
    let axis = ("axis", int(dim as i64));
    if alone && !matches!(update, IndexingUpdateOp::Assign) {
        let old = cx.node("GatherElements", &[tensor, at], std::slice::from_ref(&axis));
        let new = updated(cx, &old, value, update, dtype)?;
        return Ok(cx.node("ScatterElements", &[tensor, at, &new], &[axis]));
    }
    scattered(cx, "ScatterElements", [tensor, at, value], update, dtype, vec![axis])
}

/// One update: the least and the greatest are chosen as Burn does it, which never takes a value that is no number.
fn updated(cx: &mut Context, old: &str, value: &str, update: IndexingUpdateOp, dtype: DataType) -> Lowered<String> {
    let operator = match (update, dtype) {
        (IndexingUpdateOp::Assign, _) => return Ok(value.to_string()),
        (IndexingUpdateOp::Add, DataType::Bool) => "Or",
        (_, DataType::Bool) => return Err("it updates truth values by arithmetic".into()),
        (IndexingUpdateOp::Add, _) => "Add",
        (IndexingUpdateOp::Mul, _) => "Mul",
        (IndexingUpdateOp::Min, _) => "Less",
        (IndexingUpdateOp::Max, _) => "Greater",
    };
    if matches!(update, IndexingUpdateOp::Add | IndexingUpdateOp::Mul) {
        return Ok(typed(cx, operator, &[old, value], dtype, &[]));
    }
    let wide = kernel_type(operator, dtype);
    let (left, right) = (cx.cast(value, dtype, wide), cx.cast(old, dtype, wide));
    let better = cx.node(operator, &[&left, &right], &[]);
    Ok(choose(cx, &better, value, old, dtype))
}

/// A scattering node with its reduction.
fn scattered(
    cx: &mut Context,
    operator: &'static str,
    [tensor, at, value]: [&str; 3],
    update: IndexingUpdateOp,
    dtype: DataType,
    mut attributes: Vec<(&'static str, Attribute)>,
) -> Lowered<String> {
    let name = match update {
        IndexingUpdateOp::Assign => return Ok(cx.node(operator, &[tensor, at, value], &attributes)),
        IndexingUpdateOp::Add => "add",
        IndexingUpdateOp::Mul => "mul",
        IndexingUpdateOp::Min => "min",
        IndexingUpdateOp::Max => "max",
    };
    if cx.opset < 18 && matches!(update, IndexingUpdateOp::Min | IndexingUpdateOp::Max) {
        return Err("scattering by minimum or maximum needs opset 18".into());
    }
    let wide = match (dtype, update) {
        // Added truth values are joined by or: set where the sum is not 0.
        (DataType::Bool, IndexingUpdateOp::Add) => DataType::I32,
        (DataType::Bool, _) => return Err("it updates truth values by arithmetic".into()),
        _ => kernel_type(operator, dtype),
    };
    attributes.push(("reduction", text(name)));
    let (tensor, value) = (cx.cast(tensor, dtype, wide), cx.cast(value, dtype, wide));
    let value = cx.node(operator, &[&tensor, at, &value], &attributes);
    Ok(cx.cast(&value, wide, dtype))
}

pub(super) fn scatter_nd(cx: &mut Context, op: &ScatterNdOpIr) -> Lowered {
    let data = cx.value(&op.data)?;
    if is_empty(cx, &op.indices) || is_empty(cx, &op.values) {
        return same(cx, &op.out, &data);
    }
    let at = cx.value(&op.indices)?;
    let dtype = cx.dtype(&op.indices)?;
    let at = cx.cast(&at, dtype, DataType::I64);
    let value = cx.value(&op.values)?;
    let dtype = cx.dtype(&op.data)?;
    let value = scattered(cx, "ScatterND", [&data, &at, &value], op.reduction, dtype, Vec::new())?;
    cx.bind(&op.out, value)
}

/// The positions along a dimension: 0, 1, 2 and so on.
pub(super) fn positions(cx: &mut Context, dim: &Dim) -> Lowered<String> {
    run(cx, dim, 0, 1)
}

/// The numbers from 0 on, by `step`, that are less than a dimension's length plus `more`.
pub(super) fn run(cx: &mut Context, dim: &Dim, more: i64, step: i64) -> Lowered<String> {
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

/// A constant whose length follows a dynamic axis: a run of evenly spaced integers, or one value throughout.
pub(super) fn varying(cx: &mut Context, out: &TensorIr, versions: &[TensorData]) -> Lowered<String> {
    let dtype = cx.dtype(out)?;
    let dims = cx.dims(out);
    let runs: Vec<Vec<f64>> = versions.iter().map(|data| data.iter::<f64>().collect()).collect();
    let longest = runs.iter().max_by_key(|run| run.len()).cloned().unwrap_or_default();
    let prefix = runs.iter().all(|run| longest.starts_with(run));
    if let Some(first) = longest.first()
        && prefix
        && longest.iter().all(|value| value == first)
    {
        return filled(cx, out, dtype, ScalarIr::Float(*first));
    }
    let long: Vec<usize> = (0..dims.len()).filter(|axis| dims[*axis].fixed() != Some(1)).collect();
    if let (true, [axis], [first, second, ..]) = (prefix && !dtype.is_float(), long.as_slice(), longest.as_slice()) {
        let step = second - first;
        if longest.windows(2).all(|pair| pair[1] - pair[0] == step) {
            let one = Dim(vec![1; cx.traces.operations.len()]);
            let len = cx.size(&dims[*axis])?;
            let none = cx.i64s(&[]);
            let len = cx.node("Reshape", &[&len, &none], &[]);
            let start = cx.number(DataType::I64, *first);
            let by = cx.number(DataType::I64, step);
            let span = cx.node("Mul", &[&len, &by], &[]);
            let end = cx.node("Add", &[&start, &span], &[]);
            let run = cx.node("Range", &[&start, &end, &by], &[]);
            let run = cx.cast(&run, DataType::I64, dtype);
            return match dims.len() {
                1 => Ok(run),
                _ => cx.reshape(&run, &[dims[*axis].clone(), one], &dims),
            };
        }
    }
    Err("a constant's values depend on a dynamic axis, or on an input's values".into())
}
