//! Activation functions.

use burn::backend::ir::{BinaryOpIr, DimOpIr, HardSigmoidOpIr, ScalarOpIr, UnaryOpIr};

use super::functions::log1p;
use crate::export::lower::emit::{Context, DataType, Lowered, along_axis, float, wide};

/// A softmax or log-softmax of an axis, or of its negative.
pub(crate) fn along(cx: &mut Context, op: &DimOpIr, operator: &'static str, negative: bool) -> Lowered {
    let (mut value, dtype) = wide::read(cx, &op.input)?;
    if negative {
        value = cx.node("Neg", &[&value], &[]);
    }
    let value = cx.node(operator, &[&value], &[along_axis(op.axis)]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// The slope is an f32 attribute of the operator, so for f64 it is a stored number and the function is composed.
pub(crate) fn leaky_relu(cx: &mut Context, op: &ScalarOpIr) -> Lowered {
    let (value, dtype) = wide::read(cx, &op.lhs)?;
    let slope = op.rhs.elem::<f64>();
    let value = if dtype == DataType::F64 {
        let slope = cx.number(dtype, slope);
        bent(cx, &value, &slope, dtype)
    } else {
        cx.node("LeakyRelu", &[&value], &[("alpha", float(slope as f32))])
    };
    wide::bind(cx, &op.out, &value, dtype)
}

/// `x`, or `slope * x` where it is below zero.
fn bent(cx: &mut Context, value: &str, slope: &str, dtype: DataType) -> String {
    let zero = cx.number(dtype, 0.0);
    let below = cx.node("Less", &[value, &zero], &[]);
    let scaled = cx.node("Mul", &[value, slope], &[]);
    cx.node("Where", &[&below, &scaled, value], &[])
}

/// One slope for all elements, or one a channel; channels are the second axis.
pub(crate) fn prelu(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (value, dtype) = wide::read(cx, &op.lhs)?;
    let (mut slope, _) = wide::read(cx, &op.rhs)?;
    let (rank, slopes) = (op.lhs.shape.num_dims(), cx.dims(&op.rhs));
    if slopes.len() == 1 && slopes[0].fixed() != Some(1) && rank > 2 {
        let one = cx.one();
        let mut to = vec![slopes[0].clone()];
        to.resize(rank - 1, one);
        slope = cx.reshape(&slope, &slopes, &to)?;
    }
    // ONNX Runtime has no `PRelu` of f64.
    let value = match dtype {
        DataType::F64 => bent(cx, &value, &slope, dtype),
        _ => cx.node("PRelu", &[&value, &slope], &[]),
    };
    wide::bind(cx, &op.out, &value, dtype)
}

/// `x / 2 * (1 + erf(x / sqrt 2))`.
pub(crate) fn gelu(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let (value, dtype) = wide::read_whole(cx, &op.input)?;
    if cx.opset >= 20 {
        let value = cx.node("Gelu", &[&value], &[]);
        return wide::bind(cx, &op.out, &value, dtype);
    }
    let root = cx.number(dtype, std::f64::consts::SQRT_2);
    let scaled = cx.node("Div", &[&value, &root], &[]);
    let error = cx.node("Erf", &[&scaled], &[]);
    let one = cx.number(dtype, 1.0);
    let gate = cx.node("Add", &[&error, &one], &[]);
    let product = cx.node("Mul", &[&value, &gate], &[]);
    let half = cx.number(dtype, 0.5);
    let value = cx.node("Mul", &[&product, &half], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// `alpha * x + beta`, bounded to 0 and 1.
pub(crate) fn hard_sigmoid(cx: &mut Context, op: &HardSigmoidOpIr) -> Lowered {
    let (value, dtype) = wide::read(cx, &op.tensor)?;
    let (alpha, beta) = (op.alpha.elem::<f64>(), op.beta.elem::<f64>());
    if dtype != DataType::F64 {
        let attributes = [("alpha", float(alpha as f32)), ("beta", float(beta as f32))];
        let value = cx.node("HardSigmoid", &[&value], &attributes);
        return wide::bind(cx, &op.out, &value, dtype);
    }
    let (alpha, beta) = (cx.number(dtype, alpha), cx.number(dtype, beta));
    let value = cx.node("Mul", &[&value, &alpha], &[]);
    let value = cx.node("Add", &[&value, &beta], &[]);
    let (zero, one) = (cx.number(dtype, 0.0), cx.number(dtype, 1.0));
    let value = cx.node("Clip", &[&value, &zero, &one], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// `min(x, 0) - log(1 + exp(-|x|))`, which does not overflow and is exact for small results.
pub(crate) fn log_sigmoid(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let (value, dtype) = wide::read_whole(cx, &op.input)?;
    let zero = cx.number(dtype, 0.0);
    let negative = cx.node("Min", &[&value, &zero], &[]);
    let size = cx.node("Abs", &[&value], &[]);
    let size = cx.node("Neg", &[&size], &[]);
    let decay = cx.node("Exp", &[&size], &[]);
    let log = log1p(cx, &decay, dtype);
    let value = cx.node("Sub", &[&negative, &log], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}
