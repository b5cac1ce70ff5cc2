//! Operations that float, int and bool tensors share.

use burn::backend::ir::{BaseOperationIr, ScalarIr};

use crate::export::lower::emit::{Context, Lowered, Operator, cast, compare, compare_scalar, full};
use crate::export::lower::topic::{index, mask, scatter, shape, slice};

pub(super) fn lower(cx: &mut Context, op: &BaseOperationIr) -> Lowered {
    match op {
        BaseOperationIr::Reshape(op) => shape::reshape(cx, op),
        BaseOperationIr::SwapDims(op) => {
            let mut axes: Vec<usize> = (0..op.input.shape.num_dims()).collect();
            axes.swap(op.dim1, op.dim2);
            shape::permute(cx, &op.input, &op.out, &axes)
        }
        BaseOperationIr::Permute(op) => shape::permute(cx, &op.input, &op.out, &op.axes),
        BaseOperationIr::Expand(op) => shape::expand(cx, op),
        BaseOperationIr::RepeatDim(op) => shape::repeat(cx, op),
        BaseOperationIr::Unfold(op) => shape::unfold(cx, op),
        BaseOperationIr::Cat(op) => shape::cat(cx, op),
        BaseOperationIr::Flip(op) => slice::flip(cx, op),
        BaseOperationIr::Slice(op) => slice::slice(cx, op),
        BaseOperationIr::SliceAssign(op) => slice::assign(cx, op),
        BaseOperationIr::Select(op) => index::select(cx, op),
        BaseOperationIr::Gather(op) => index::gather(cx, op),
        BaseOperationIr::GatherNd(op) => index::gather_nd(cx, op),
        BaseOperationIr::SelectAssign(op) => scatter::select_assign(cx, op),
        BaseOperationIr::Scatter(op) => scatter::scatter(cx, op),
        BaseOperationIr::ScatterNd(op) => scatter::scatter_nd(cx, op),
        BaseOperationIr::MaskWhere(op) => mask::mask_where(cx, op),
        BaseOperationIr::MaskFill(op) => mask::mask_fill(cx, op),
        BaseOperationIr::All(op) => mask::truth(cx, &op.input, &op.out, None, Operator::ReduceMin),
        BaseOperationIr::Any(op) => mask::truth(cx, &op.input, &op.out, None, Operator::ReduceMax),
        BaseOperationIr::AllDim(op) => mask::truth(cx, &op.input, &op.out, Some(op.axis), Operator::ReduceMin),
        BaseOperationIr::AnyDim(op) => mask::truth(cx, &op.input, &op.out, Some(op.axis), Operator::ReduceMax),
        BaseOperationIr::Equal(op) => compare(cx, op, Operator::Equal, false),
        BaseOperationIr::EqualElem(op) => compare_scalar(cx, op, Operator::Equal, false),
        BaseOperationIr::NotEqual(op) => compare(cx, op, Operator::Equal, true),
        BaseOperationIr::NotEqualElem(op) => compare_scalar(cx, op, Operator::Equal, true),
        BaseOperationIr::Cast(op) => cast(cx, &op.input, &op.out),
        BaseOperationIr::Empty(op) | BaseOperationIr::Zeros(op) => full(cx, &op.out, ScalarIr::Int(0)),
        BaseOperationIr::Ones(op) => full(cx, &op.out, ScalarIr::Int(1)),
    }
}
