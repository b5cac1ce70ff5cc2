//! The windows of images as columns.

use burn::backend::ir::Unfold4dOpIr;

use crate::export::constant;
use crate::export::lower::emit::{Context, DataType, Lowered, Tensor, along_axis, int, ints, text, wide};

/// The elements of every window, gathered axis by axis: no arithmetic, so infinities are copied too.
pub(crate) fn unfold(cx: &mut Context, op: &Unfold4dOpIr) -> Lowered {
    let Ok(lengths) = cx.fixed_dims_from(&op.x, 2) else {
        return by_convolution(cx, op);
    };
    let channels = cx.fixed(&op.x, 1)?;
    let dtype = cx.dtype(&op.x)?;
    let mut value = cx.value(&op.x)?;
    let [top, left] = op.options.padding.map(|n| n as i64);
    if top + left > 0 {
        // Engines do not pad bf16.
        let wide = if dtype == DataType::Bf16 { DataType::F32 } else { dtype };
        value = cx.cast(&value, dtype, wide);
        let (pads, zero) = (cx.i64s(&[0, 0, top, left, 0, 0, top, left]), cx.number(wide, 0.0));
        value = cx.node("Pad", &[&value, &pads, &zero], &[("mode", text("constant"))]);
        value = cx.cast(&value, wide, dtype);
    }
    // The second axis is at 4, since the first `Gather` has made two axes of the one at 2.
    for (axis, place) in [(0, 2), (1, 4)] {
        let (kernel, stride) = (op.kernel_size[axis], op.options.stride[axis]);
        let (dilation, length) = (op.options.dilation[axis], lengths[axis] + 2 * op.options.padding[axis]);
        let extent = dilation * (kernel - 1) + 1;
        let windows = if length < extent { 0 } else { (length - extent) / stride + 1 };
        let at = (0..kernel).flat_map(|tap| (0..windows).map(move |window| (window * stride + tap * dilation) as i64));
        let at = Tensor { dims: vec![kernel, windows], ..constant::i64s(&at.collect::<Vec<_>>()) };
        let at = cx.constant(at);
        value = cx.node("Gather", &[&value, &at], &[along_axis(place)]);
    }
    let value = cx.node("Transpose", &[&value], &[("perm", ints(&[0, 1, 2, 4, 3, 5]))]);
    let window: usize = op.kernel_size.iter().product();
    let shape = cx.i64s(&[0, (channels * window) as i64, -1]);
    cx.emit(&op.out, "Reshape", &[&value, &shape], &[])
}

/// A convolution whose kernels each copy one element of the window, for images of dynamic size.
fn by_convolution(cx: &mut Context, op: &Unfold4dOpIr) -> Lowered {
    let (value, dtype) = wide::read(cx, &op.x)?;
    let channels = cx.fixed(&op.x, 1)?;
    let [height, width] = op.kernel_size;
    let window = height * width;
    let mut kernels = vec![0.0; channels * window * window];
    for kernel in 0..channels * window {
        kernels[kernel * window + kernel % window] = 1.0;
    }
    let kernels = wide::floats(cx, dtype, &[channels * window, 1, height, width], &kernels);
    let [top, left] = op.options.padding;
    let attributes = [
        ("kernel_shape", ints(&op.kernel_size)),
        ("strides", ints(&op.options.stride)),
        ("pads", ints(&[top, left, top, left])),
        ("dilations", ints(&op.options.dilation)),
        ("group", int(channels as i64)),
    ];
    let columns = cx.node("Conv", &[&value, &kernels], &attributes);
    let shape = cx.i64s(&[0, (channels * window) as i64, -1]);
    let value = cx.node("Reshape", &[&columns, &shape], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}
