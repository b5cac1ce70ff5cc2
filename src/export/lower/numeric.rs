//! Arithmetic on float and int tensors.

use crate::onnx::{Attribute, DataType};
use burn::backend::ir::{
    BinaryOpIr, ClampOpIr, NumericOperationIr, PadModeIr, PadOpIr, ScalarIr, ScalarOpIr, TensorIr, UnaryOpIr,
};

use super::base::{compare, compare_scalar, filled};
use super::context::{Context, Lowered, int, text};
use super::kernels::{bound, kernel_type, scalar, typed};
use super::{cumulative, order, reduce};

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
        NumericOperationIr::Rem(op) => remainder(cx, op),
        NumericOperationIr::RemScalar(op) => remainder_scalar(cx, op),
        NumericOperationIr::Abs(op) => absolute(cx, op),
        NumericOperationIr::Neg(op) => unary(cx, op, "Neg"),
        NumericOperationIr::Sign(op) => sign(cx, op),
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
        NumericOperationIr::TopK(op) => order::top_k(cx, op),
        NumericOperationIr::ArgTopK(op) => order::arg_top_k(cx, op),
        NumericOperationIr::TopKWithIndices(op) => order::top_k_with_indices(cx, op),
        NumericOperationIr::Sort(op) => order::sort(cx, op),
        NumericOperationIr::ArgSort(op) => order::arg_sort(cx, op),
        NumericOperationIr::SortWithIndices(op) => order::sort_with_indices(cx, op),
        NumericOperationIr::CumSum(op) => cumulative::cumulative_sum(cx, op),
        NumericOperationIr::CumProd(op) => cumulative::cumulative(cx, op, "Mul"),
        NumericOperationIr::CumMin(op) => cumulative::cumulative(cx, op, "Min"),
        NumericOperationIr::CumMax(op) => cumulative::cumulative(cx, op, "Max"),
        NumericOperationIr::Greater(op) => compare(cx, op, "Greater", false),
        NumericOperationIr::GreaterElem(op) => compare_scalar(cx, op, "Greater", false),
        NumericOperationIr::GreaterEqual(op) => compare(cx, op, "GreaterOrEqual", false),
        NumericOperationIr::GreaterEqualElem(op) => compare_scalar(cx, op, "GreaterOrEqual", false),
        NumericOperationIr::Lower(op) => compare(cx, op, "Less", false),
        NumericOperationIr::LowerElem(op) => compare_scalar(cx, op, "Less", false),
        NumericOperationIr::LowerEqual(op) => compare(cx, op, "LessOrEqual", false),
        NumericOperationIr::LowerEqualElem(op) => compare_scalar(cx, op, "LessOrEqual", false),
        NumericOperationIr::Clamp(op) => clamp(cx, op),
        NumericOperationIr::ClampMin(op) => clamp_one(cx, op, true),
        NumericOperationIr::ClampMax(op) => clamp_one(cx, op, false),
        NumericOperationIr::Powi(op) => power(cx, op),
        NumericOperationIr::PowiScalar(op) => power_scalar(cx, op),
        NumericOperationIr::Pad(op) => pad(cx, op),
        NumericOperationIr::IntRandom(_) => Err("random numbers have no repeatable ONNX form".into()),
    }
}

/// Gives a tensor another's value, by a node of its own: two tensors of one value would share one output name.
pub(super) fn same(cx: &mut Context, out: &TensorIr, value: &str) -> Lowered {
    cx.emit(out, "Identity", &[value], &[])
}

/// A node from one tensor to another, run in [`kernel_type`] and cut back where it keeps the element type.
pub(super) fn unary(cx: &mut Context, op: &UnaryOpIr, operator: &'static str) -> Lowered {
    let value = cx.value(&op.input)?;
    let (from, to) = (cx.dtype(&op.input)?, cx.dtype(&op.out)?);
    let wide = kernel_type(operator, from);
    let value = cx.cast(&value, from, wide);
    let value = cx.node(operator, &[&value], &[]);
    let value = if from == to { cx.cast(&value, wide, to) } else { value };
    cx.bind(&op.out, value)
}

pub(super) fn binary(cx: &mut Context, op: &BinaryOpIr, operator: &'static str) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let dtype = cx.dtype(&op.lhs)?;
    let value = typed(cx, operator, &[&lhs, &rhs], dtype, &[]);
    cx.bind(&op.out, value)
}

pub(super) fn with_scalar(cx: &mut Context, op: &ScalarOpIr, operator: &'static str) -> Lowered {
    let value = by_scalar(cx, op, operator, op.rhs)?;
    cx.bind(&op.out, value)
}

fn by_scalar(cx: &mut Context, op: &ScalarOpIr, operator: &'static str, rhs: ScalarIr) -> Lowered<String> {
    let lhs = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    let wide = kernel_type(operator, dtype);
    let lhs = cx.cast(&lhs, dtype, wide);
    let rhs = scalar(cx, rhs, dtype, wide);
    let value = cx.node(operator, &[&lhs, &rhs], &[]);
    Ok(cx.cast(&value, wide, dtype))
}

/// The remainder with the divisor's sign: ONNX's integer `Mod`; of floats, C's `fmod` moved by one divisor where the
/// signs differ, which is exact where `a - b * floor(a / b)` is not.
fn remainder(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let dtype = cx.dtype(&op.out)?;
    if !dtype.is_float() {
        return binary(cx, op, "Mod");
    }
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let wide = kernel_type("Mod", dtype);
    let (lhs, rhs) = (cx.cast(&lhs, dtype, wide), cx.cast(&rhs, dtype, wide));
    let rest = cx.node("Mod", &[&lhs, &rhs], &[("fmod", int(1))]);
    let (sign, side) = (cx.node("Sign", &[&rest], &[]), cx.node("Sign", &[&rhs], &[]));
    let product = cx.node("Mul", &[&sign, &side], &[]);
    let zero = cx.number(wide, 0.0);
    let apart = cx.node("Less", &[&product, &zero], &[]);
    moved(cx, &op.out, &apart, &rest, &rhs, (dtype, wide))
}

fn remainder_scalar(cx: &mut Context, op: &ScalarOpIr) -> Lowered {
    let dtype = cx.dtype(&op.out)?;
    if !dtype.is_float() {
        return with_scalar(cx, op, "Mod");
    }
    let lhs = cx.value(&op.lhs)?;
    let wide = kernel_type("Mod", dtype);
    let lhs = cx.cast(&lhs, dtype, wide);
    let rhs = scalar(cx, op.rhs, dtype, wide);
    let rest = cx.node("Mod", &[&lhs, &rhs], &[("fmod", int(1))]);
    let zero = cx.number(wide, 0.0);
    let other_side = if op.rhs.elem::<f64>() < 0.0 { "Greater" } else { "Less" };
    let apart = cx.node(other_side, &[&rest, &zero], &[]);
    moved(cx, &op.out, &apart, &rest, &rhs, (dtype, wide))
}

fn moved(
    cx: &mut Context,
    out: &TensorIr,
    apart: &str,
    rest: &str,
    by: &str,
    (dtype, wide): (DataType, DataType),
) -> Lowered {
    let other = cx.node("Add", &[rest, by], &[]);
    let value = cx.node("Where", &[apart, &other, rest], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(out, value)
}

fn absolute(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    match cx.dtype(&op.input)? {
        DataType::U64 | DataType::U32 | DataType::U16 | DataType::U8 => {
            let value = cx.value(&op.input)?;
            same(cx, &op.out, &value)
        }
        _ => unary(cx, op, "Abs"),
    }
}

/// The sign, which Burn says is 0 where there is no number.
fn sign(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let dtype = cx.dtype(&op.input)?;
    if !dtype.is_float() {
        return unary(cx, op, "Sign");
    }
    let wide = kernel_type("Sign", dtype);
    let value = cx.value(&op.input)?;
    let value = cx.cast(&value, dtype, wide);
    let sign = cx.node("Sign", &[&value], &[]);
    let nan = cx.node("IsNaN", &[&value], &[]);
    let zero = cx.number(wide, 0.0);
    let sign = cx.node("Where", &[&nan, &zero, &sign], &[]);
    let sign = cx.cast(&sign, wide, dtype);
    cx.bind(&op.out, sign)
}

pub(super) fn full(cx: &mut Context, out: &TensorIr, value: ScalarIr) -> Lowered {
    let dtype = cx.dtype(out)?;
    let filled = filled(cx, out, dtype, value)?;
    cx.bind(out, filled)
}

fn clamp(cx: &mut Context, op: &ClampOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let dtype = cx.dtype(&op.tensor)?;
    let wide = kernel_type("Clip", dtype);
    let (min, max) = (bound(op.min, dtype, true)?, bound(op.max, dtype, false)?);
    let value = cx.cast(&value, dtype, wide);
    let (min, max) = (scalar(cx, min, dtype, wide), scalar(cx, max, dtype, wide));
    let value = cx.node("Clip", &[&value, &min, &max], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

fn clamp_one(cx: &mut Context, op: &ScalarOpIr, lower: bool) -> Lowered {
    let dtype = cx.dtype(&op.lhs)?;
    let bound = bound(op.rhs, dtype, lower)?;
    let value = by_scalar(cx, op, if lower { "Max" } else { "Min" }, bound)?;
    cx.bind(&op.out, value)
}

fn power(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let (base, exponent) = (cx.dtype(&op.lhs)?, cx.dtype(&op.rhs)?);
    if base == DataType::U64 {
        return Err("ONNX has no power of u64".into());
    }
    let rhs = cx.cast(&rhs, exponent, base);
    let value = typed(cx, "Pow", &[&lhs, &rhs], base, &[]);
    cx.bind(&op.out, value)
}

/// Whole powers of integers, and small ones of floats, as products: exact on every engine, signs included.
pub(super) fn power_scalar(cx: &mut Context, op: &ScalarOpIr) -> Lowered {
    let value = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    let exponent = op.rhs.elem::<f64>();
    let wide = kernel_type(if dtype.is_float() { "Pow" } else { "Mul" }, dtype);
    let value = cx.cast(&value, dtype, wide);
    let result = if !dtype.is_float() {
        if exponent < 1.0 {
            return Err(format!("{exponent} is no power of integers").into());
        }
        product(cx, &value, exponent as u64)
    } else if [1.0, 2.0, 3.0].contains(&exponent) {
        product(cx, &value, exponent as u64)
    } else if exponent == 0.5 {
        cx.node("Sqrt", &[&value], &[])
    } else if exponent == -1.0 {
        cx.node("Reciprocal", &[&value], &[])
    } else {
        let exponent = scalar(cx, op.rhs, dtype, wide);
        cx.node("Pow", &[&value, &exponent], &[])
    };
    if result == value && wide == dtype {
        return same(cx, &op.out, &result);
    }
    let result = cx.cast(&result, wide, dtype);
    cx.bind(&op.out, result)
}

/// A value times itself, by squaring; `exponent` is at least 1.
fn product(cx: &mut Context, value: &str, mut exponent: u64) -> String {
    let mut square = value.to_string();
    let mut result: Option<String> = None;
    loop {
        if exponent & 1 == 1 {
            result = Some(match result {
                Some(result) => cx.node("Mul", &[&result, &square], &[]),
                None => square.clone(),
            });
        }
        exponent >>= 1;
        if exponent == 0 {
            return result.unwrap_or(square);
        }
        square = cx.node("Mul", &[&square, &square], &[]);
    }
}

fn pad(cx: &mut Context, op: &PadOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let dtype = cx.dtype(&op.input)?;
    let wide = kernel_type("Pad", dtype);
    let value = cx.cast(&value, dtype, wide);
    let before = op.padding.iter().map(|(before, _)| *before as i64);
    let after = op.padding.iter().map(|(_, after)| *after as i64);
    let pads: Vec<i64> = before.chain(after).collect();
    let pads = cx.i64s(&pads);
    let value = match op.mode {
        PadModeIr::Constant(fill) => {
            let fill = scalar(cx, fill, dtype, wide);
            cx.node("Pad", &[&value, &pads, &fill], &[("mode", text("constant"))])
        }
        PadModeIr::Reflect => cx.node("Pad", &[&value, &pads], &[("mode", text("reflect"))]),
        PadModeIr::Edge => cx.node("Pad", &[&value, &pads], &[("mode", text("edge"))]),
    };
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

/// The axis attribute most operators take.
pub(super) fn axis(axis: usize) -> (&'static str, Attribute) {
    ("axis", int(axis as i64))
}
