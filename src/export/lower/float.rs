//! Operations on floats alone.

use crate::onnx::DataType;
use burn::backend::ir::{
    CastOpIr, CrossOpIr, FloatOperationIr, GridSample2dOpIr, GridSamplePaddingModeIr, InterpolateModeIr, MatmulOpIr,
    ScalarIr,
};

use super::context::{Context, Lowered, int, text};
use super::functions::{arc_tan2, doubled, hypot, is_infinite, log_of_one_more, truncate};
use super::kernels::limits;
use super::numeric::{binary, power_scalar, unary};
use super::wide;

pub(super) fn lower(cx: &mut Context, op: &FloatOperationIr) -> Lowered {
    match op {
        FloatOperationIr::Exp(op) => unary(cx, op, "Exp"),
        FloatOperationIr::Log(op) => unary(cx, op, "Log"),
        FloatOperationIr::Log1p(op) => log_of_one_more(cx, op),
        FloatOperationIr::Erf(op) => unary(cx, op, "Erf"),
        FloatOperationIr::PowfScalar(op) => power_scalar(cx, op),
        FloatOperationIr::Powf(op) => binary(cx, op, "Pow"),
        FloatOperationIr::Sqrt(op) => unary(cx, op, "Sqrt"),
        FloatOperationIr::Cos(op) => unary(cx, op, "Cos"),
        FloatOperationIr::Cosh(op) => doubled(cx, op, "Cosh"),
        FloatOperationIr::Sin(op) => unary(cx, op, "Sin"),
        FloatOperationIr::Sinh(op) => doubled(cx, op, "Sinh"),
        FloatOperationIr::Tan(op) => doubled(cx, op, "Tan"),
        FloatOperationIr::Tanh(op) => unary(cx, op, "Tanh"),
        FloatOperationIr::ArcCos(op) => unary(cx, op, "Acos"),
        FloatOperationIr::ArcCosh(op) => doubled(cx, op, "Acosh"),
        FloatOperationIr::ArcSin(op) => unary(cx, op, "Asin"),
        FloatOperationIr::ArcSinh(op) => doubled(cx, op, "Asinh"),
        FloatOperationIr::ArcTan(op) => unary(cx, op, "Atan"),
        FloatOperationIr::ArcTanh(op) => doubled(cx, op, "Atanh"),
        FloatOperationIr::ArcTan2(op) => arc_tan2(cx, op),
        FloatOperationIr::Round(op) => unary(cx, op, "Round"),
        FloatOperationIr::Floor(op) => unary(cx, op, "Floor"),
        FloatOperationIr::Ceil(op) => unary(cx, op, "Ceil"),
        FloatOperationIr::Trunc(op) => truncate(cx, op),
        FloatOperationIr::IntoInt(op) => into_int(cx, op),
        FloatOperationIr::Matmul(op) => matmul(cx, op),
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

/// Cut towards zero, and to the ends of the integers where it is beyond them; what is no number is 0. ONNX leaves all
/// but the first to the engine.
fn into_int(cx: &mut Context, op: &CastOpIr) -> Lowered {
    let (value, from) = wide::read_whole(cx, &op.input)?;
    let to = cx.dtype(&op.out)?;
    let Some((least, most)) = limits(to) else {
        let value = cx.cast(&value, from, to);
        return cx.bind(&op.out, value);
    };
    let known = cx.node("Equal", &[&value, &value], &[]);
    let zero = cx.number(from, 0.0);
    let value = cx.node("Where", &[&known, &value, &zero], &[]);
    let low = cx.number(from, least as f64);
    if !matches!(to, DataType::I64 | DataType::U64) {
        // One more than the greatest is a power of two, which every float holds.
        let high = cx.number(from, (most + 1) as f64);
        let value = cx.node("Clip", &[&value, &low, &high], &[]);
        let value = cx.cast(&value, from, DataType::I64);
        let most = cx.scalar(DataType::I64, ScalarIr::Int(most as i64));
        // ONNX Runtime 1.31's Min of i64s goes by their lower 32 bits.
        let over = cx.node("Greater", &[&value, &most], &[]);
        let value = cx.node("Where", &[&over, &most, &value], &[]);
        let value = cx.cast(&value, DataType::I64, to);
        return cx.bind(&op.out, value);
    }
    let beyond = (most + 1) as f64;
    // The last float before it.
    let inside = match from {
        DataType::F64 => beyond.next_down(),
        _ => f64::from((beyond as f32).next_down()),
    };
    let (high, beyond) = (cx.number(from, inside), cx.number(from, beyond));
    let clipped = cx.node("Clip", &[&value, &low, &high], &[]);
    let whole = cx.cast(&clipped, from, to);
    let over = cx.node("GreaterOrEqual", &[&value, &beyond], &[]);
    // Engines choose between i64s; those of the same bits stand for u64s.
    let whole = cx.cast(&whole, to, DataType::I64);
    let most = cx.scalar(DataType::I64, ScalarIr::Int(if to == DataType::U64 { -1 } else { i64::MAX }));
    let value = cx.node("Where", &[&over, &most, &whole], &[]);
    wide::bind(cx, &op.out, &value, DataType::I64)
}

fn matmul(cx: &mut Context, op: &MatmulOpIr) -> Lowered {
    let (lhs, dtype) = wide::read(cx, &op.lhs)?;
    let (rhs, _) = wide::read(cx, &op.rhs)?;
    let value = cx.node("MatMul", &[&lhs, &rhs], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// The product of vectors of three: each component from the two that follow it in a circle.
fn cross(cx: &mut Context, op: &CrossOpIr) -> Lowered {
    let turned = |cx: &mut Context, value: &str, order: [i64; 3]| {
        let at = cx.i64s(&order);
        cx.node("Gather", &[value, &at], &[("axis", int(op.dim as i64))])
    };
    let (a, dtype) = wide::read(cx, &op.lhs)?;
    let (b, _) = wide::read(cx, &op.rhs)?;
    let (a1, b2) = (turned(cx, &a, [1, 2, 0]), turned(cx, &b, [2, 0, 1]));
    let (a2, b1) = (turned(cx, &a, [2, 0, 1]), turned(cx, &b, [1, 2, 0]));
    let plus = cx.node("Mul", &[&a1, &b2], &[]);
    let minus = cx.node("Mul", &[&a2, &b1], &[]);
    let value = cx.node("Sub", &[&plus, &minus], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

fn grid_sample(cx: &mut Context, op: &GridSample2dOpIr) -> Lowered {
    let (value, dtype) = wide::read_whole(cx, &op.tensor)?;
    let (grid, _) = wide::read_whole(cx, &op.grid)?;
    let mode = match op.options.mode {
        InterpolateModeIr::Nearest => "nearest",
        InterpolateModeIr::Bilinear => linear(cx),
        InterpolateModeIr::Bicubic if cx.opset >= 20 => "cubic",
        InterpolateModeIr::Bicubic => "bicubic",
        InterpolateModeIr::NearestExact | InterpolateModeIr::Lanczos3 => {
            return Err("a grid is sampled nearest, bilinearly or bicubically".into());
        }
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
    let value = cx.node("GridSample", &[&value, &grid], &attributes);
    wide::bind(cx, &op.out, &value, dtype)
}

/// The name that bilinear sampling has in `GridSample`.
pub(super) fn linear(cx: &Context) -> &'static str {
    if cx.opset >= 20 { "linear" } else { "bilinear" }
}
