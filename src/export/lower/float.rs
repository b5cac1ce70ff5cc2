//! Operations on floats alone.

use burn::backend::ir::{
    BinaryOpIr, CrossOpIr, FloatOperationIr, GridSample2dOpIr, GridSamplePaddingModeIr, InterpolateModeIr, ScalarIr,
    TensorIr, UnaryOpIr,
};

use super::base::cast;
use super::context::{Context, Lowered, int, text};
use super::numeric::{binary, power_scalar, unary};
use crate::export::constant::DataType;

pub(super) fn lower(cx: &mut Context, op: &FloatOperationIr) -> Lowered {
    match op {
        FloatOperationIr::Exp(op) => unary(cx, op, "Exp"),
        FloatOperationIr::Log(op) => unary(cx, op, "Log"),
        FloatOperationIr::Log1p(op) => {
            let (value, dtype) = (cx.value(&op.input)?, cx.dtype(&op.input)?);
            let one = cx.number(dtype, 1.0);
            let more = cx.node("Add", &[&value, &one], &[]);
            cx.emit(&op.out, "Log", &[&more], &[])
        }
        FloatOperationIr::Erf(op) => unary(cx, op, "Erf"),
        FloatOperationIr::PowfScalar(op) => power_scalar(cx, op),
        FloatOperationIr::Powf(op) => binary(cx, op, "Pow"),
        FloatOperationIr::Sqrt(op) => unary(cx, op, "Sqrt"),
        FloatOperationIr::Cos(op) => unary(cx, op, "Cos"),
        FloatOperationIr::Cosh(op) => unary(cx, op, "Cosh"),
        FloatOperationIr::Sin(op) => unary(cx, op, "Sin"),
        FloatOperationIr::Sinh(op) => unary(cx, op, "Sinh"),
        FloatOperationIr::Tan(op) => unary(cx, op, "Tan"),
        FloatOperationIr::Tanh(op) => unary(cx, op, "Tanh"),
        FloatOperationIr::ArcCos(op) => unary(cx, op, "Acos"),
        FloatOperationIr::ArcCosh(op) => unary(cx, op, "Acosh"),
        FloatOperationIr::ArcSin(op) => unary(cx, op, "Asin"),
        FloatOperationIr::ArcSinh(op) => unary(cx, op, "Asinh"),
        FloatOperationIr::ArcTan(op) => unary(cx, op, "Atan"),
        FloatOperationIr::ArcTanh(op) => unary(cx, op, "Atanh"),
        FloatOperationIr::ArcTan2(op) => arc_tan2(cx, op),
        FloatOperationIr::Round(op) => unary(cx, op, "Round"),
        FloatOperationIr::Floor(op) => unary(cx, op, "Floor"),
        FloatOperationIr::Ceil(op) => unary(cx, op, "Ceil"),
        FloatOperationIr::Trunc(op) => truncate(cx, op),
        FloatOperationIr::IntoInt(op) => cast(cx, &op.input, &op.out),
        FloatOperationIr::Matmul(op) => {
            let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
            cx.emit(&op.out, "MatMul", &[&lhs, &rhs], &[])
        }
        FloatOperationIr::Cross(op) => cross(cx, op),
        FloatOperationIr::Recip(op) => unary(cx, op, "Reciprocal"),
        FloatOperationIr::IsNan(op) => unary(cx, op, "IsNaN"),
        FloatOperationIr::IsInf(op) => is_infinite(cx, op),
        FloatOperationIr::GridSample2d(op) => grid_sample(cx, op),
        FloatOperationIr::Hypot(op) => hypot(cx, op),
        FloatOperationIr::Random(_) => Err("random numbers have no repeatable ONNX form".into()),
        FloatOperationIr::Quantize(_) | FloatOperationIr::Dequantize(_) => {
            Err("quantised tensors have no ONNX form".into())
        }
    }
}

fn truncate(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let sign = cx.node("Sign", &[&value], &[]);
    let size = cx.node("Abs", &[&value], &[]);
    let size = cx.node("Floor", &[&size], &[]);
    cx.emit(&op.out, "Mul", &[&sign, &size], &[])
}

/// Compared with both infinities, which every engine can.
fn is_infinite(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let (value, dtype) = (cx.value(&op.input)?, cx.dtype(&op.input)?);
    let size = cx.node("Abs", &[&value], &[]);
    let infinity = cx.number(dtype, f64::INFINITY);
    cx.emit(&op.out, "Equal", &[&size, &infinity], &[])
}

/// `sqrt(a^2 + b^2)`, scaled by the larger of the two so that no square overflows.
fn hypot(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (a, b, dtype) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?, cx.dtype(&op.lhs)?);
    let a = cx.node("Abs", &[&a], &[]);
    let b = cx.node("Abs", &[&b], &[]);
    let large = cx.node("Max", &[&a, &b], &[]);
    let small = cx.node("Min", &[&a, &b], &[]);
    let tiny = cx.number(dtype, f64::from(f32::MIN_POSITIVE));
    let divisor = cx.node("Max", &[&large, &tiny], &[]);
    let ratio = cx.node("Div", &[&small, &divisor], &[]);
    let square = cx.node("Mul", &[&ratio, &ratio], &[]);
    let one = cx.number(dtype, 1.0);
    let sum = cx.node("Add", &[&square, &one], &[]);
    let root = cx.node("Sqrt", &[&sum], &[]);
    cx.emit(&op.out, "Mul", &[&large, &root], &[])
}

/// `atan(y / x)` moved into the right half-plane's neighbour where `x` is negative.
fn arc_tan2(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (y, x, dtype) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?, cx.dtype(&op.lhs)?);
    let zero = cx.number(dtype, 0.0);
    let ratio = cx.node("Div", &[&y, &x], &[]);
    let angle = cx.node("Atan", &[&ratio], &[]);
    // 0 / 0 has the angle 0.
    let y_zero = cx.node("Equal", &[&y, &zero], &[]);
    let angle = cx.node("Where", &[&y_zero, &zero, &angle], &[]);
    let left = cx.node("Less", &[&x, &zero], &[]);
    let below = cx.node("Less", &[&y, &zero], &[]);
    let (pi, minus) = (cx.number(dtype, std::f64::consts::PI), cx.number(dtype, -std::f64::consts::PI));
    let turn = cx.node("Where", &[&below, &minus, &pi], &[]);
    let turn = cx.node("Where", &[&left, &turn, &zero], &[]);
    cx.emit(&op.out, "Add", &[&angle, &turn], &[])
}

/// The product of vectors of three: each component from the two that follow it in a circle.
fn cross(cx: &mut Context, op: &CrossOpIr) -> Lowered {
    let turned = |cx: &mut Context, value: &str, order: [i64; 3]| {
        let at = cx.i64s(&order);
        cx.node("Gather", &[value, &at], &[("axis", int(op.dim as i64))])
    };
    let (a, b) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let (a1, b2) = (turned(cx, &a, [1, 2, 0]), turned(cx, &b, [2, 0, 1]));
    let (a2, b1) = (turned(cx, &a, [2, 0, 1]), turned(cx, &b, [1, 2, 0]));
    let plus = cx.node("Mul", &[&a1, &b2], &[]);
    let minus = cx.node("Mul", &[&a2, &b1], &[]);
    cx.emit(&op.out, "Sub", &[&plus, &minus], &[])
}

fn grid_sample(cx: &mut Context, op: &GridSample2dOpIr) -> Lowered {
    let (value, grid) = (cx.value(&op.tensor)?, cx.value(&op.grid)?);
    let new = cx.opset >= 20;
    let mode = match op.options.mode {
        InterpolateModeIr::Nearest | InterpolateModeIr::NearestExact => "nearest",
        InterpolateModeIr::Bilinear if new => "linear",
        InterpolateModeIr::Bilinear => "bilinear",
        InterpolateModeIr::Bicubic if new => "cubic",
        InterpolateModeIr::Bicubic => "bicubic",
        InterpolateModeIr::Lanczos3 => return Err("ONNX has no Lanczos interpolation".into()),
    };
    let padding = match op.options.padding_mode {
        GridSamplePaddingModeIr::Zeros => "zeros",
        GridSamplePaddingModeIr::Border => "border",
        GridSamplePaddingModeIr::Reflection => "reflection",
    };
    let attributes = [
        ("mode", text(mode)),
        ("padding_mode", text(padding)),
        ("align_corners", int(op.options.align_corners.into())),
    ];
    cx.emit(&op.out, "GridSample", &[&value, &grid], &attributes)
}

/// A stored number of a tensor's own type.
pub(super) fn like(cx: &mut Context, tensor: &TensorIr, value: f64) -> Lowered<String> {
    let dtype: DataType = cx.dtype(tensor)?;
    Ok(cx.scalar(dtype, ScalarIr::Float(value)))
}
