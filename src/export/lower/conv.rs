//! Convolutions of one to three dimensions, plain, transposed and deformable.

use burn::backend::ir::{DeformConv2dOpIr, TensorIr};

use super::context::{Context, Lowered, int, ints};

/// A convolution's settings, one entry a spatial axis.
pub(super) struct Options<'a> {
    pub stride: &'a [usize],
    pub before: &'a [usize],
    pub after: &'a [usize],
    pub dilation: &'a [usize],
    pub groups: usize,
}

/// The tensors of a convolution.
pub(super) struct Tensors<'a> {
    pub x: &'a TensorIr,
    pub weight: &'a TensorIr,
    pub bias: Option<&'a TensorIr>,
    pub out: &'a TensorIr,
}

fn inputs(cx: &Context, tensors: &Tensors) -> Lowered<Vec<String>> {
    let mut inputs = vec![cx.value(tensors.x)?, cx.value(tensors.weight)?];
    if let Some(bias) = tensors.bias {
        inputs.push(cx.value(bias)?);
    }
    Ok(inputs)
}

fn pads(options: &Options) -> Vec<usize> {
    [options.before, options.after].concat()
}

pub(super) fn conv(cx: &mut Context, tensors: &Tensors, options: &Options) -> Lowered {
    let inputs = inputs(cx, tensors)?;
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let kernel = &cx.fixed_dims(tensors.weight)?[2..];
    let attributes = [
        ("kernel_shape", ints(kernel)),
        ("strides", ints(options.stride)),
        ("pads", ints(&pads(options))),
        ("dilations", ints(options.dilation)),
        ("group", int(options.groups as i64)),
    ];
    cx.emit(tensors.out, "Conv", &inputs, &attributes)
}

pub(super) fn transposed(cx: &mut Context, tensors: &Tensors, options: &Options, output_padding: &[usize]) -> Lowered {
    let inputs = inputs(cx, tensors)?;
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let kernel = &cx.fixed_dims(tensors.weight)?[2..];
    let attributes = [
        ("kernel_shape", ints(kernel)),
        ("strides", ints(options.stride)),
        ("pads", ints(&pads(options))),
        ("output_padding", ints(output_padding)),
        ("dilations", ints(options.dilation)),
        ("group", int(options.groups as i64)),
    ];
    cx.emit(tensors.out, "ConvTranspose", &inputs, &attributes)
}

pub(super) fn deformable(cx: &mut Context, op: &DeformConv2dOpIr) -> Lowered {
    if cx.opset < 19 {
        return Err("deformable convolution needs opset 19".into());
    }
    let kernel = &cx.fixed_dims(&op.weight)?[2..];
    let mut inputs = vec![cx.value(&op.x)?, cx.value(&op.weight)?, cx.value(&op.offset)?];
    for optional in [&op.bias, &op.mask] {
        inputs.push(match optional {
            Some(tensor) => cx.value(tensor)?,
            None => String::new(),
        });
    }
    while inputs.last().is_some_and(String::is_empty) {
        inputs.pop();
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let options = &op.options;
    let [top, left] = options.padding;
    let attributes = [
        ("kernel_shape", ints(kernel)),
        ("strides", ints(&options.stride)),
        ("pads", ints(&[top, left, top, left])),
        ("dilations", ints(&options.dilation)),
        ("group", int(options.weight_groups as i64)),
        ("offset_group", int(options.offset_groups as i64)),
    ];
    cx.emit(&op.out, "DeformConv", &inputs, &attributes)
}
