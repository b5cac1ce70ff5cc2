//! Layers: convolutions, pools, normalisation, embedding, attention.

use burn::backend::ir::ModuleOperationIr;

use crate::export::lower::emit::{Context, Lowered};
use crate::export::lower::topic::conv::{self, Tensors};
use crate::export::lower::topic::{attention, deformable, index, interpolate, matmul, norm, pool, unfold};

macro_rules! conv {
    ($cx:expr, $op:expr, $before:expr, $after:expr) => {
        conv::conv(
            $cx,
            &tensors!($op),
            &conv::Options {
                stride: &$op.options.stride,
                before: &$before,
                after: &$after,
                dilation: &$op.options.dilation,
                groups: $op.options.groups,
            },
        )
    };
}

macro_rules! transposed {
    ($cx:expr, $op:expr) => {
        conv::transposed(
            $cx,
            &tensors!($op),
            &conv::Options {
                stride: &$op.options.stride,
                before: &$op.options.padding,
                after: &$op.options.padding,
                dilation: &$op.options.dilation,
                groups: $op.options.groups,
            },
            &$op.options.padding_out,
        )
    };
}

macro_rules! tensors {
    ($op:expr) => {
        Tensors { x: &$op.x, weight: &$op.weight, bias: $op.bias.as_ref(), out: &$op.out }
    };
}

macro_rules! pool_options {
    ($op:expr, |$value:ident| $slice:expr) => {{
        pool::Options {
            kernel: {
                let $value = &$op.kernel_size;
                $slice
            },
            stride: {
                let $value = &$op.stride;
                $slice
            },
            padding: {
                let $value = &$op.padding;
                $slice
            },
            ceil: $op.ceil_mode,
        }
    }};
}

pub(super) fn lower(cx: &mut Context, op: &ModuleOperationIr) -> Lowered {
    use ModuleOperationIr as Op;
    match op {
        Op::Conv1d(op) => conv!(cx, op, op.options.padding.map(|p| p.0), op.options.padding.map(|p| p.1)),
        Op::Conv2d(op) => conv!(cx, op, op.options.padding.map(|p| p.0), op.options.padding.map(|p| p.1)),
        Op::Conv3d(op) => conv!(cx, op, op.options.padding, op.options.padding),
        Op::ConvTranspose1d(op) => transposed!(cx, op),
        Op::ConvTranspose2d(op) => transposed!(cx, op),
        Op::ConvTranspose3d(op) => transposed!(cx, op),
        Op::DeformableConv2d(op) => deformable::deformable(cx, op),
        Op::AvgPool1d(op) => {
            let options = pool_options!(op, |v| std::slice::from_ref(v));
            pool::average(cx, &op.x, &op.out, &options, op.count_include_pad)
        }
        Op::AvgPool2d(op) => {
            let options = pool_options!(op, |v| v);
            pool::average(cx, &op.x, &op.out, &options, op.count_include_pad)
        }
        Op::AdaptiveAvgPool1d(op) => pool::adaptive(cx, &op.x, &op.out, &[op.output_size]),
        Op::AdaptiveAvgPool2d(op) => pool::adaptive(cx, &op.x, &op.out, &op.output_size),
        Op::AdaptiveAvgPool3d(op) => pool::adaptive(cx, &op.x, &op.out, &op.output_size),
        Op::MaxPool1d(op) => {
            let options = pool_options!(op, |v| std::slice::from_ref(v));
            pool::max(cx, &op.x, &op.out, None, &options, &[op.dilation])
        }
        Op::MaxPool2d(op) => {
            let options = pool_options!(op, |v| v);
            pool::max(cx, &op.x, &op.out, None, &options, &op.dilation)
        }
        Op::MaxPool1dWithIndices(op) => {
            let options = pool_options!(op, |v| std::slice::from_ref(v));
            pool::max(cx, &op.x, &op.out, Some(&op.out_indices), &options, &[op.dilation])
        }
        Op::MaxPool2dWithIndices(op) => {
            let options = pool_options!(op, |v| v);
            pool::max(cx, &op.x, &op.out, Some(&op.out_indices), &options, &op.dilation)
        }
        Op::Interpolate(op) => interpolate::interpolate(cx, op),
        Op::Linear(op) => matmul::linear(cx, op),
        Op::Embedding(op) => index::embedding(cx, op),
        Op::BatchNorm(op) => norm::batch_norm(cx, op),
        Op::LayerNorm(op) => norm::layer_norm(cx, op),
        Op::Attention(op) => attention::attention(cx, op),
        Op::Unfold4d(op) => unfold::unfold(cx, op),
        Op::CtcLoss(_) => Err("ONNX has no CTC loss".into()),
        Op::EmbeddingBackward(_)
        | Op::LinearXBackward(_)
        | Op::LinearWeightBackward(_)
        | Op::LinearBiasBackward(_)
        | Op::Conv1dXBackward(_)
        | Op::Conv1dWeightBackward(_)
        | Op::Conv1dBiasBackward(_)
        | Op::Conv2dXBackward(_)
        | Op::Conv2dWeightBackward(_)
        | Op::Conv2dBiasBackward(_)
        | Op::Conv3dXBackward(_)
        | Op::Conv3dWeightBackward(_)
        | Op::Conv3dBiasBackward(_)
        | Op::DeformableConv2dBackward(_)
        | Op::AvgPool1dBackward(_)
        | Op::AvgPool2dBackward(_)
        | Op::AdaptiveAvgPool1dBackward(_)
        | Op::AdaptiveAvgPool2dBackward(_)
        | Op::AdaptiveAvgPool3dBackward(_)
        | Op::MaxPool1dWithIndicesBackward(_)
        | Op::MaxPool2dWithIndicesBackward(_)
        | Op::InterpolateBackward(_)
        | Op::CtcLossBackward(_)
        | Op::ConvTranspose1dWeightBackward(_)
        | Op::ConvTranspose1dBiasBackward(_)
        | Op::ConvTranspose2dWeightBackward(_)
        | Op::ConvTranspose2dBiasBackward(_)
        | Op::ConvTranspose3dWeightBackward(_)
        | Op::ConvTranspose3dBiasBackward(_) => Err("a backward pass cannot be exported".into()),
    }
}
