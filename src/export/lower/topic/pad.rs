//! Padding of any axis.

use burn::backend::ir::{PadModeIr, PadOpIr};

use crate::export::lower::emit::{Context, Lowered, Operator, scalar, text};

pub(crate) fn pad(cx: &mut Context, op: &PadOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let dtype = cx.dtype(&op.input)?;
    let wide = Operator::Pad.kernel_type(dtype);
    let value = cx.cast(&value, dtype, wide);
    let before = op.padding.iter().map(|(before, _)| *before as i64);
    let after = op.padding.iter().map(|(_, after)| *after as i64);
    let pads: Vec<i64> = before.chain(after).collect();
    let pads = cx.i64s(&pads);
    let value = match op.mode {
        PadModeIr::Constant(fill) => {
            let fill = scalar(cx, fill, dtype, wide);
            cx.node("Pad", &[&value, &pads, &fill], &[("mode", text("constant"))])
        }
        PadModeIr::Reflect => cx.node("Pad", &[&value, &pads], &[("mode", text("reflect"))]),
        PadModeIr::Edge => cx.node("Pad", &[&value, &pads], &[("mode", text("edge"))]),
    };
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}
