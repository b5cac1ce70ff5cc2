//! Pooling, and resizing of pictures.

use burn::backend::ir::{InterpolateModeIr, InterpolateOpIr, ModuleOperationIr, OperationIr, TensorIr};

use super::context::{Context, Lowered, float, int, ints, text};
use crate::export::constant::{Constant, DataType};
use crate::export::dims::Dim;

/// A pool's settings, one entry a spatial axis.
pub(super) struct Options<'a> {
    pub kernel: &'a [usize],
    pub stride: &'a [usize],
    pub padding: &'a [usize],
    pub ceil: bool,
}

pub(super) fn average(
    cx: &mut Context,
    x: &TensorIr,
    out: &TensorIr,
    options: &Options,
    include_padding: bool,
) -> Lowered {
    let value = cx.value(x)?;
    let attributes = [
        ("kernel_shape", ints(options.kernel)),
        ("strides", ints(options.stride)),
        ("pads", ints(&[options.padding, options.padding].concat())),
        ("ceil_mode", int(options.ceil.into())),
        ("count_include_pad", int(include_padding.into())),
    ];
    cx.emit(out, "AveragePool", &[&value], &attributes)
}

pub(super) fn max(
    cx: &mut Context,
    x: &TensorIr,
    out: &TensorIr,
    indices: Option<&TensorIr>,
    options: &Options,
    dilation: &[usize],
) -> Lowered {
    let value = cx.value(x)?;
    let attributes = [
        ("kernel_shape", ints(options.kernel)),
        ("strides", ints(options.stride)),
        ("pads", ints(&[options.padding, options.padding].concat())),
        ("dilations", ints(dilation)),
        ("ceil_mode", int(options.ceil.into())),
    ];
    cx.emit(out, "MaxPool", &[&value], &attributes)?;
    let Some(indices) = indices else {
        return Ok(());
    };
    // A node of its own, which goes where nobody reads the positions. ONNX counts them through the whole tensor,
    // Burn within one channel.
    let both = cx.nodes("MaxPool", &[&value], 2, &attributes);
    let plane: usize = cx.fixed_dims_from(x, 2)?.iter().product();
    let plane = cx.scalar(DataType::I64, burn::backend::ir::ScalarIr::Int(plane as i64));
    let at = cx.node("Mod", &[&both[1], &plane], &[]);
    let dtype = cx.dtype(indices)?;
    let at = cx.cast(&at, DataType::I64, dtype);
    cx.bind(indices, at)
}

/// The mean over bins that cover each spatial axis: a pool where the bins are equal, matrices where they are not.
pub(super) fn adaptive(cx: &mut Context, x: &TensorIr, out: &TensorIr, size: &[usize]) -> Lowered {
    let value = cx.value(x)?;
    if size.iter().all(|n| *n == 1) {
        return cx.emit(out, "GlobalAveragePool", &[&value], &[]);
    }
    let lengths = cx.fixed_dims_from(x, 2)?;
    if lengths.iter().zip(size).all(|(len, bins)| len % bins == 0) {
        let kernel: Vec<usize> = lengths.iter().zip(size).map(|(len, bins)| len / bins).collect();
        let padding = vec![0; size.len()];
        let options = Options { kernel: &kernel, stride: &kernel, padding: &padding, ceil: false };
        return average(cx, x, out, &options, false);
    }
    let dtype = cx.dtype(x)?;
    let rank = x.shape.num_dims();
    let mut value = value;
    for (i, (len, bins)) in lengths.iter().zip(size).enumerate() {
        let mut weights = vec![0f32; len * bins];
        for bin in 0..*bins {
            let (start, end) = (bin * len / bins, ((bin + 1) * len).div_ceil(*bins));
            for at in start..end {
                weights[at * bins + bin] = 1.0 / (end - start) as f32;
            }
        }
        let weights = cx.constant(Constant::f32s(&[*len, *bins], &weights));
        let weights = cx.cast(&weights, DataType::F32, dtype);
        value = along(cx, &value, &weights, i + 2, rank);
    }
    cx.bind(out, value)
}

/// Multiplies one axis by a matrix of `[old length, new length]`.
fn along(cx: &mut Context, value: &str, matrix: &str, axis: usize, rank: usize) -> String {
    if axis == rank - 1 {
        return cx.node("MatMul", &[value, matrix], &[]);
    }
    let mut perm: Vec<usize> = (0..rank).collect();
    perm.swap(axis, rank - 1);
    let turned = cx.node("Transpose", &[value], &[("perm", ints(&perm))]);
    let product = cx.node("MatMul", &[&turned, matrix], &[]);
    cx.node("Transpose", &[&product], &[("perm", ints(&perm))])
}

pub(super) fn interpolate(cx: &mut Context, op: &InterpolateOpIr) -> Lowered {
    let value = cx.value(&op.x)?;
    let mut sizes = cx.variants().filter_map(|op| match op {
        OperationIr::Module(ModuleOperationIr::Interpolate(op)) => Some(op.output_size),
        _ => None,
    });
    if sizes.any(|size| size != op.output_size) {
        return Err("the size it resizes to depends on a dynamic axis".into());
    }
    let aligned = match op.options.align_corners {
        true => "align_corners",
        false => "half_pixel",
    };
    let (mode, coordinates, nearest) = match op.options.mode {
        InterpolateModeIr::Nearest => ("nearest", "asymmetric", Some("floor")),
        InterpolateModeIr::NearestExact => ("nearest", "half_pixel", Some("round_prefer_ceil")),
        InterpolateModeIr::Bilinear => ("linear", aligned, None),
        InterpolateModeIr::Bicubic => ("cubic", aligned, None),
        InterpolateModeIr::Lanczos3 => return Err("ONNX has no Lanczos interpolation".into()),
    };
    let mut attributes = vec![("mode", text(mode)), ("coordinate_transformation_mode", text(coordinates))];
    if let Some(nearest) = nearest {
        attributes.push(("nearest_mode", text(nearest)));
    }
    if mode == "cubic" {
        attributes.push(("cubic_coeff_a", float(-0.75)));
    }
    let from: Option<Vec<usize>> = cx.dims(&op.x)[2..].iter().map(Dim::fixed).collect();
    let factors = from.filter(|from| from.iter().zip(op.output_size).all(|(from, to)| to % from == 0));
    let value = match factors {
        // Whole factors are exact as floats and need no shape at run time.
        Some(from) => {
            let mut scales = vec![1.0f32, 1.0];
            scales.extend(from.iter().zip(op.output_size).map(|(from, to)| (to / from) as f32));
            let scales = cx.constant(Constant::f32s(&[4], &scales));
            cx.node("Resize", &[&value, "", &scales], &attributes)
        }
        None => {
            let dims = cx.dims(&op.out);
            let shape = cx.shape(&dims)?;
            cx.node("Resize", &[&value, "", "", &shape], &attributes)
        }
    };
    cx.bind(&op.out, value)
}
