//! Activation functions.

use burn::backend::ir::ActivationOperationIr;

use crate::export::lower::emit::{Context, Lowered, Operator, unary};
use crate::export::lower::topic::activation;

pub(super) fn lower(cx: &mut Context, op: &ActivationOperationIr) -> Lowered {
    match op {
        ActivationOperationIr::Relu(op) => unary(cx, op, Operator::Relu),
        ActivationOperationIr::LeakyRelu(op) => activation::leaky_relu(cx, op),
        ActivationOperationIr::PRelu(op) => activation::prelu(cx, op),
        ActivationOperationIr::Gelu(op) => activation::gelu(cx, op),
        ActivationOperationIr::Sigmoid(op) => unary(cx, op, Operator::Sigmoid),
        ActivationOperationIr::HardSigmoid(op) => activation::hard_sigmoid(cx, op),
        ActivationOperationIr::LogSigmoid(op) => activation::log_sigmoid(cx, op),
        ActivationOperationIr::Softmax(op) => activation::along(cx, op, "Softmax", false),
        ActivationOperationIr::LogSoftmax(op) => activation::along(cx, op, "LogSoftmax", false),
        ActivationOperationIr::Softmin(op) => activation::along(cx, op, "Softmax", true),
        ActivationOperationIr::ReluBackward(_)
        | ActivationOperationIr::GeluBackward(_)
        | ActivationOperationIr::SigmoidBackward(_)
        | ActivationOperationIr::LogSigmoidBackward(_) => Err("a backward pass cannot be exported".into()),
    }
}
