//! Writing elements by index tensors.

use burn::backend::ir::{ScatterNdOpIr, ScatterOpIr, SelectAssignOpIr};
use burn::backend::tensor::IndexingUpdateOp;

use super::index::indices;
use crate::export::lower::emit::{
    Attribute, Context, DataType, Lowered, Operator, along_axis, choose, is_empty, same, text, widened,
};

/// Updates one element for every index along an axis.
pub(crate) fn scatter(cx: &mut Context, op: &ScatterOpIr) -> Lowered {
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

/// Updates whole slices of an axis, at the given indices.
pub(crate) fn select_assign(cx: &mut Context, op: &SelectAssignOpIr) -> Lowered {
    let tensor = cx.value(&op.tensor)?;
    if is_empty(cx, &op.value) {
        return same(cx, &op.out, &tensor);
    }
    let at = indices(cx, &op.indices)?;
    let value = cx.value(&op.value)?;
    let dims = cx.dims(&op.value);
    let one = cx.one();
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

/// `ScatterElements`. Where `alone` says that no element is updated twice, the old elements are read and updated first,
/// and written without a reduction: every engine can do that.
fn elements(
    cx: &mut Context,
    tensor: &str,
    at: &str,
    value: &str,
    dim: usize,
    (update, alone): (IndexingUpdateOp, bool),
    dtype: DataType,
) -> Lowered<String> {
    let axis = along_axis(dim);
    if alone && !matches!(update, IndexingUpdateOp::Assign) {
        let old = cx.node("GatherElements", &[tensor, at], std::slice::from_ref(&axis));
        let new = updated(cx, &old, value, update, dtype)?;
        return Ok(cx.node("ScatterElements", &[tensor, at, &new], &[axis]));
    }
    scattered(cx, Operator::ScatterElements, [tensor, at, value], update, dtype, vec![axis])
}

/// The updated elements. Minimum and maximum are chosen by a comparison, as in Burn, so that NaN is never taken.
fn updated(cx: &mut Context, old: &str, value: &str, update: IndexingUpdateOp, dtype: DataType) -> Lowered<String> {
    let operator = match (update, dtype) {
        (IndexingUpdateOp::Assign, _) => return Ok(value.to_string()),
        (IndexingUpdateOp::Add, DataType::Bool) => Operator::Or,
        (_, DataType::Bool) => return Err("it updates booleans by a product, a minimum or a maximum".into()),
        (IndexingUpdateOp::Add, _) => Operator::Add,
        (IndexingUpdateOp::Mul, _) => Operator::Mul,
        (IndexingUpdateOp::Min, _) => Operator::Less,
        (IndexingUpdateOp::Max, _) => Operator::Greater,
    };
    if matches!(update, IndexingUpdateOp::Add | IndexingUpdateOp::Mul) {
        return Ok(widened(cx, operator, &[old, value], dtype, &[]));
    }
    let wide = operator.kernel_type(dtype);
    let (left, right) = (cx.cast(value, dtype, wide), cx.cast(old, dtype, wide));
    let better = cx.node(operator.name(), &[&left, &right], &[]);
    Ok(choose(cx, &better, value, old, dtype))
}

/// A scattering node, with a reduction unless it assigns.
fn scattered(
    cx: &mut Context,
    operator: Operator,
    [tensor, at, value]: [&str; 3],
    update: IndexingUpdateOp,
    dtype: DataType,
    mut attributes: Vec<(&'static str, Attribute)>,
) -> Lowered<String> {
    let name = match update {
        IndexingUpdateOp::Assign => return Ok(cx.node(operator.name(), &[tensor, at, value], &attributes)),
        IndexingUpdateOp::Add => "add",
        IndexingUpdateOp::Mul => "mul",
        IndexingUpdateOp::Min => "min",
        IndexingUpdateOp::Max => "max",
    };
    if cx.opset < 18 && matches!(update, IndexingUpdateOp::Min | IndexingUpdateOp::Max) {
        return Err("scattering by minimum or maximum needs opset 18 or newer".into());
    }
    let wide = match (dtype, update) {
        // The sum of booleans is their "or": true where the sum of ones and zeros is not 0.
        (DataType::Bool, IndexingUpdateOp::Add) => DataType::I32,
        (DataType::Bool, _) => return Err("it updates booleans by a product, a minimum or a maximum".into()),
        _ => operator.kernel_type(dtype),
    };
    attributes.push(("reduction", text(name)));
    let (tensor, value) = (cx.cast(tensor, dtype, wide), cx.cast(value, dtype, wide));
    let value = cx.node(operator.name(), &[&tensor, at, &value], &attributes);
    Ok(cx.cast(&value, wide, dtype))
}

/// Updates slices at index tuples.
pub(crate) fn scatter_nd(cx: &mut Context, op: &ScatterNdOpIr) -> Lowered {
    let data = cx.value(&op.data)?;
    if is_empty(cx, &op.indices) || is_empty(cx, &op.values) {
        return same(cx, &op.out, &data);
    }
    let at = cx.value(&op.indices)?;
    let dtype = cx.dtype(&op.indices)?;
    let at = cx.cast(&at, dtype, DataType::I64);
    let value = cx.value(&op.values)?;
    let dtype = cx.dtype(&op.data)?;
    let value = scattered(cx, Operator::ScatterND, [&data, &at, &value], op.reduction, dtype, Vec::new())?;
    cx.bind(&op.out, value)
}
