//! Convolutions of one to three dimensions, plain and transposed.

use burn::backend::ir::TensorIr;

use crate::export::lower::emit::{Attribute, Context, DataType, Lowered, along_axis, int, ints, text, wide};
use crate::export::settings;

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
    let (mut inputs, dtype) = inputs(cx, tensors)?;
    let mut attributes = attributes(cx, tensors, options)?;
    let versions: Vec<Vec<i64>> = cx.variants().map(settings::integers).collect();
    if versions.iter().any(|pads| *pads != versions[0]) {
        // What is added at the edges follows a dynamic axis, as `Same` padding with strides does.
        let outer = [vec![0; versions.len()], vec![0; versions.len()]];
        let end = |end: usize| {
            let spatial =
                (0..versions[0].len() / 2).map(|axis| versions.iter().map(|pads| pads[2 * axis + end]).collect());
            outer.iter().cloned().chain(spatial).collect::<Vec<Vec<i64>>>()
        };
        let pads = [end(0), end(1)].concat();
        let pads = pads.iter().map(|versions| cx.whole(versions)).collect::<Lowered<Vec<String>>>()?;
        let pads: Vec<&str> = pads.iter().map(String::as_str).collect();
        let pads = cx.node("Concat", &pads, &[along_axis(0)]);
        let zero = cx.number(dtype, 0.0);
        inputs[0] = cx.node("Pad", &[&inputs[0], &pads, &zero], &[("mode", text("constant"))]);
        let none = vec![0; options.before.len()];
        attributes.retain(|(name, _)| *name != "pads");
        attributes.push(("pads", ints(&[none.as_slice(), &none].concat())));
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
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
