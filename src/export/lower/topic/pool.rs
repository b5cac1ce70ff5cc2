//! Pooling.

use burn::backend::ir::{ScalarIr, TensorIr};

use crate::export::lengths::Lengths;
use crate::export::lower::emit::{
    Context, DataType, Lowered, Operator, int, ints, reduced_axes, text, times_matrix, wide,
};

/// The settings of a pool, with one entry for each spatial axis.
pub(crate) struct Options<'a> {
    pub kernel: &'a [usize],
    pub stride: &'a [usize],
    pub padding: &'a [usize],
    pub ceil: bool,
}

/// How far the last windows of a pool with `ceil_mode` reach beyond the padding; nothing where that depends on a
/// dynamic axis.
///
/// With so much more padding, a pool without `ceil_mode` has the same windows. Engines disagree about where the last
/// window of a pool with `ceil_mode` may begin.
fn overhang(cx: &Context, x: &TensorIr, out: &TensorIr, options: &Options, dilation: &[usize]) -> Option<Vec<usize>> {
    if !options.ceil {
        return Some(vec![0; options.kernel.len()]);
    }
    let lengths = cx.fixed_dims_from(x, 2).ok()?;
    let windows = cx.fixed_dims_from(out, 2).ok()?;
    let reach = |axis: usize| {
        let extent = dilation[axis] * (options.kernel[axis] - 1) + 1;
        let last = windows[axis].saturating_sub(1) * options.stride[axis] + extent;
        last.saturating_sub(lengths[axis] + 2 * options.padding[axis])
    };
    Some((0..lengths.len()).map(reach).collect())
}

/// The value, padded at both ends of every spatial axis.
fn padded(cx: &mut Context, value: &str, before: &[usize], after: &[usize], fill: f64, dtype: DataType) -> String {
    let outer: &[usize] = &[0, 0];
    let pads: Vec<i64> = [outer, before, outer, after].concat().into_iter().map(|n| n as i64).collect();
    let (pads, fill) = (cx.i64s(&pads), cx.number(dtype, fill));
    cx.node("Pad", &[value, &pads, &fill], &[("mode", text("constant"))])
}

pub(crate) fn average(
    cx: &mut Context,
    x: &TensorIr,
    out: &TensorIr,
    options: &Options,
    include_padding: bool,
) -> Lowered {
    let (mut value, dtype) = wide::read(cx, x)?;
    let none = vec![0; options.kernel.len()];
    let overhang = overhang(cx, x, out, options, &vec![1; none.len()]);
    let known = overhang.is_some();
    if !known && include_padding && cx.opset < 19 {
        return Err("before opset 19, engines average a window that reaches past the end over its whole size".into());
    }
    let beyond = overhang.unwrap_or_else(|| none.clone());
    let hangs = beyond.iter().any(|n| *n > 0);
    let too_wide = options.padding.iter().zip(options.kernel).any(|(padding, kernel)| padding >= kernel);
    let mut padding = options.padding;
    let mut include_padding = include_padding;
    if known && include_padding && (hangs || too_wide) {
        // Padding that counts becomes part of the image, and what a window covers beyond it does not count.
        value = padded(cx, &value, padding, padding, 0.0, dtype);
        padding = &none;
        include_padding = false;
    }
    let after: Vec<usize> = padding.iter().zip(&beyond).map(|(padding, beyond)| padding + beyond).collect();
    let attributes = [
        ("kernel_shape", ints(options.kernel)),
        ("strides", ints(options.stride)),
        ("pads", ints(&[padding, &after].concat())),
        ("ceil_mode", int((options.ceil && !known).into())),
        ("count_include_pad", int(include_padding.into())),
    ];
    let value = cx.node("AveragePool", &[&value], &attributes);
    wide::bind(cx, out, &value, dtype)
}

pub(crate) fn max(
    cx: &mut Context,
    x: &TensorIr,
    out: &TensorIr,
    indices: Option<&TensorIr>,
    options: &Options,
    dilation: &[usize],
) -> Lowered {
    let (mut value, dtype) = wide::read(cx, x)?;
    let none = vec![0; options.kernel.len()];
    let overhang = overhang(cx, x, out, options, dilation);
    let ceil = options.ceil && overhang.is_none();
    let beyond = overhang.unwrap_or_else(|| none.clone());
    let mut before = options.padding.to_vec();
    let mut after: Vec<usize> = before.iter().zip(&beyond).map(|(padding, beyond)| padding + beyond).collect();
    if before.iter().chain(&after).zip(options.kernel.iter().cycle()).any(|(padding, kernel)| padding >= kernel) {
        // Engines take less padding than a window is wide.
        if indices.is_some() {
            return Err(
                "its padding is as wide as its window, and the positions of its maxima would count the padding".into(),
            );
        }
        value = padded(cx, &value, &before, &after, f64::NEG_INFINITY, dtype);
        (before, after) = (none.clone(), none);
    }
    let attributes = [
        ("kernel_shape", ints(options.kernel)),
        ("strides", ints(options.stride)),
        ("pads", ints(&[before, after].concat())),
        ("dilations", ints(dilation)),
        ("ceil_mode", int(ceil.into())),
    ];
    let most = cx.node("MaxPool", &[&value], &attributes);
    wide::bind(cx, out, &most, dtype)?;
    let Some(indices) = indices else {
        return Ok(());
    };
    // A second node, which is removed where nothing reads the positions. ONNX counts positions through the whole
    // tensor, Burn within one channel.
    let both = cx.nodes("MaxPool", &[&value], 2, &attributes);
    let plane = plane(cx, x)?;
    let at = cx.node("Mod", &[&both[1], &plane], &[]);
    wide::bind(cx, indices, &at, DataType::I64)
}

/// How many elements a channel has.
fn plane(cx: &mut Context, x: &TensorIr) -> Lowered<String> {
    if let Ok(lengths) = cx.fixed_dims_from(x, 2) {
        let plane: usize = lengths.iter().product();
        return Ok(cx.scalar(DataType::I64, ScalarIr::Int(plane as i64)));
    }
    let dims = cx.dims(x);
    let mut plane = cx.size(&dims[2])?;
    for dim in &dims[3..] {
        let size = cx.size(dim)?;
        plane = cx.node("Mul", &[&plane, &size], &[]);
    }
    Ok(plane)
}

/// The mean over bins that cover each spatial axis: a pool where all bins are equal, else a mean or a product with a
/// matrix for each axis. So it is for f64 too, which ONNX Runtime does not pool.
pub(crate) fn adaptive(cx: &mut Context, x: &TensorIr, out: &TensorIr, size: &[usize]) -> Lowered {
    let (mut value, dtype) = wide::read_whole(cx, x)?;
    let dims: Vec<Lengths> = cx.dims(x)[2..].to_vec();
    if dtype != DataType::F64 {
        if size.iter().all(|n| *n == 1) {
            let value = cx.node("GlobalAveragePool", &[&value], &[]);
            return wide::bind(cx, out, &value, dtype);
        }
        let lengths: Option<Vec<usize>> = dims.iter().map(Lengths::fixed).collect();
        let even = lengths.filter(|lengths| lengths.iter().zip(size).all(|(len, bins)| len % bins == 0));
        if let Some(lengths) = even {
            let kernel: Vec<usize> = lengths.iter().zip(size).map(|(len, bins)| len / bins).collect();
            let attributes = [("kernel_shape", ints(&kernel)), ("strides", ints(&kernel))];
            let value = cx.node("AveragePool", &[&value], &attributes);
            return wide::bind(cx, out, &value, dtype);
        }
    }
    let whole: Vec<usize> = (0..size.len()).filter(|axis| size[*axis] == 1).map(|axis| axis + 2).collect();
    if !whole.is_empty() {
        value = reduced_axes(cx, Operator::ReduceMean, &value, &whole);
    }
    let rank = x.shape.num_dims();
    for (axis, bins) in size.iter().enumerate().filter(|(_, bins)| **bins != 1) {
        let len = cx.fixed(x, axis + 2)?;
        if len == *bins {
            continue;
        }
        let mut weights = vec![0.0; len * bins];
        for bin in 0..*bins {
            let (start, end) = (bin * len / bins, ((bin + 1) * len).div_ceil(*bins));
            for at in start..end {
                weights[at * bins + bin] = 1.0 / (end - start) as f64;
            }
        }
        let weights = wide::floats(cx, dtype, &[len, *bins], &weights);
        value = times_matrix(cx, &value, &weights, axis + 2, rank);
    }
    if cx.value_of(x.id).is_some_and(|own| own == value) {
        value = cx.node("Identity", &[&value], &[]);
    }
    wide::bind(cx, out, &value, dtype)
}
