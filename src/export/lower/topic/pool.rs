//! Pooling.

use burn::backend::ir::{ModuleOperationIr, OperationIr, ScalarIr, TensorIr};

use crate::export::lengths::Lengths;
use crate::export::lower::emit::{
    Context, DataType, Lowered, Operator, int, ints, positions, reduced_axes, text, times_matrix, wide,
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
    if let Some(axes) = whole_axes(cx)? {
        return over_whole_axes(cx, x, out, Operator::ReduceMean, &axes);
    }
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
    if let Some(axes) = whole_axes(cx)? {
        return over_whole_axes(cx, x, out, Operator::ReduceMax, &axes);
    }
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

/// The axes that a pool's window covers, where its size follows a dynamic axis: it must be that of the image there, and 1
/// along other axes.
fn whole_axes(cx: &Context) -> Lowered<Option<Vec<usize>>> {
    /// Length, window, step and padding of each spatial axis.
    type Axes = Vec<[usize; 4]>;
    let settings = |op: &OperationIr| -> Option<Axes> {
        let axes = |x: &TensorIr, kernel: &[usize], stride: &[usize], padding: &[usize]| {
            let axis = |i: usize| [x.shape.iter().nth(i + 2).copied().unwrap_or(0), kernel[i], stride[i], padding[i]];
            Some((0..kernel.len()).map(axis).collect())
        };
        match op {
            OperationIr::Module(ModuleOperationIr::AvgPool1d(op)) => {
                axes(&op.x, &[op.kernel_size], &[op.stride], &[op.padding])
            }
            OperationIr::Module(ModuleOperationIr::AvgPool2d(op)) => {
                axes(&op.x, &op.kernel_size, &op.stride, &op.padding)
            }
            OperationIr::Module(ModuleOperationIr::MaxPool1d(op)) => {
                axes(&op.x, &[op.kernel_size], &[op.stride], &[op.padding])
            }
            OperationIr::Module(ModuleOperationIr::MaxPool2d(op)) => {
                axes(&op.x, &op.kernel_size, &op.stride, &op.padding)
            }
            _ => None,
        }
    };
    let versions: Vec<Axes> = cx.variants().filter_map(settings).collect();
    let Some(first) = versions.first() else {
        return Ok(None);
    };
    let same = |axis: usize| versions.iter().all(|other| other[axis][1..3] == first[axis][1..3]);
    let whole = |axis: usize| versions.iter().all(|other| other[axis][0] == other[axis][1] && other[axis][3] == 0);
    let moved: Vec<usize> = (0..first.len()).filter(|axis| !same(*axis)).collect();
    let still = |axis: usize| moved.contains(&axis) || first[axis][1..] == [1, 1, 0];
    match moved.as_slice() {
        [] => Ok(None),
        axes if axes.iter().all(|axis| whole(*axis)) && (0..first.len()).all(still) => {
            Ok(Some(axes.iter().map(|axis| axis + 2).collect()))
        }
        _ => Err("the size of its window follows a dynamic axis, and is not that of the whole image".into()),
    }
}

fn over_whole_axes(cx: &mut Context, x: &TensorIr, out: &TensorIr, operator: Operator, axes: &[usize]) -> Lowered {
    let (value, dtype) = wide::read_whole(cx, x)?;
    let value = reduced_axes(cx, operator, &value, axes);
    wide::bind(cx, out, &value, dtype)
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
        let bins: Vec<Lengths> = cx.dims(out)[2..].to_vec();
        if bins.iter().all(|bins| bins.fixed() == Some(1)) {
            let value = cx.node("GlobalAveragePool", &[&value], &[]);
            return wide::bind(cx, out, &value, dtype);
        }
        let fixed = bins.iter().all(|bins| bins.fixed().is_some());
        let lengths: Option<Vec<usize>> = dims.iter().map(Lengths::fixed).collect();
        let even = lengths.filter(|lengths| fixed && lengths.iter().zip(size).all(|(len, bins)| len % bins == 0));
        if let Some(lengths) = even {
            let kernel: Vec<usize> = lengths.iter().zip(size).map(|(len, bins)| len / bins).collect();
            let attributes = [("kernel_shape", ints(&kernel)), ("strides", ints(&kernel))];
            let value = cx.node("AveragePool", &[&value], &attributes);
            return wide::bind(cx, out, &value, dtype);
        }
    }
    let bins = cx.dims(out);
    let whole: Vec<usize> = (2..bins.len()).filter(|axis| bins[*axis].fixed() == Some(1)).collect();
    if !whole.is_empty() {
        value = reduced_axes(cx, Operator::ReduceMean, &value, &whole);
    }
    let rank = x.shape.num_dims();
    let bins: Vec<Lengths> = cx.dims(out)[2..].to_vec();
    for (axis, (len, bins)) in dims.iter().zip(&bins).enumerate().filter(|(_, (_, bins))| bins.fixed() != Some(1)) {
        if len == bins {
            continue;
        }
        let weights = match (len.fixed(), bins.fixed()) {
            (Some(len), Some(bins)) => {
                let mut weights = vec![0.0; len * bins];
                for bin in 0..bins {
                    let (start, end) = (bin * len / bins, ((bin + 1) * len).div_ceil(bins));
                    for at in start..end {
                        weights[at * bins + bin] = 1.0 / (end - start) as f64;
                    }
                }
                wide::floats(cx, dtype, &[len, bins], &weights)
            }
            _ => computed_bins(cx, len, bins, dtype)?,
        };
        value = times_matrix(cx, &value, &weights, axis + 2, rank);
    }
    if cx.value_of(x.id).is_some_and(|own| own == value) {
        value = cx.node("Identity", &[&value], &[]);
    }
    wide::bind(cx, out, &value, dtype)
}

/// The weights of bins that cover an axis, `[length, bins]`, where one of the two follows a dynamic axis.
fn computed_bins(cx: &mut Context, len: &Lengths, bins: &Lengths, dtype: DataType) -> Lowered<String> {
    let (size, count) = (cx.size(len)?, cx.size(bins)?);
    let (at, bin) = (positions(cx, len)?, positions(cx, bins)?);
    let upright = cx.i64s(&[-1, 1]);
    let at = cx.node("Reshape", &[&at, &upright], &[]);
    let start = cx.node("Mul", &[&bin, &size], &[]);
    let end = cx.node("Add", &[&start, &size], &[]);
    let start = cx.node("Div", &[&start, &count], &[]);
    // Rounded up.
    let end = cx.node("Add", &[&end, &count], &[]);
    let one = cx.i64s(&[1]);
    let end = cx.node("Sub", &[&end, &one], &[]);
    let end = cx.node("Div", &[&end, &count], &[]);
    let late = cx.node("GreaterOrEqual", &[&at, &start], &[]);
    let early = cx.node("Less", &[&at, &end], &[]);
    let inside = cx.node("And", &[&late, &early], &[]);
    let inside = cx.cast(&inside, DataType::Bool, dtype);
    let count = cx.node("Sub", &[&end, &start], &[]);
    let count = cx.cast(&count, DataType::I64, dtype);
    Ok(cx.node("Div", &[&inside, &count], &[]))
}
