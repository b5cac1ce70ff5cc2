//! Ranges of axes: from Burn's slices, whose bounds may depend on a dynamic axis, to the operands of ONNX's `Slice`.

use burn::backend::Slice;
use burn::backend::ir::{BaseOperationIr, OperationIr, TensorIr};

use crate::export::lengths::Lengths;
use crate::export::lower::emit::{Context, Lowered, along_axis};
use crate::export::settings;

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The same number at every length; a negative one counts from the end, as it does in ONNX.
    Known(i64),
    /// This many elements before the end.
    FromEnd(i64),
    /// A number that depends on a dynamic axis.
    Sized(Lengths),
}

/// One axis of a slice as Burn defines it: the positions `start..end`, read backwards where `step` is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    pub start: Bound,
    pub end: Bound,
    pub step: i64,
    /// The length of the axis.
    pub dim: Lengths,
}

/// A bound as an operand of ONNX's `Slice`: a number, or a value of the graph with one element.
pub(crate) enum Operand {
    Number(i64),
    Value(String),
}

/// The range of every axis of a tensor that a slice reads or writes.
pub(crate) fn ranges(cx: &Context, tensor: &TensorIr) -> Lowered<Vec<Range>> {
    let versions: Vec<&[Slice]> = cx
        .variants()
        .filter_map(|op| match op {
            OperationIr::BaseFloat(op) | OperationIr::BaseInt(op) | OperationIr::BaseBool(op) => match op {
                BaseOperationIr::Slice(op) => Some(op.ranges.as_slice()),
                BaseOperationIr::SliceAssign(op) => Some(op.ranges.as_slice()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let dims = cx.dims(tensor);
    dims.into_iter()
        .enumerate()
        .map(|(axis, dim)| match versions.iter().all(|ranges| axis < ranges.len()) {
            true => range(dim, &versions, axis),
            false => Ok(Range::whole(dim, 1)),
        })
        .collect()
}

fn range(dim: Lengths, versions: &[&[Slice]], axis: usize) -> Lowered<Range> {
    let of = |value: fn(&Slice) -> Option<isize>| -> Vec<Option<i64>> {
        versions.iter().map(|ranges| value(&ranges[axis]).map(|n| n as i64)).collect()
    };
    let steps = of(|slice| Some(slice.step));
    let Some(step) = steps[0].filter(|step| steps.iter().all(|other| *other == Some(*step))) else {
        return Err("the step of a range depends on a dynamic axis".into());
    };
    let start = bound(&of(|slice| Some(slice.start)), &dim);
    let end = bound(&of(|slice| slice.end), &dim);
    Ok(Range { start, end, step, dim })
}

/// One form of a bound that holds in every trace.
fn bound(values: &[Option<i64>], dim: &Lengths) -> Bound {
    let resolved: Vec<i64> =
        values.iter().zip(&dim.0).map(|(value, len)| settings::bound(value.map(|n| n as isize), *len)).collect();
    let left: Vec<i64> = resolved.iter().zip(&dim.0).map(|(value, len)| *len as i64 - value).collect();
    let same = |numbers: &[i64]| numbers.iter().all(|n| *n == numbers[0]);
    if dim.fixed().is_some() && same(&resolved) {
        return Bound::Known(resolved[0]);
    }
    match values[0] {
        Some(value) if values.iter().all(|other| *other == Some(value)) => Bound::Known(value),
        _ if same(&left) => Bound::FromEnd(left[0]),
        _ if same(&resolved) => Bound::Known(resolved[0]),
        _ => Bound::Sized(Lengths(resolved.into_iter().map(|n| n as usize).collect())),
    }
}

impl Range {
    pub fn whole(dim: Lengths, step: i64) -> Self {
        Self { start: Bound::Known(0), end: Bound::FromEnd(0), step, dim }
    }

    pub fn is_from_start(&self) -> bool {
        self.start == Bound::Known(0)
    }

    pub fn to_end(&self) -> bool {
        match self.end {
            Bound::FromEnd(left) => left == 0,
            Bound::Known(end) => usize::try_from(end).is_ok_and(|end| self.dim.fixed() == Some(end)),
            Bound::Sized(_) => false,
        }
    }

    pub fn is_whole(&self) -> bool {
        self.is_from_start() && self.to_end()
    }

    pub fn is_everything(&self) -> bool {
        self.is_whole() && self.step == 1
    }

    /// The positions in the order in which they are read, where they do not depend on a dynamic axis.
    pub fn known_positions(&self) -> Option<Vec<i64>> {
        let len = self.dim.fixed()? as i64;
        let number = |bound: &Bound| match bound {
            Bound::Known(value) => Some(if *value < 0 { value + len } else { *value }.clamp(0, len)),
            Bound::FromEnd(left) => Some((len - left).max(0)),
            Bound::Sized(_) => None,
        };
        let (start, end) = (number(&self.start)?, number(&self.end)?);
        let by = self.step.unsigned_abs() as usize;
        Some(match self.step > 0 {
            true => (start..end).step_by(by).collect(),
            false => (start..end).rev().step_by(by).collect(),
        })
    }
}

/// A bound as the operand of a `Slice` that reads forwards.
pub(crate) fn forwards(cx: &mut Context, bound: &Bound) -> Lowered<Operand> {
    Ok(match bound {
        Bound::Known(value) => Operand::Number(*value),
        Bound::FromEnd(0) => Operand::Number(i64::MAX),
        Bound::FromEnd(left) => Operand::Number(-left),
        Bound::Sized(dim) => Operand::Value(cx.size(dim)?),
    })
}

/// The position before a bound, as the operand of a `Slice` that reads backwards. The position before the first is a
/// number far below zero, since -1 is the last position.
pub(crate) fn before(cx: &mut Context, bound: &Bound, dim: &Lengths) -> Lowered<Operand> {
    const BEFORE_FIRST: i64 = i64::MIN + 1;
    Ok(match bound {
        Bound::Known(0) => Operand::Number(BEFORE_FIRST),
        Bound::Known(value) => Operand::Number(value - 1),
        Bound::FromEnd(left) => Operand::Number(-left - 1),
        Bound::Sized(at) => {
            // Counted from the end, so that it is negative at every length.
            let (at, len, one) = (cx.size(at)?, cx.size(dim)?, cx.i64s(&[1]));
            let left = cx.node("Sub", &[&at, &len], &[]);
            Operand::Value(cx.node("Sub", &[&left, &one], &[]))
        }
    })
}

/// The operands of all axes as one value.
pub(crate) fn vector(cx: &mut Context, operands: &[Operand]) -> String {
    let known: Option<Vec<i64>> = operands
        .iter()
        .map(|operand| match operand {
            Operand::Number(number) => Some(*number),
            Operand::Value(_) => None,
        })
        .collect();
    if let Some(known) = known {
        return cx.i64s(&known);
    }
    let parts: Vec<String> = operands
        .iter()
        .map(|operand| match operand {
            Operand::Number(number) => cx.i64s(&[*number]),
            Operand::Value(value) => value.clone(),
        })
        .collect();
    match parts.as_slice() {
        [one] => one.clone(),
        parts => {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            cx.node("Concat", &parts, &[along_axis(0)])
        }
    }
}
