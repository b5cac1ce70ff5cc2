//! Padding of any axis.

use burn::backend::ir::{NumericOperationIr, OperationIr, PadModeIr, PadOpIr};

use crate::export::lower::emit::{Context, Lowered, Operator, along_axis, scalar, text};

pub(crate) fn pad(cx: &mut Context, op: &PadOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let dtype = cx.dtype(&op.input)?;
    let wide = Operator::Pad.kernel_type(dtype);
    let value = cx.cast(&value, dtype, wide);
    let pads = pads(cx, op)?;
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

/// How many elements are added before every axis, then after every axis.
fn pads(cx: &mut Context, op: &PadOpIr) -> Lowered<String> {
    let versions: Vec<&PadOpIr> = cx
        .variants()
        .filter_map(|op| match op {
            OperationIr::NumericFloat(_, NumericOperationIr::Pad(op))
            | OperationIr::NumericInt(_, NumericOperationIr::Pad(op)) => Some(op),
            _ => None,
        })
        .collect();
    let axes = 0..op.padding.len();
    let before = axes.clone().map(|axis| versions.iter().map(|op| op.padding[axis].0 as i64).collect());
    let after = axes.map(|axis| versions.iter().map(|op| op.padding[axis].1 as i64).collect());
    let pads: Vec<Vec<i64>> = before.chain(after).collect();
    if pads.iter().all(|versions| versions.iter().all(|pad| *pad == versions[0])) {
        let pads: Vec<i64> = pads.iter().map(|versions| versions[0]).collect();
        return Ok(cx.i64s(&pads));
    }
    let pads = pads.iter().map(|versions| cx.whole(versions)).collect::<Lowered<Vec<String>>>()?;
    let pads: Vec<&str> = pads.iter().map(String::as_str).collect();
    Ok(cx.node("Concat", &pads, &[along_axis(0)]))
}
