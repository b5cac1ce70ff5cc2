//! Arithmetic on float and int tensors.

use burn::backend::ir::{
    BinaryOpIr, ClampOpIr, NumericOperationIr, PadModeIr, PadOpIr, ScalarIr, ScalarOpIr, TensorIr, UnaryOpIr,
};

use super::base::{compare, compare_scalar, filled};
use super::context::{Context, Lowered, int, text};
use super::reduce;
use crate::export::constant::DataType;

pub(super) fn lower(cx: &mut Context, op: &NumericOperationIr) -> Lowered {
    match op {
        NumericOperationIr::Add(op) => binary(cx, op, "Add"),
        NumericOperationIr::AddScalar(op) => with_scalar(cx, op, "Add"),
        NumericOperationIr::Sub(op) => binary(cx, op, "Sub"),
        NumericOperationIr::SubScalar(op) => with_scalar(cx, op, "Sub"),
        NumericOperationIr::Mul(op) => binary(cx, op, "Mul"),
        NumericOperationIr::MulScalar(op) => with_scalar(cx, op, "Mul"),
        NumericOperationIr::Div(op) => binary(cx, op, "Div"),
        NumericOperationIr::DivScalar(op) => with_scalar(cx, op, "Div"),
        NumericOperationIr::Rem(op) => {
            let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
            remainder(cx, &lhs, &rhs, &op.out)
        }
        NumericOperationIr::RemScalar(op) => {
            let lhs = cx.value(&op.lhs)?;
            let dtype = cx.dtype(&op.lhs)?;
            let rhs = cx.scalar(dtype, op.rhs);
            remainder(cx, &lhs, &rhs, &op.out)
        }
        NumericOperationIr::Abs(op) => unary(cx, op, "Abs"),
        NumericOperationIr::Neg(op) => unary(cx, op, "Neg"),
        NumericOperationIr::Sign(op) => unary(cx, op, "Sign"),
        NumericOperationIr::Full(op) => full(cx, &op.out, op.value),
        NumericOperationIr::MeanDim(op) => reduce::reduce_dim(cx, op, "ReduceMean"),
        NumericOperationIr::Mean(op) => reduce::reduce(cx, op, "ReduceMean"),
        NumericOperationIr::Sum(op) => reduce::reduce(cx, op, "ReduceSum"),
        NumericOperationIr::SumDim(op) => reduce::reduce_dim(cx, op, "ReduceSum"),
        NumericOperationIr::SumDims(op) => reduce::reduce_dims(cx, op, "ReduceSum"),
        NumericOperationIr::Prod(op) => reduce::reduce(cx, op, "ReduceProd"),
        NumericOperationIr::ProdDim(op) => reduce::reduce_dim(cx, op, "ReduceProd"),
        NumericOperationIr::Max(op) => reduce::reduce(cx, op, "ReduceMax"),
        NumericOperationIr::MaxDim(op) => reduce::reduce_dim(cx, op, "ReduceMax"),
        NumericOperationIr::Min(op) => reduce::reduce(cx, op, "ReduceMin"),
        NumericOperationIr::MinDim(op) => reduce::reduce_dim(cx, op, "ReduceMin"),
        NumericOperationIr::MaxAbs(op) => reduce::max_abs(cx, &op.input, &op.out, None),
        NumericOperationIr::MaxAbsDim(op) => reduce::max_abs(cx, &op.input, &op.out, Some(op.axis)),
        NumericOperationIr::MaxDimWithIndices(op) => reduce::with_indices(cx, op, "ReduceMax", "ArgMax"),
        NumericOperationIr::MinDimWithIndices(op) => reduce::with_indices(cx, op, "ReduceMin", "ArgMin"),
        NumericOperationIr::ArgMax(op) => reduce::arg(cx, op, "ArgMax"),
        NumericOperationIr::ArgMin(op) => reduce::arg(cx, op, "ArgMin"),
        NumericOperationIr::TopK(op) => reduce::top_k(cx, op),
        NumericOperationIr::ArgTopK(op) => reduce::arg_top_k(cx, op),
        NumericOperationIr::TopKWithIndices(op) => reduce::top_k_with_indices(cx, op),
        NumericOperationIr::Sort(op) => reduce::sort(cx, op),
        NumericOperationIr::ArgSort(op) => reduce::arg_sort(cx, op),
        NumericOperationIr::SortWithIndices(op) => reduce::sort_with_indices(cx, op),
        NumericOperationIr::CumSum(op) => reduce::cumulative_sum(cx, op),
        NumericOperationIr::CumProd(op) => reduce::cumulative(cx, op, "Mul"),
        NumericOperationIr::CumMin(op) => reduce::cumulative(cx, op, "Min"),
        NumericOperationIr::CumMax(op) => reduce::cumulative(cx, op, "Max"),
        NumericOperationIr::Greater(op) => compare(cx, op, "Greater", false),
        NumericOperationIr::GreaterElem(op) => compare_scalar(cx, op, "Greater", false),
        NumericOperationIr::GreaterEqual(op) => compare(cx, op, "GreaterOrEqual", false),
        NumericOperationIr::GreaterEqualElem(op) => compare_scalar(cx, op, "GreaterOrEqual", false),
        NumericOperationIr::Lower(op) => compare(cx, op, "Less", false),
        NumericOperationIr::LowerElem(op) => compare_scalar(cx, op, "Less", false),
        NumericOperationIr::LowerEqual(op) => compare(cx, op, "LessOrEqual", false),
        NumericOperationIr::LowerEqualElem(op) => compare_scalar(cx, op, "LessOrEqual", false),
        NumericOperationIr::Clamp(op) => clamp(cx, op),
        NumericOperationIr::ClampMin(op) => with_scalar(cx, op, "Max"),
        NumericOperationIr::ClampMax(op) => with_scalar(cx, op, "Min"),
        NumericOperationIr::Powi(op) => power(cx, op),
        NumericOperationIr::PowiScalar(op) => power_scalar(cx, op),
        NumericOperationIr::Pad(op) => pad(cx, op),
        NumericOperationIr::IntRandom(_) => Err("random numbers have no repeatable ONNX form".into()),
    }
}

pub(super) fn unary(cx: &mut Context, op: &UnaryOpIr, operator: &'static str) -> Lowered {
    let value = cx.value(&op.input)?;
    cx.emit(&op.out, operator, &[&value], &[])
}

pub(super) fn binary(cx: &mut Context, op: &BinaryOpIr, operator: &'static str) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    cx.emit(&op.out, operator, &[&lhs, &rhs], &[])
}

pub(super) fn with_scalar(cx: &mut Context, op: &ScalarOpIr, operator: &'static str) -> Lowered {
    let lhs = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    let rhs = cx.scalar(dtype, op.rhs);
    cx.emit(&op.out, operator, &[&lhs, &rhs], &[])
}

/// The remainder with the divisor's sign: ONNX's integer `Mod`, and `a - b * floor(a / b)` for floats.
fn remainder(cx: &mut Context, lhs: &str, rhs: &str, out: &TensorIr) -> Lowered {
    if !cx.dtype(out)?.is_float() {
        return cx.emit(out, "Mod", &[lhs, rhs], &[]);
    }
    let times = cx.node("Div", &[lhs, rhs], &[]);
    let times = cx.node("Floor", &[&times], &[]);
    let whole = cx.node("Mul", &[&times, rhs], &[]);
    cx.emit(out, "Sub", &[lhs, &whole], &[])
}

pub(super) fn full(cx: &mut Context, out: &TensorIr, value: ScalarIr) -> Lowered {
    let dtype = cx.dtype(out)?;
    let filled = match dtype {
        // ConstantOfShape has no brain floats before opset 20.
        DataType::Bf16 => {
            let wide = filled(cx, out, DataType::F32, value)?;
            cx.cast(&wide, DataType::F32, dtype)
        }
        dtype => filled(cx, out, dtype, value)?,
    };
    cx.bind(out, filled)
}

fn clamp(cx: &mut Context, op: &ClampOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let dtype = cx.dtype(&op.tensor)?;
    let (min, max) = (cx.scalar(dtype, op.min), cx.scalar(dtype, op.max));
    cx.emit(&op.out, "Clip", &[&value, &min, &max], &[])
}

fn power(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let (base, exponent) = (cx.dtype(&op.lhs)?, cx.dtype(&op.rhs)?);
    let rhs = cx.cast(&rhs, exponent, base);
    cx.emit(&op.out, "Pow", &[&lhs, &rhs], &[])
}

/// Small whole powers as products: exact on every engine, signs included.
pub(super) fn power_scalar(cx: &mut Context, op: &ScalarOpIr) -> Lowered {
    let value = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    let exponent = op.rhs.elem::<f64>();
    let result = match exponent {
        1.0 => value,
        2.0 => cx.node("Mul", &[&value, &value], &[]),
        3.0 => {
            let square = cx.node("Mul", &[&value, &value], &[]);
            cx.node("Mul", &[&square, &value], &[])
        }
        0.5 if dtype.is_float() => cx.node("Sqrt", &[&value], &[]),
        -1.0 if dtype.is_float() => cx.node("Reciprocal", &[&value], &[]),
        _ => {
            let exponent = cx.scalar(dtype, op.rhs);
            cx.node("Pow", &[&value, &exponent], &[])
        }
    };
    cx.bind(&op.out, result)
}

fn pad(cx: &mut Context, op: &PadOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let dtype = cx.dtype(&op.input)?;
    let before = op.padding.iter().map(|(before, _)| *before as i64);
    let after = op.padding.iter().map(|(_, after)| *after as i64);
    let pads: Vec<i64> = before.chain(after).collect();
    let pads = cx.i64s(&pads);
    match op.mode {
        PadModeIr::Constant(fill) => {
            let fill = cx.scalar(dtype, fill);
            cx.emit(&op.out, "Pad", &[&value, &pads, &fill], &[("mode", text("constant"))])
        }
        PadModeIr::Reflect => cx.emit(&op.out, "Pad", &[&value, &pads], &[("mode", text("reflect"))]),
        PadModeIr::Edge => cx.emit(&op.out, "Pad", &[&value, &pads], &[("mode", text("edge"))]),
    }
}

/// The axis attribute most operators take.
pub(super) fn axis(axis: usize) -> (&'static str, crate::export::graph::Attribute) {
    ("axis", int(axis as i64))
}
