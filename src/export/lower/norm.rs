//! Linear layers, and normalisation with given or computed statistics.

use crate::onnx::{Attribute, DataType};
use burn::backend::ir::{BatchNormOpIr, LayerNormOpIr, LinearOpIr, TensorIr};

use super::context::{Context, Lowered, float, int};
use super::wide;

pub(super) fn linear(cx: &mut Context, op: &LinearOpIr) -> Lowered {
    let (x, dtype) = wide::read(cx, &op.x)?;
    let (weight, _) = wide::read(cx, &op.weight)?;
    let mut value = cx.node("MatMul", &[&x, &weight], &[]);
    if let Some(bias) = &op.bias {
        let (bias, _) = wide::read(cx, bias)?;
        value = cx.node("Add", &[&value, &bias], &[]);
    }
    wide::bind(cx, &op.out, &value, dtype)
}

/// One node; in f32 where the tensors are narrower, since these have no kernels or round too early.
fn normalised(
    cx: &mut Context,
    tensors: &[&TensorIr],
    out: &TensorIr,
    operator: &'static str,
    attributes: &[(&'static str, Attribute)],
) -> Lowered {
    let inputs = tensors.iter().map(|tensor| wide::read_whole(cx, tensor)).collect::<Lowered<Vec<_>>>()?;
    let dtype = inputs.first().map_or(DataType::F32, |(_, dtype)| *dtype);
    let inputs: Vec<&str> = inputs.iter().map(|(value, _)| value.as_str()).collect();
    let value = cx.node(operator, &inputs, attributes);
    wide::bind(cx, out, &value, dtype)
}

pub(super) fn batch_norm(cx: &mut Context, op: &BatchNormOpIr) -> Lowered {
    let tensors = [&op.x, &op.gamma, &op.beta, &op.mean, &op.variance];
    let epsilon = float(op.epsilon.elem::<f32>());
    normalised(cx, &tensors, &op.out, "BatchNormalization", &[("epsilon", epsilon)])
}

pub(super) fn layer_norm(cx: &mut Context, op: &LayerNormOpIr) -> Lowered {
    let mut tensors = vec![&op.input, &op.gamma];
    tensors.extend(&op.beta);
    let attributes = [("axis", int(-1)), ("epsilon", float(op.epsilon.elem::<f32>()))];
    normalised(cx, &tensors, &op.out, "LayerNormalization", &attributes)
}
