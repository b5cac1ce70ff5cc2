//! Operations on floats alone.

use burn::backend::ir::FloatOperationIr;

use crate::export::lower::emit::{Context, Lowered, Operator, binary, unary};
use crate::export::lower::topic::{arithmetic, functions, grid_sample, into_int, matmul};

pub(super) fn lower(cx: &mut Context, op: &FloatOperationIr) -> Lowered {
    match op {
        FloatOperationIr::Exp(op) => unary(cx, op, Operator::Exp),
        FloatOperationIr::Log(op) => unary(cx, op, Operator::Log),
        FloatOperationIr::Log1p(op) => functions::log_of_one_more(cx, op),
        FloatOperationIr::Erf(op) => unary(cx, op, Operator::Erf),
        FloatOperationIr::PowfScalar(op) => arithmetic::power_scalar(cx, op),
        FloatOperationIr::Powf(op) => binary(cx, op, Operator::Pow),
        FloatOperationIr::Sqrt(op) => unary(cx, op, Operator::Sqrt),
        FloatOperationIr::Cos(op) => unary(cx, op, Operator::Cos),
        FloatOperationIr::Cosh(op) => functions::composed_in_f64(cx, op, Operator::Cosh),
        FloatOperationIr::Sin(op) => unary(cx, op, Operator::Sin),
        FloatOperationIr::Sinh(op) => functions::composed_in_f64(cx, op, Operator::Sinh),
        FloatOperationIr::Tan(op) => functions::composed_in_f64(cx, op, Operator::Tan),
        FloatOperationIr::Tanh(op) => unary(cx, op, Operator::Tanh),
        FloatOperationIr::ArcCos(op) => unary(cx, op, Operator::Acos),
        FloatOperationIr::ArcCosh(op) => functions::composed_in_f64(cx, op, Operator::Acosh),
        FloatOperationIr::ArcSin(op) => unary(cx, op, Operator::Asin),
        FloatOperationIr::ArcSinh(op) => functions::composed_in_f64(cx, op, Operator::Asinh),
        FloatOperationIr::ArcTan(op) => unary(cx, op, Operator::Atan),
        FloatOperationIr::ArcTanh(op) => functions::composed_in_f64(cx, op, Operator::Atanh),
        FloatOperationIr::ArcTan2(op) => functions::arc_tan2(cx, op),
        FloatOperationIr::Round(op) => unary(cx, op, Operator::Round),
        FloatOperationIr::Floor(op) => unary(cx, op, Operator::Floor),
        FloatOperationIr::Ceil(op) => unary(cx, op, Operator::Ceil),
        FloatOperationIr::Trunc(op) => functions::truncate(cx, op),
        FloatOperationIr::IntoInt(op) => into_int::into_int(cx, op),
        FloatOperationIr::Matmul(op) => matmul::float_matmul(cx, op),
        FloatOperationIr::Cross(op) => matmul::cross(cx, op),
        FloatOperationIr::Recip(op) => unary(cx, op, Operator::Reciprocal),
        FloatOperationIr::IsNan(op) => unary(cx, op, Operator::IsNaN),
        FloatOperationIr::IsInf(op) => functions::is_infinite(cx, op),
        FloatOperationIr::GridSample2d(op) => grid_sample::grid_sample(cx, op),
        FloatOperationIr::Hypot(op) => functions::hypot(cx, op),
        FloatOperationIr::Random(_) => Err("random numbers have no repeatable ONNX form".into()),
        FloatOperationIr::Quantize(_) | FloatOperationIr::Dequantize(_) => {
            Err("quantised tensors have no ONNX form".into())
        }
    }
}
