//! Layers: convolutions, pools, normalisation, embedding, attention.

use burn::backend::ir::{AttentionOpIr, BatchNormOpIr, LinearOpIr, ModuleOperationIr, Unfold4dOpIr};

use super::context::{Context, Lowered, float, int, ints};
use super::conv::{self, Tensors};
use super::{index, pool, reduce};
use crate::export::constant::{Constant, DataType};

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
        Op::DeformableConv2d(op) => conv::deformable(cx, op),
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
        Op::Interpolate(op) => pool::interpolate(cx, op),
        Op::Linear(op) => linear(cx, op),
        Op::Embedding(op) => {
            let weights = cx.value(&op.weights)?;
            let at = index::indices(cx, &op.indices)?;
            cx.emit(&op.out, "Gather", &[&weights, &at], &[("axis", int(0))])
        }
        Op::BatchNorm(op) => batch_norm(cx, op),
        Op::LayerNorm(op) => {
            let mut inputs = vec![cx.value(&op.input)?, cx.value(&op.gamma)?];
            if let Some(beta) = &op.beta {
                inputs.push(cx.value(beta)?);
            }
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            let attributes = [("axis", int(-1)), ("epsilon", float(op.epsilon.elem::<f32>()))];
            cx.emit(&op.out, "LayerNormalization", &inputs, &attributes)
        }
        Op::Attention(op) => attention(cx, op),
        Op::Unfold4d(op) => unfold(cx, op),
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

fn linear(cx: &mut Context, op: &LinearOpIr) -> Lowered {
    let (x, weight) = (cx.value(&op.x)?, cx.value(&op.weight)?);
    let product = cx.node("MatMul", &[&x, &weight], &[]);
    let Some(bias) = &op.bias else {
        return cx.bind(&op.out, product);
    };
    let bias = cx.value(bias)?;
    cx.emit(&op.out, "Add", &[&product, &bias], &[])
}

fn batch_norm(cx: &mut Context, op: &BatchNormOpIr) -> Lowered {
    let inputs = [&op.x, &op.gamma, &op.beta, &op.mean, &op.variance]
        .into_iter()
        .map(|tensor| cx.value(tensor))
        .collect::<Lowered<Vec<_>>>()?;
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let epsilon = float(op.epsilon.elem::<f32>());
    cx.emit(&op.out, "BatchNormalization", &inputs, &[("epsilon", epsilon)])
}

/// `softmax(q k' * scale) v`. A row that is masked throughout gives zeros, as in Burn.
fn attention(cx: &mut Context, op: &AttentionOpIr) -> Lowered {
    let dtype = cx.dtype(&op.query)?;
    let (query, key, value) = (cx.value(&op.query)?, cx.value(&op.key)?, cx.value(&op.value)?);
    let width = cx.fixed(&op.query, 3)?;
    let scale = match op.options.scale {
        Some(scale) => scale.elem::<f64>(),
        None => 1.0 / (width as f64).sqrt(),
    };
    let key = cx.node("Transpose", &[&key], &[("perm", ints(&[0, 1, 3, 2]))]);
    let scores = cx.node("MatMul", &[&query, &key], &[]);
    let scale = cx.number(dtype, scale);
    let mut scores = cx.node("Mul", &[&scores, &scale], &[]);
    if let Some(cap) = op.options.softcap {
        let cap = cx.scalar(dtype, cap);
        let scaled = cx.node("Div", &[&scores, &cap], &[]);
        let bounded = cx.node("Tanh", &[&scaled], &[]);
        scores = cx.node("Mul", &[&bounded, &cap], &[]);
    }
    let never = cx.number(dtype, f64::NEG_INFINITY);
    if let Some(mask) = &op.mask {
        let mask = cx.value(mask)?;
        scores = cx.node("Where", &[&mask, &never, &scores], &[]);
    }
    if op.options.is_causal {
        let (rows, columns) = (cx.fixed(&op.query, 2)?, cx.fixed(&op.key, 2)?);
        let future: Vec<bool> = (0..rows * columns).map(|i| i % columns + rows > i / columns + columns).collect();
        let future = cx.constant(Constant::bools(&[1, 1, rows, columns], &future));
        scores = cx.node("Where", &[&future, &never, &scores], &[]);
    }
    if let Some(bias) = &op.attn_bias {
        let bias = cx.value(bias)?;
        scores = cx.node("Add", &[&scores, &bias], &[]);
    }
    let masked = op.mask.is_some() || op.options.is_causal || op.attn_bias.is_some();
    let weights = if masked {
        let (lowest, tiny) = match dtype {
            DataType::F16 => (-65504.0, 6.103_515_625e-5),
            DataType::F64 => (f64::MIN, f64::MIN_POSITIVE),
            _ => (f64::from(f32::MIN), f64::from(f32::MIN_POSITIVE)),
        };
        let most = reduce::axes(cx, "ReduceMax", &scores, &[3]);
        let lowest = cx.number(dtype, lowest);
        let most = cx.node("Max", &[&most, &lowest], &[]);
        let below = cx.node("Sub", &[&scores, &most], &[]);
        let weights = cx.node("Exp", &[&below], &[]);
        let total = reduce::axes(cx, "ReduceSum", &weights, &[3]);
        let tiny = cx.number(dtype, tiny);
        let total = cx.node("Max", &[&total, &tiny], &[]);
        cx.node("Div", &[&weights, &total], &[])
    } else {
        cx.node("Softmax", &[&scores], &[("axis", int(3))])
    };
    cx.emit(&op.out, "MatMul", &[&weights, &value], &[])
}

/// Windows as columns: a convolution whose kernels each pick one element of the window.
fn unfold(cx: &mut Context, op: &Unfold4dOpIr) -> Lowered {
    let value = cx.value(&op.x)?;
    let dtype = cx.dtype(&op.x)?;
    let channels = cx.fixed(&op.x, 1)?;
    let [height, width] = op.kernel_size;
    let window = height * width;
    let mut kernels = vec![0f32; channels * window * window];
    for kernel in 0..channels * window {
        kernels[kernel * window + kernel % window] = 1.0;
    }
    let kernels = Constant::f32s(&[channels * window, 1, height, width], &kernels);
    let kernels = cx.constant(kernels);
    let kernels = cx.cast(&kernels, DataType::F32, dtype);
    let [top, left] = op.options.padding;
    let attributes = [
        ("kernel_shape", ints(&op.kernel_size)),
        ("strides", ints(&op.options.stride)),
        ("pads", ints(&[top, left, top, left])),
        ("dilations", ints(&op.options.dilation)),
        ("group", int(channels as i64)),
    ];
    let columns = cx.node("Conv", &[&value, &kernels], &attributes);
    let target = [0, (channels * window) as i64, -1];
    let target = cx.i64s(&target);
    cx.emit(&op.out, "Reshape", &[&columns, &target], &[])
}
