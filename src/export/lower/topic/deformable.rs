//! Deformable convolution, which few engines have: a grid sample at the moved positions, then a 1x1 convolution.

use burn::backend::ir::DeformConv2dOpIr;

use super::grid_sample::bilinear;
use crate::export::lengths::Lengths;
use crate::export::lower::emit::{Context, DataType, Lowered, along_axis, int, ints, positions, text, wide};

pub(crate) fn deformable(cx: &mut Context, op: &DeformConv2dOpIr) -> Lowered {
    let (image, kernel, result) = (cx.dims(&op.x), cx.fixed_dims(&op.weight)?, cx.dims(&op.offset)[2..].to_vec());
    let channels = cx.fixed(&op.x, 1)?;
    let (groups, taps) = (op.options.offset_groups, kernel[2] * kernel[3]);
    let (rows, columns) = (&result[0], &result[1]);
    let (mut x, dtype) = wide::read_whole(cx, &op.x)?;
    if groups > 1 {
        x = reshaped(cx, &x, &[(channels / groups, None), (1, Some(&image[2])), (1, Some(&image[3]))])?;
    }
    let grid = grid(cx, op, &kernel[2..], &image[2..], &result)?;
    let attributes = [("mode", text(bilinear(cx))), ("padding_mode", text("zeros")), ("align_corners", int(0))];
    let mut samples = cx.node("GridSample", &[&x, &grid], &attributes);
    if let Some(mask) = &op.mask {
        let (mask, _) = wide::read_whole(cx, mask)?;
        let mask = reshaped(cx, &mask, &[(1, None), (taps, Some(rows)), (1, Some(columns))])?;
        samples = cx.node("Mul", &[&samples, &mask], &[]);
    }
    let samples = reshaped(cx, &samples, &[(channels * taps, None), (1, Some(rows)), (1, Some(columns))])?;
    let (weight, _) = wide::read_whole(cx, &op.weight)?;
    let shape = cx.i64s(&[kernel[0] as i64, (kernel[1] * taps) as i64, 1, 1]);
    let weight = cx.node("Reshape", &[&weight, &shape], &[]);
    let mut inputs = vec![samples, weight];
    if let Some(bias) = &op.bias {
        inputs.push(wide::read_whole(cx, bias)?.0);
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let attributes = [("kernel_shape", ints(&[1, 1])), ("group", int(op.options.weight_groups as i64))];
    let value = cx.node("Conv", &inputs, &attributes);
    wide::bind(cx, &op.out, &value, dtype)
}

/// The value with these dimensions behind a first one that is inferred. Each is a number of times a length, or the
/// number alone.
fn reshaped(cx: &mut Context, value: &str, rest: &[(usize, Option<&Lengths>)]) -> Lowered<String> {
    let fixed = |(times, length): &(usize, Option<&Lengths>)| match length {
        Some(length) => length.fixed().map(|length| (times * length) as i64),
        None => Some(*times as i64),
    };
    let shape = match rest.iter().map(fixed).collect::<Option<Vec<i64>>>() {
        Some(rest) => {
            let mut shape = vec![-1];
            shape.extend(rest);
            cx.i64s(&shape)
        }
        None => {
            let mut parts = vec![cx.i64s(&[-1])];
            for (times, length) in rest {
                let mut part = cx.i64s(&[*times as i64]);
                if let Some(length) = length {
                    let length = cx.size(length)?;
                    part = if *times == 1 { length } else { cx.node("Mul", &[&length, &part], &[]) };
                }
                parts.push(part);
            }
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            cx.node("Concat", &parts, &[along_axis(0)])
        }
    };
    Ok(cx.node("Reshape", &[value, &shape], &[]))
}

/// Where every element of the kernel samples the image: `[batch * groups, taps * rows, columns, x and y]`, in the
/// coordinates of `GridSample`, in which pixel `p` of `n` is at `(2 p + 1) / n - 1`.
fn grid(
    cx: &mut Context,
    op: &DeformConv2dOpIr,
    kernel: &[usize],
    image: &[Lengths],
    result: &[Lengths],
) -> Lowered<String> {
    let (offset, dtype) = wide::read_whole(cx, &op.offset)?;
    let taps = kernel[0] * kernel[1];
    let offset = reshaped(cx, &offset, &[(taps, None), (2, None), (1, Some(&result[0])), (1, Some(&result[1]))])?;
    // Burn's offsets are (y, x), the positions of a grid are (x, y).
    let swap = cx.i64s(&[1, 0]);
    let offset = cx.node("Gather", &[&offset, &swap], &[along_axis(2)]);
    let offset = cx.node("Transpose", &[&offset], &[("perm", ints(&[0, 1, 3, 4, 2]))]);
    let (scale, base) = match [&image[0], &image[1], &result[0], &result[1]].map(Lengths::fixed) {
        [Some(height), Some(width), Some(rows), Some(columns)] => {
            stored(cx, op, kernel, [height as f64, width as f64], [rows, columns], dtype)
        }
        _ => computed(cx, op, kernel, image, result, dtype)?,
    };
    let moved = cx.node("Mul", &[&offset, &scale], &[]);
    let grid = cx.node("Add", &[&moved, &base], &[]);
    reshaped(cx, &grid, &[(taps, Some(&result[0])), (1, Some(&result[1])), (2, None)])
}

/// The length of a pixel in the coordinates of the grid, and where the kernel samples the image without offsets.
fn stored(
    cx: &mut Context,
    op: &DeformConv2dOpIr,
    kernel: &[usize],
    [height, width]: [f64; 2],
    [rows, columns]: [usize; 2],
    dtype: DataType,
) -> (String, String) {
    let taps = kernel[0] * kernel[1];
    let scale = wide::floats(cx, dtype, &[2], &[2.0 / width, 2.0 / height]);
    let options = &op.options;
    let at = |tap: usize, out: usize, axis: usize| {
        (out * options.stride[axis] + tap * options.dilation[axis]) as f64 - options.padding[axis] as f64
    };
    let mut base = Vec::with_capacity(taps * rows * columns * 2);
    for tap in 0..taps {
        for row in 0..rows {
            for column in 0..columns {
                base.push((2.0 * at(tap % kernel[1], column, 1) + 1.0) / width - 1.0);
                base.push((2.0 * at(tap / kernel[1], row, 0) + 1.0) / height - 1.0);
            }
        }
    }
    let base = wide::floats(cx, dtype, &[taps, rows, columns, 2], &base);
    (scale, base)
}

/// [`stored`], where a size follows a dynamic axis.
fn computed(
    cx: &mut Context,
    op: &DeformConv2dOpIr,
    kernel: &[usize],
    image: &[Lengths],
    result: &[Lengths],
    dtype: DataType,
) -> Lowered<(String, String)> {
    let taps = kernel[0] * kernel[1];
    // In doubles: a pixel is a small part of the whole grid.
    let exact = DataType::F64;
    let (mut scales, mut bases) = (Vec::new(), Vec::new());
    let last = cx.i64s(&[-1]);
    let (rows, columns) = (cx.size(&result[0])?, cx.size(&result[1])?);
    let (all, one) = (cx.i64s(&[taps as i64]), cx.i64s(&[1]));
    let whole = cx.node("Concat", &[&all, &rows, &columns, &one], &[along_axis(0)]);
    // Across, then down: a grid holds (x, y).
    for axis in [1, 0] {
        let size = cx.size(&image[axis])?;
        let size = cx.cast(&size, DataType::I64, exact);
        let two = cx.number(exact, 2.0);
        let pixel = cx.node("Div", &[&two, &size], &[]);
        let at = positions(cx, &result[axis])?;
        let at = cx.cast(&at, DataType::I64, exact);
        let stride = cx.number(exact, op.options.stride[axis] as f64);
        let at = cx.node("Mul", &[&at, &stride], &[]);
        let shape = cx.i64s(if axis == 1 { &[1, 1, -1, 1] } else { &[1, -1, 1, 1] });
        let at = cx.node("Reshape", &[&at, &shape], &[]);
        let place = |tap: usize| if axis == 1 { tap % kernel[1] } else { tap / kernel[1] };
        let moves: Vec<f64> = (0..taps)
            .map(|tap| (place(tap) * op.options.dilation[axis]) as f64 - op.options.padding[axis] as f64 + 0.5)
            .collect();
        let moves = wide::floats(cx, exact, &[taps, 1, 1, 1], &moves);
        let at = cx.node("Add", &[&at, &moves], &[]);
        let at = cx.node("Mul", &[&at, &pixel], &[]);
        let left = cx.number(exact, -1.0);
        let at = cx.node("Add", &[&at, &left], &[]);
        let at = cx.cast(&at, exact, dtype);
        let pixel = cx.cast(&pixel, exact, dtype);
        bases.push(cx.node("Expand", &[&at, &whole], &[]));
        scales.push(cx.node("Reshape", &[&pixel, &last], &[]));
    }
    let scale = cx.node("Concat", &[&scales[0], &scales[1]], &[along_axis(0)]);
    let base = cx.node("Concat", &[&bases[0], &bases[1]], &[along_axis(3)]);
    Ok((scale, base))
}
