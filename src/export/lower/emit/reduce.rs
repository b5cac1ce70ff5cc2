//! Reductions, in the form that the operator set has for them.

use burn::backend::ir::TensorIr;

use super::attribute::{int, ints};
use super::context::Context;
use super::operator::Operator;

/// Reduces some axes, each of which is kept with length one.
pub(crate) fn reduced_axes(cx: &mut Context, operator: Operator, value: &str, axes: &[usize]) -> String {
    if cx.opset < 18 && operator != Operator::ReduceSum {
        return cx.node(operator.name(), &[value], &[("axes", ints(axes)), ("keepdims", int(1))]);
    }
    let axes: Vec<i64> = axes.iter().map(|axis| *axis as i64).collect();
    let axes = cx.i64s(&axes);
    cx.node(operator.name(), &[value, &axes], &[("keepdims", int(1))])
}

/// Reduces a value of `rank` dimensions to one element with one dimension.
pub(crate) fn reduced_to_one(cx: &mut Context, operator: Operator, value: &str, rank: usize) -> String {
    if rank == 1 {
        return cx.node(operator.name(), &[value], &[("keepdims", int(1))]);
    }
    let value = cx.node(operator.name(), &[value], &[("keepdims", int(0))]);
    let one = cx.i64s(&[1]);
    cx.node("Reshape", &[&value, &one], &[])
}

/// Whether a tensor has no elements, whatever the lengths of dynamic axes.
pub(crate) fn is_empty(cx: &Context, tensor: &TensorIr) -> bool {
    cx.dims(tensor).iter().any(|dim| dim.fixed() == Some(0))
}
