//! Reading and writing by index tensors.

use burn::backend::TensorData;
use burn::backend::ir::{
    GatherNdOpIr, GatherOpIr, ScalarIr, ScatterNdOpIr, ScatterOpIr, SelectAssignOpIr, SelectOpIr, TensorIr,
};
use burn::backend::tensor::IndexingUpdateOp;

use super::base::filled;
use super::context::{Context, Lowered, int, text};
use crate::export::constant::DataType;
use crate::export::dims::Dim;
use crate::export::graph::Attribute;

/// An index tensor as i64.
pub(super) fn indices(cx: &mut Context, tensor: &TensorIr) -> Lowered<String> {
    let value = cx.value(tensor)?;
    let dtype = cx.dtype(tensor)?;
    match dtype {
        DataType::I32 | DataType::I64 => Ok(value),
        dtype => Ok(cx.cast(&value, dtype, DataType::I64)),
    }
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
    let at = indices(cx, &op.indices)?;
    let value = cx.value(&op.value)?;
    let alone = cx.dims(&op.indices)[op.dim].fixed() == Some(1);
    let dtype = cx.dtype(&op.tensor)?;
    let value = elements(cx, &tensor, &at, &value, op.dim, (op.update, alone), dtype)?;
    cx.bind(&op.out, value)
}

pub(super) fn select_assign(cx: &mut Context, op: &SelectAssignOpIr) -> Lowered {
    let tensor = cx.value(&op.tensor)?;
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
        let operator = match update {
            IndexingUpdateOp::Assign | IndexingUpdateOp::Add => "Add",
            IndexingUpdateOp::Mul => "Mul",
            IndexingUpdateOp::Min => "Min",
            IndexingUpdateOp::Max => "Max",
        };
        let new = match dtype {
            DataType::Bool => return Err("it updates truth values by arithmetic".into()),
            _ => cx.node(operator, &[&old, value], &[]),
        };
        return Ok(cx.node("ScatterElements", &[tensor, at, &new], &[axis]));
    }
    let mut attributes = vec![axis];
    attributes.extend(reduction(cx, update)?);
    Ok(cx.node("ScatterElements", &[tensor, at, value], &attributes))
}

fn reduction(cx: &Context, update: IndexingUpdateOp) -> Lowered<Option<(&'static str, Attribute)>> {
    let name = match update {
        IndexingUpdateOp::Assign => return Ok(None),
        IndexingUpdateOp::Add => "add",
        IndexingUpdateOp::Mul => "mul",
        IndexingUpdateOp::Min => "min",
        IndexingUpdateOp::Max => "max",
    };
    if cx.opset < 18 && matches!(update, IndexingUpdateOp::Min | IndexingUpdateOp::Max) {
        return Err("scattering by minimum or maximum needs opset 18".into());
    }
    Ok(Some(("reduction", text(name))))
}

pub(super) fn scatter_nd(cx: &mut Context, op: &ScatterNdOpIr) -> Lowered {
    let data = cx.value(&op.data)?;
    let at = cx.value(&op.indices)?;
    let dtype = cx.dtype(&op.indices)?;
    let at = cx.cast(&at, dtype, DataType::I64);
    let value = cx.value(&op.values)?;
    let attributes: Vec<_> = reduction(cx, op.reduction)?.into_iter().collect();
    cx.emit(&op.out, "ScatterND", &[&data, &at, &value], &attributes)
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
    Err("a constant's values depend on a dynamic axis".into())
}
