//! Normalisation with given or computed statistics.

use burn::backend::ir::{BatchNormOpIr, LayerNormOpIr, TensorIr};

use crate::export::lower::emit::{Attribute, Context, DataType, Lowered, float, int, wide};

/// One node, in f32 where the tensors are f16 or bf16: engines have no kernels for these, or round too early.
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

pub(crate) fn batch_norm(cx: &mut Context, op: &BatchNormOpIr) -> Lowered {
    let tensors = [&op.x, &op.gamma, &op.beta, &op.mean, &op.variance];
    let epsilon = float(op.epsilon.elem::<f32>());
    normalised(cx, &tensors, &op.out, "BatchNormalization", &[("epsilon", epsilon)])
}

pub(crate) fn layer_norm(cx: &mut Context, op: &LayerNormOpIr) -> Lowered {
    let mut tensors = vec![&op.input, &op.gamma];
    tensors.extend(&op.beta);
    let attributes = [("axis", int(-1)), ("epsilon", float(op.epsilon.elem::<f32>()))];
    normalised(cx, &tensors, &op.out, "LayerNormalization", &attributes)
}
