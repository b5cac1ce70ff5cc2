//! Deformable convolution, which few engines have: a grid sample at the moved positions, then a 1x1 convolution.

use burn::backend::ir::DeformConv2dOpIr;

use super::grid_sample::bilinear;
use crate::export::lower::emit::{Context, Lowered, along_axis, int, ints, text, wide};

pub(crate) fn deformable(cx: &mut Context, op: &DeformConv2dOpIr) -> Lowered {
    let image = cx.fixed_dims_from(&op.x, 1)?;
    let kernel = cx.fixed_dims(&op.weight)?;
    let result = cx.fixed_dims_from(&op.offset, 2)?;
    let (groups, taps) = (op.options.offset_groups, kernel[2] * kernel[3]);
    let [channels, rows, columns] = [image[0], result[0], result[1]];
    let (mut x, dtype) = wide::read_whole(cx, &op.x)?;
    if groups > 1 {
        x = reshaped(cx, &x, &[channels / groups, image[1], image[2]]);
    }
    let grid = grid(cx, op, &kernel[2..], &image[1..], &result)?;
    let attributes = [("mode", text(bilinear(cx))), ("padding_mode", text("zeros")), ("align_corners", int(0))];
    let mut samples = cx.node("GridSample", &[&x, &grid], &attributes);
    if let Some(mask) = &op.mask {
        let (mask, _) = wide::read_whole(cx, mask)?;
        let mask = reshaped(cx, &mask, &[1, taps * rows, columns]);
        samples = cx.node("Mul", &[&samples, &mask], &[]);
    }
    let samples = reshaped(cx, &samples, &[channels * taps, rows, columns]);
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

/// The value with these dimensions behind a first one that is inferred.
fn reshaped(cx: &mut Context, value: &str, rest: &[usize]) -> String {
    let mut shape = vec![-1];
    shape.extend(rest.iter().map(|len| *len as i64));
    let shape = cx.i64s(&shape);
    cx.node("Reshape", &[value, &shape], &[])
}

/// Where every element of the kernel samples the image: `[batch * groups, taps * rows, columns, x and y]`, in the
/// coordinates of `GridSample`, in which pixel `p` of `n` is at `(2 p + 1) / n - 1`.
fn grid(
    cx: &mut Context,
    op: &DeformConv2dOpIr,
    kernel: &[usize],
    image: &[usize],
    result: &[usize],
) -> Lowered<String> {
    let (offset, dtype) = wide::read_whole(cx, &op.offset)?;
    let (taps, [height, width]) = (kernel[0] * kernel[1], [image[0] as f64, image[1] as f64]);
    let offset = reshaped(cx, &offset, &[taps, 2, result[0], result[1]]);
    // Burn's offsets are (y, x), the positions of a grid are (x, y).
    let swap = cx.i64s(&[1, 0]);
    let offset = cx.node("Gather", &[&offset, &swap], &[along_axis(2)]);
    let offset = cx.node("Transpose", &[&offset], &[("perm", ints(&[0, 1, 3, 4, 2]))]);
    let scale = wide::floats(cx, dtype, &[2], &[2.0 / width, 2.0 / height]);
    let moved = cx.node("Mul", &[&offset, &scale], &[]);
    let options = &op.options;
    let at = |tap: usize, out: usize, axis: usize| {
        (out * options.stride[axis] + tap * options.dilation[axis]) as f64 - options.padding[axis] as f64
    };
    let mut base = Vec::with_capacity(taps * result[0] * result[1] * 2);
    for tap in 0..taps {
        for row in 0..result[0] {
            for column in 0..result[1] {
                base.push((2.0 * at(tap % kernel[1], column, 1) + 1.0) / width - 1.0);
                base.push((2.0 * at(tap / kernel[1], row, 0) + 1.0) / height - 1.0);
            }
        }
    }
    let base = wide::floats(cx, dtype, &[taps, result[0], result[1], 2], &base);
    let grid = cx.node("Add", &[&moved, &base], &[]);
    Ok(reshaped(cx, &grid, &[taps * result[0], result[1], 2]))
}
