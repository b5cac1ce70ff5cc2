//! Activation functions.

use burn::backend::ir::{ActivationOperationIr, BinaryOpIr, UnaryOpIr};

use super::context::{Context, Lowered, float};
use super::float::like;
use super::numeric::{axis, unary};
use crate::export::dims::Dim;

pub(super) fn lower(cx: &mut Context, op: &ActivationOperationIr) -> Lowered {
    match op {
        ActivationOperationIr::Relu(op) => unary(cx, op, "Relu"),
        ActivationOperationIr::LeakyRelu(op) => {
            let value = cx.value(&op.lhs)?;
            let slope = float(op.rhs.elem::<f32>());
            cx.emit(&op.out, "LeakyRelu", &[&value], &[("alpha", slope)])
        }
        ActivationOperationIr::PRelu(op) => prelu(cx, op),
        ActivationOperationIr::Gelu(op) => gelu(cx, op),
        ActivationOperationIr::Sigmoid(op) => unary(cx, op, "Sigmoid"),
        ActivationOperationIr::HardSigmoid(op) => {
            let value = cx.value(&op.tensor)?;
            let attributes = [("alpha", float(op.alpha.elem::<f32>())), ("beta", float(op.beta.elem::<f32>()))];
            cx.emit(&op.out, "HardSigmoid", &[&value], &attributes)
        }
        ActivationOperationIr::LogSigmoid(op) => log_sigmoid(cx, op),
        ActivationOperationIr::Softmax(op) => {
            let value = cx.value(&op.input)?;
            cx.emit(&op.out, "Softmax", &[&value], &[axis(op.axis)])
        }
        ActivationOperationIr::LogSoftmax(op) => {
            let value = cx.value(&op.input)?;
            cx.emit(&op.out, "LogSoftmax", &[&value], &[axis(op.axis)])
        }
        ActivationOperationIr::Softmin(op) => {
            let value = cx.value(&op.input)?;
            let value = cx.node("Neg", &[&value], &[]);
            cx.emit(&op.out, "Softmax", &[&value], &[axis(op.axis)])
        }
        ActivationOperationIr::ReluBackward(_)
        | ActivationOperationIr::GeluBackward(_)
        | ActivationOperationIr::SigmoidBackward(_)
        | ActivationOperationIr::LogSigmoidBackward(_) => Err("a backward pass cannot be exported".into()),
    }
}

/// `x / 2 * (1 + erf(x / sqrt 2))`.
fn gelu(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    if cx.opset >= 20 {
        return cx.emit(&op.out, "Gelu", &[&value], &[]);
    }
    let root = like(cx, &op.input, std::f64::consts::SQRT_2)?;
    let scaled = cx.node("Div", &[&value, &root], &[]);
    let error = cx.node("Erf", &[&scaled], &[]);
    let one = like(cx, &op.input, 1.0)?;
    let gate = cx.node("Add", &[&error, &one], &[]);
    let product = cx.node("Mul", &[&value, &gate], &[]);
    let half = like(cx, &op.input, 0.5)?;
    cx.emit(&op.out, "Mul", &[&product, &half], &[])
}

/// `min(x, 0) - log(1 + exp(-|x|))`, which neither overflows nor loses small results.
fn log_sigmoid(cx: &mut Context, op: &UnaryOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let zero = like(cx, &op.input, 0.0)?;
    let negative = cx.node("Min", &[&value, &zero], &[]);
    let size = cx.node("Abs", &[&value], &[]);
    let size = cx.node("Neg", &[&size], &[]);
    let decay = cx.node("Exp", &[&size], &[]);
    let one = like(cx, &op.input, 1.0)?;
    let sum = cx.node("Add", &[&decay, &one], &[]);
    let log = cx.node("Log", &[&sum], &[]);
    cx.emit(&op.out, "Sub", &[&negative, &log], &[])
}

/// One slope for all, or one a channel, which is the second axis.
fn prelu(cx: &mut Context, op: &BinaryOpIr) -> Lowered {
    let (value, mut slope) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let (rank, slopes) = (op.lhs.shape.num_dims(), cx.dims(&op.rhs));
    if slopes.len() == 1 && slopes[0].fixed() != Some(1) && rank > 2 {
        let one = Dim(vec![1; cx.traces.operations.len()]);
        let mut to = vec![slopes[0].clone()];
        to.resize(rank - 1, one);
        slope = cx.reshape(&slope, &slopes, &to)?;
    }
    cx.emit(&op.out, "PRelu", &[&value, &slope], &[])
}
