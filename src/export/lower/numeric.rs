//! Arithmetic on float and int tensors.

use burn::backend::ir::{
    BinaryOpIr, ClampOpIr, NumericOperationIr, PadModeIr, PadOpIr, ScalarIr, ScalarOpIr, TensorIr, UnaryOpIr,
};
use burn::backend::{bf16, f16};

use super::base::{compare, compare_scalar, filled};
use super::context::{Context, Lowered, int, text};
use super::reduce;
use crate::export::constant::DataType;
use crate::export::graph::Attribute;

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
        NumericOperationIr::ClampMin(op) => clamp_one(cx, op, true),
        NumericOperationIr::ClampMax(op) => clamp_one(cx, op, false),
        NumericOperationIr::Powi(op) => power(cx, op),
        NumericOperationIr::PowiScalar(op) => power_scalar(cx, op),
        NumericOperationIr::Pad(op) => pad(cx, op),
        NumericOperationIr::IntRandom(_) => Err("random numbers have no repeatable ONNX form".into()),
    }
}

/// The element type to run `operator` in on values of `dtype`: their own where ONNX Runtime's CPU kernels take it,
/// else a wider one whose results are the same once they are cut back.
pub(super) fn kernel_type(operator: &str, dtype: DataType) -> DataType {
    let every_integer = matches!(
        operator,
        "Abs"
            | "Sign"
            | "Mod"
            | "BitwiseAnd"
            | "BitwiseOr"
            | "BitwiseXor"
            | "BitwiseNot"
            | "Expand"
            | "Tile"
            | "ScatterElements"
            | "ScatterND"
    );
    match dtype {
        DataType::F32 | DataType::F64 | DataType::I32 | DataType::I64 => dtype,
        DataType::Bf16 => DataType::F32,
        // Burn adds and multiplies half floats up as single ones. Scattering has no reduction of half floats.
        DataType::F16 => match operator {
            "ReduceSum" | "ReduceMean" | "ReduceProd" | "CumSum" | "CumProd" | "ScatterElements" | "ScatterND" => {
                DataType::F32
            }
            _ => dtype,
        },
        DataType::Bool => match operator {
            "Where" => DataType::U8,
            _ => dtype,
        },
        _ if every_integer => dtype,
        DataType::I8 | DataType::I16 | DataType::U8 | DataType::U16 => DataType::I32,
        DataType::U32 => DataType::I64,
        // The bits of an i64 are enough, except where order or division counts.
        DataType::U64 => match operator {
            "Add" | "Sub" | "Mul" | "Neg" | "Equal" | "Where" | "Pad" | "ReduceSum" | "ReduceProd" | "CumSum"
            | "CumProd" => DataType::I64,
            _ => dtype,
        },
    }
}

/// One node on values of one type, which its result has too, run in [`kernel_type`].
pub(super) fn typed(
    cx: &mut Context,
    operator: &'static str,
    inputs: &[&str],
    dtype: DataType,
    attributes: &[(&'static str, Attribute)],
) -> String {
    let wide = kernel_type(operator, dtype);
    let inputs: Vec<String> = inputs.iter().map(|value| cx.cast(value, dtype, wide)).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let value = cx.node(operator, &inputs, attributes);
    cx.cast(&value, wide, dtype)
}

/// A stored number without dimensions: what Burn makes of `value` in `dtype`, held as `wide`.
pub(super) fn scalar(cx: &mut Context, value: ScalarIr, dtype: DataType, wide: DataType) -> String {
    let value = fit(value, dtype, wide);
    cx.scalar(wide, value)
}

/// A number rounded to the half floats or cut to the integers that `dtype` holds, as Burn does it.
pub(super) fn fit(value: ScalarIr, dtype: DataType, wide: DataType) -> ScalarIr {
    let whole = match value {
        ScalarIr::Int(v) => v,
        ScalarIr::UInt(v) => v as i64,
        ScalarIr::Bool(v) => i64::from(v),
        ScalarIr::Float(v) => v as i64,
    };
    match dtype {
        DataType::F32 | DataType::F64 | DataType::Bool => value,
        DataType::F16 => ScalarIr::Float(value.elem::<f16>().to_f64()),
        DataType::Bf16 => ScalarIr::Float(value.elem::<bf16>().to_f64()),
        DataType::I64 => ScalarIr::Int(whole),
        DataType::I32 => ScalarIr::Int(i64::from(whole as i32)),
        DataType::I16 => ScalarIr::Int(i64::from(whole as i16)),
        DataType::I8 => ScalarIr::Int(i64::from(whole as i8)),
        DataType::U64 if wide == DataType::U64 => ScalarIr::UInt(whole as u64),
        DataType::U64 => ScalarIr::Int(whole),
        DataType::U32 => ScalarIr::Int(i64::from(whole as u32)),
        DataType::U16 => ScalarIr::Int(i64::from(whole as u16)),
        DataType::U8 => ScalarIr::Int(i64::from(whole as u8)),
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

/// A bound of a clamp, moved to the end of the integers that `dtype` holds where it lies beyond.
fn bound(value: ScalarIr, dtype: DataType, lower: bool) -> Lowered<ScalarIr> {
    let Some((least, most)) = limits(dtype) else {
        return Ok(value);
    };
    let whole = match value {
        ScalarIr::Int(v) => i128::from(v),
        ScalarIr::UInt(v) => i128::from(v),
        ScalarIr::Bool(v) => i128::from(v),
        ScalarIr::Float(v) => v as i128,
    };
    let beyond = if lower { whole > most } else { whole < least };
    if beyond {
        return Err(format!("the bound {whole} is none that {} can hold", dtype.name()).into());
    }
    Ok(ScalarIr::Int(whole.clamp(least, most) as i64))
}

/// The least and the greatest integer of a type.
pub(super) fn limits(dtype: DataType) -> Option<(i128, i128)> {
    Some(match dtype {
        DataType::I64 => (i64::MIN.into(), i64::MAX.into()),
        DataType::I32 => (i32::MIN.into(), i32::MAX.into()),
        DataType::I16 => (i16::MIN.into(), i16::MAX.into()),
        DataType::I8 => (i8::MIN.into(), i8::MAX.into()),
        DataType::U64 => (0, u64::MAX.into()),
        DataType::U32 => (0, u32::MAX.into()),
        DataType::U16 => (0, u16::MAX.into()),
        DataType::U8 => (0, u8::MAX.into()),
        DataType::F32 | DataType::F64 | DataType::F16 | DataType::Bf16 | DataType::Bool => return None,
    })
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
