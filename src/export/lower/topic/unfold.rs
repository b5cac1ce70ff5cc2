//! The windows of images as columns.

use burn::backend::ir::Unfold4dOpIr;

use crate::export::constant;
use crate::export::lower::emit::{Context, DataType, Lowered, Tensor, along_axis, count_up, ints, text};

/// The elements of every window, gathered axis by axis: no arithmetic, so infinities are copied too.
pub(crate) fn unfold(cx: &mut Context, op: &Unfold4dOpIr) -> Lowered {
    let channels = cx.fixed(&op.x, 1)?;
    let lengths = cx.dims(&op.x)[2..].to_vec();
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
        let (dilation, padding) = (op.options.dilation[axis], 2 * op.options.padding[axis]);
        let extent = dilation * (kernel - 1) + 1;
        let at = match lengths[axis].fixed() {
            Some(length) => {
                let length = length + padding;
                let windows = if length < extent { 0 } else { (length - extent) / stride + 1 };
                let starts = |tap: usize| (0..windows).map(move |window| (window * stride + tap * dilation) as i64);
                let at: Vec<i64> = (0..kernel).flat_map(starts).collect();
                cx.constant(Tensor { dims: vec![kernel, windows], ..constant::i64s(&at) })
            }
            None => {
                let starts = count_up(cx, &lengths[axis], padding as i64 - extent as i64 + 1, stride as i64)?;
                let taps: Vec<i64> = (0..kernel).map(|tap| (tap * dilation) as i64).collect();
                let taps = cx.constant(Tensor { dims: vec![kernel, 1], ..constant::i64s(&taps) });
                cx.node("Add", &[&taps, &starts], &[])
            }
        };
        value = cx.node("Gather", &[&value, &at], &[along_axis(place)]);
    }
    let value = cx.node("Transpose", &[&value], &[("perm", ints(&[0, 1, 2, 4, 3, 5]))]);
    let window: usize = op.kernel_size.iter().product();
    let shape = cx.i64s(&[0, (channels * window) as i64, -1]);
    cx.emit(&op.out, "Reshape", &[&value, &shape], &[])
}
