//! Operations that float and int tensors share.

use burn::backend::ir::NumericOperationIr;

use crate::export::lower::emit::{
    Context, Lowered, Operator, binary, compare, compare_scalar, full, unary, with_scalar,
};
use crate::export::lower::topic::{arithmetic, cumulative, order, pad, reduce};

pub(super) fn lower(cx: &mut Context, op: &NumericOperationIr) -> Lowered {
    match op {
        NumericOperationIr::Add(op) => binary(cx, op, Operator::Add),
        NumericOperationIr::AddScalar(op) => with_scalar(cx, op, Operator::Add),
        NumericOperationIr::Sub(op) => binary(cx, op, Operator::Sub),
        NumericOperationIr::SubScalar(op) => with_scalar(cx, op, Operator::Sub),
        NumericOperationIr::Mul(op) => binary(cx, op, Operator::Mul),
        NumericOperationIr::MulScalar(op) => with_scalar(cx, op, Operator::Mul),
        NumericOperationIr::Div(op) => binary(cx, op, Operator::Div),
        NumericOperationIr::DivScalar(op) => with_scalar(cx, op, Operator::Div),
        NumericOperationIr::Rem(op) => arithmetic::remainder(cx, op),
        NumericOperationIr::RemScalar(op) => arithmetic::remainder_scalar(cx, op),
        NumericOperationIr::Abs(op) => arithmetic::absolute(cx, op),
        NumericOperationIr::Neg(op) => unary(cx, op, Operator::Neg),
        NumericOperationIr::Sign(op) => arithmetic::sign(cx, op),
        NumericOperationIr::Full(op) => full(cx, &op.out, op.value),
        NumericOperationIr::MeanDim(op) => reduce::reduce_dim(cx, op, Operator::ReduceMean),
        NumericOperationIr::Mean(op) => reduce::reduce(cx, op, Operator::ReduceMean),
        NumericOperationIr::Sum(op) => reduce::reduce(cx, op, Operator::ReduceSum),
        NumericOperationIr::SumDim(op) => reduce::reduce_dim(cx, op, Operator::ReduceSum),
        NumericOperationIr::SumDims(op) => reduce::reduce_dims(cx, op, Operator::ReduceSum),
        NumericOperationIr::Prod(op) => reduce::reduce(cx, op, Operator::ReduceProd),
        NumericOperationIr::ProdDim(op) => reduce::reduce_dim(cx, op, Operator::ReduceProd),
        NumericOperationIr::Max(op) => reduce::reduce(cx, op, Operator::ReduceMax),
        NumericOperationIr::MaxDim(op) => reduce::reduce_dim(cx, op, Operator::ReduceMax),
        NumericOperationIr::Min(op) => reduce::reduce(cx, op, Operator::ReduceMin),
        NumericOperationIr::MinDim(op) => reduce::reduce_dim(cx, op, Operator::ReduceMin),
        NumericOperationIr::MaxAbs(op) => reduce::max_abs(cx, &op.input, &op.out, None),
        NumericOperationIr::MaxAbsDim(op) => reduce::max_abs(cx, &op.input, &op.out, Some(op.axis)),
        NumericOperationIr::MaxDimWithIndices(op) => {
            reduce::with_indices(cx, op, Operator::ReduceMax, Operator::ArgMax)
        }
        NumericOperationIr::MinDimWithIndices(op) => {
            reduce::with_indices(cx, op, Operator::ReduceMin, Operator::ArgMin)
        }
        NumericOperationIr::ArgMax(op) => reduce::arg(cx, op, Operator::ArgMax),
        NumericOperationIr::ArgMin(op) => reduce::arg(cx, op, Operator::ArgMin),
        NumericOperationIr::TopK(op) => order::top_k(cx, op),
        NumericOperationIr::ArgTopK(op) => order::arg_top_k(cx, op),
        NumericOperationIr::TopKWithIndices(op) => order::top_k_with_indices(cx, op),
        NumericOperationIr::Sort(op) => order::sort(cx, op),
        NumericOperationIr::ArgSort(op) => order::arg_sort(cx, op),
        NumericOperationIr::SortWithIndices(op) => order::sort_with_indices(cx, op),
        NumericOperationIr::CumSum(op) => cumulative::cumulative_sum(cx, op),
        NumericOperationIr::CumProd(op) => cumulative::cumulative(cx, op, Operator::Mul),
        NumericOperationIr::CumMin(op) => cumulative::cumulative(cx, op, Operator::Min),
        NumericOperationIr::CumMax(op) => cumulative::cumulative(cx, op, Operator::Max),
        NumericOperationIr::Greater(op) => compare(cx, op, Operator::Greater, false),
        NumericOperationIr::GreaterElem(op) => compare_scalar(cx, op, Operator::Greater, false),
        NumericOperationIr::GreaterEqual(op) => compare(cx, op, Operator::GreaterOrEqual, false),
        NumericOperationIr::GreaterEqualElem(op) => compare_scalar(cx, op, Operator::GreaterOrEqual, false),
        NumericOperationIr::Lower(op) => compare(cx, op, Operator::Less, false),
        NumericOperationIr::LowerElem(op) => compare_scalar(cx, op, Operator::Less, false),
        NumericOperationIr::LowerEqual(op) => compare(cx, op, Operator::LessOrEqual, false),
        NumericOperationIr::LowerEqualElem(op) => compare_scalar(cx, op, Operator::LessOrEqual, false),
        NumericOperationIr::Clamp(op) => arithmetic::clamp(cx, op),
        NumericOperationIr::ClampMin(op) => arithmetic::clamp_one(cx, op, true),
        NumericOperationIr::ClampMax(op) => arithmetic::clamp_one(cx, op, false),
        NumericOperationIr::Powi(op) => arithmetic::power(cx, op),
        NumericOperationIr::PowiScalar(op) => arithmetic::power_scalar(cx, op),
        NumericOperationIr::Pad(op) => pad::pad(cx, op),
        NumericOperationIr::IntRandom(_) => Err("random numbers have no repeatable ONNX form".into()),
    }
}
