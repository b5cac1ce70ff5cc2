//! Reading and writing ranges.

use burn::backend::Slice;
use burn::backend::ir::{BaseOperationIr, FlipOpIr, OperationIr, SliceAssignOpIr, SliceOpIr, TensorIr};

use super::context::{Context, Lowered, int};
use crate::export::constant::Constant;
use crate::export::dims::Dim;

/// One axis of a slice, as Burn means it: the interval `start..end`, walked backwards where `step` is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    /// Everything, in order, at every length of a dynamic axis.
    Full,
    Part {
        start: i64,
        end: i64,
        step: i64,
    },
    /// Everything, backwards or by a step.
    Stepped {
        step: i64,
    },
    /// From `start` to the end, whatever the length.
    Tail {
        start: i64,
        step: i64,
    },
}

fn ranges(cx: &Context, tensor: &TensorIr) -> Lowered<Vec<Range>> {
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
    dims.iter()
        .enumerate()
        .map(|(axis, dim)| match versions[0].get(axis) {
            Some(_) => range(dim, &versions, axis),
            None => Ok(Range::Full),
        })
        .collect()
}

fn range(dim: &Dim, versions: &[&[Slice]], axis: usize) -> Lowered<Range> {
    let bounds: Vec<(i64, i64, i64, i64)> = versions
        .iter()
        .zip(&dim.0)
        .map(|(ranges, len)| {
            let (len, range) = (*len as i64, &ranges[axis]);
            let resolve = |bound: i64| if bound < 0 { bound + len } else { bound }.clamp(0, len);
            let end = range.end.map_or(len, |end| resolve(end as i64));
            (resolve(range.start as i64), end, range.step as i64, len)
        })
        .collect();
    let (start, end, step, _) = bounds[0];
    let same = |value: fn(&(i64, i64, i64, i64)) -> i64| bounds.iter().all(|bound| value(bound) == value(&bounds[0]));
    let to_the_end = bounds.iter().all(|(_, end, _, len)| end == len);
    if !same(|b| b.2) || !same(|b| b.0) {
        return Err("the bounds of a range depend on a dynamic axis".into());
    }
    if start == 0 && to_the_end {
        return Ok(match step {
            1 => Range::Full,
            step => Range::Stepped { step },
        });
    }
    if to_the_end && dim.fixed().is_none() {
        return Ok(Range::Tail { start, step });
    }
    if same(|b| b.1) {
        return Ok(Range::Part { start, end, step });
    }
    Err("the bounds of a range depend on a dynamic axis".into())
}

impl Range {
    /// ONNX's start, end and step. ONNX walks down from `start` to before `end` where `step` is negative.
    fn bounds(self) -> Option<(i64, i64, i64)> {
        const END: i64 = i64::MAX;
        const BEFORE_FIRST: i64 = i64::MIN + 1;
        Some(match self {
            Self::Full => return None,
            Self::Stepped { step } if step > 0 => (0, END, step),
            Self::Stepped { step } => (-1, BEFORE_FIRST, step),
            Self::Tail { start, step } if step > 0 => (start, END, step),
            Self::Tail { start, step } => (-1, start - 1, step),
            Self::Part { start, end, step } if step > 0 || start >= end => (start, end, step.abs()),
            Self::Part { start: 0, end, step } => (end - 1, BEFORE_FIRST, step),
            Self::Part { start, end, step } => (end - 1, start - 1, step),
        })
    }

    /// The positions it reads on an axis of length `len`.
    fn positions(self, len: i64) -> Vec<i64> {
        let (start, end, step) = match self {
            Self::Full => (0, len, 1),
            Self::Stepped { step } => (0, len, step),
            Self::Tail { start, step } => (start, len, step),
            Self::Part { start, end, step } => (start, end, step),
        };
        let by = step.unsigned_abs() as usize;
        if step > 0 { (start..end).step_by(by).collect() } else { (start..end).rev().step_by(by).collect() }
    }
}

pub(super) fn slice(cx: &mut Context, op: &SliceOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let ranges = ranges(cx, &op.tensor)?;
    let value = sliced(cx, &value, &ranges);
    cx.bind(&op.out, value)
}

fn sliced(cx: &mut Context, value: &str, ranges: &[Range]) -> String {
    let parts: Vec<[i64; 4]> = ranges
        .iter()
        .enumerate()
        .filter_map(|(axis, range)| {
            let (start, end, step) = range.bounds()?;
            Some([axis as i64, start, end, step])
        })
        .collect();
    if parts.is_empty() {
        return value.to_string();
    }
    let column = |of: fn(&[i64; 4]) -> i64| parts.iter().map(of).collect::<Vec<_>>();
    let axes = cx.i64s(&column(|p| p[0]));
    let starts = cx.i64s(&column(|p| p[1]));
    let ends = cx.i64s(&column(|p| p[2]));
    let steps = cx.i64s(&column(|p| p[3]));
    cx.node("Slice", &[value, &starts, &ends, &axes, &steps], &[])
}

pub(super) fn flip(cx: &mut Context, op: &FlipOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let ranges: Vec<Range> = (0..op.input.shape.num_dims())
        .map(|axis| match op.axes.contains(&axis) {
            true => Range::Stepped { step: -1 },
            false => Range::Full,
        })
        .collect();
    let value = sliced(cx, &value, &ranges);
    cx.bind(&op.out, value)
}

/// Writes `value` over a range of `tensor`.
///
/// One partial axis is joined from what lies before, the value and what lies after. Several are read from the value
/// by position, and chosen over the tensor where the range lies.
pub(super) fn assign(cx: &mut Context, op: &SliceAssignOpIr) -> Lowered {
    let tensor = cx.value(&op.tensor)?;
    let value = cx.value(&op.value)?;
    let ranges = ranges(cx, &op.tensor)?;
    let partial: Vec<usize> = (0..ranges.len()).filter(|axis| ranges[*axis] != Range::Full).collect();
    let result = match partial.as_slice() {
        [] => value,
        [axis] => match ranges[*axis] {
            Range::Part { start, end, step: 1 } => {
                let len = cx.fixed(&op.tensor, *axis)? as i64;
                let mut parts = Vec::new();
                let keep = |cx: &mut Context, start: i64, end: i64| {
                    let mut kept = vec![Range::Full; ranges.len()];
                    kept[*axis] = Range::Part { start, end, step: 1 };
                    sliced(cx, &tensor, &kept)
                };
                if start > 0 {
                    parts.push(keep(cx, 0, start));
                }
                parts.push(value);
                if end < len {
                    parts.push(keep(cx, end, len));
                }
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                cx.node("Concat", &parts, &[("axis", int(*axis as i64))])
            }
            _ => by_position(cx, op, &tensor, value, &ranges, &partial)?,
        },
        _ => by_position(cx, op, &tensor, value, &ranges, &partial)?,
    };
    cx.bind(&op.out, result)
}

fn by_position(
    cx: &mut Context,
    op: &SliceAssignOpIr,
    tensor: &str,
    mut value: String,
    ranges: &[Range],
    partial: &[usize],
) -> Lowered<String> {
    let mut mask_dims = vec![1; ranges.len()];
    let mut inside: Vec<Vec<bool>> = Vec::new();
    for axis in partial {
        let len = cx.fixed(&op.tensor, *axis)?;
        let mut from = vec![0i64; len];
        let mut hit = vec![false; len];
        for (i, at) in ranges[*axis].positions(len as i64).into_iter().enumerate() {
            from[at as usize] = i as i64;
            hit[at as usize] = true;
        }
        let from = cx.i64s(&from);
        value = cx.node("Gather", &[&value, &from], &[("axis", int(*axis as i64))]);
        mask_dims[*axis] = len;
        inside.push(hit);
    }
    let mut mask = vec![true];
    for hit in &inside {
        mask = mask.iter().flat_map(|m| hit.iter().map(move |h| *m && *h)).collect();
    }
    let mask = cx.constant(Constant::bools(&mask_dims, &mask));
    Ok(cx.node("Where", &[&mask, &value, tensor], &[]))
}
