//! Convolutions of one to three dimensions, plain and transposed.

use burn::backend::ir::TensorIr;

use crate::export::lower::emit::{Attribute, Context, DataType, Lowered, int, ints, wide};

/// The settings of a convolution, with one entry for each spatial axis.
pub(crate) struct Options<'a> {
    pub stride: &'a [usize],
    pub before: &'a [usize],
    pub after: &'a [usize],
    pub dilation: &'a [usize],
    pub groups: usize,
}

/// The tensors of a convolution.
pub(crate) struct Tensors<'a> {
    pub x: &'a TensorIr,
    pub weight: &'a TensorIr,
    pub bias: Option<&'a TensorIr>,
    pub out: &'a TensorIr,
}

fn inputs(cx: &mut Context, tensors: &Tensors) -> Lowered<(Vec<String>, DataType)> {
    let (x, dtype) = wide::read(cx, tensors.x)?;
    let mut inputs = vec![x];
    for tensor in [Some(tensors.weight), tensors.bias].into_iter().flatten() {
        inputs.push(wide::read(cx, tensor)?.0);
    }
    Ok((inputs, dtype))
}

fn attributes(cx: &Context, tensors: &Tensors, options: &Options) -> Lowered<Vec<(&'static str, Attribute)>> {
    let kernel = &cx.fixed_dims(tensors.weight)?[2..];
    Ok(vec![
        ("kernel_shape", ints(kernel)),
        ("strides", ints(options.stride)),
        ("pads", ints(&[options.before, options.after].concat())),
        ("dilations", ints(options.dilation)),
        ("group", int(options.groups as i64)),
    ])
}

pub(crate) fn conv(cx: &mut Context, tensors: &Tensors, options: &Options) -> Lowered {
    let (inputs, dtype) = inputs(cx, tensors)?;
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let attributes = attributes(cx, tensors, options)?;
    let value = cx.node("Conv", &inputs, &attributes);
    wide::bind(cx, tensors.out, &value, dtype)
}

pub(crate) fn transposed(cx: &mut Context, tensors: &Tensors, options: &Options, output_padding: &[usize]) -> Lowered {
    let (inputs, dtype) = inputs(cx, tensors)?;
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let mut attributes = attributes(cx, tensors, options)?;
    attributes.push(("output_padding", ints(output_padding)));
    let value = cx.node("ConvTranspose", &inputs, &attributes);
    wide::bind(cx, tensors.out, &value, dtype)
}
