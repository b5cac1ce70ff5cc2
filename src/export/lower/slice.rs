//! Reading and writing ranges.

use burn::backend::Slice;
use burn::backend::ir::{BaseOperationIr, FlipOpIr, OperationIr, ScalarIr, SliceAssignOpIr, SliceOpIr, TensorIr};

use super::base::choose;
use super::context::{Context, Lowered, int};
use super::index::positions;
use super::numeric::same;
use crate::export::constant::{Constant, DataType};
use crate::export::dims::Dim;

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bound {
    /// The same number at every length; a negative one counts from the end, as it does in ONNX.
    Known(i64),
    /// So many before the end.
    FromEnd(i64),
    /// A number that a dynamic axis decides.
    Sized(Dim),
}

/// One axis of a slice, as Burn means it: the interval `start..end`, walked backwards where `step` is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    start: Bound,
    end: Bound,
    step: i64,
    /// The axis.
    dim: Dim,
}

/// An operand of ONNX's `Slice`: a number, or a value with one element.
enum Operand {
    Number(i64),
    Value(String),
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
    dims.into_iter()
        .enumerate()
        .map(|(axis, dim)| match versions.iter().all(|ranges| axis < ranges.len()) {
            true => range(dim, &versions, axis),
            false => Ok(Range::whole(dim, 1)),
        })
        .collect()
}

fn range(dim: Dim, versions: &[&[Slice]], axis: usize) -> Lowered<Range> {
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

/// What a bound is in every trace, in one form.
fn bound(values: &[Option<i64>], dim: &Dim) -> Bound {
    let resolved: Vec<i64> = values
        .iter()
        .zip(&dim.0)
        .map(|(value, len)| {
            let len = *len as i64;
            let value = value.unwrap_or(len);
            let value = if value < 0 { value + len } else { value };
            value.clamp(0, len)
        })
        .collect();
    let left: Vec<i64> = resolved.iter().zip(&dim.0).map(|(value, len)| *len as i64 - value).collect();
    let same = |numbers: &[i64]| numbers.iter().all(|n| *n == numbers[0]);
    if dim.fixed().is_some() && same(&resolved) {
        return Bound::Known(resolved[0]);
    }
    match values[0] {
        Some(value) if values.iter().all(|other| *other == Some(value)) => Bound::Known(value),
        _ if same(&left) => Bound::FromEnd(left[0]),
        _ if same(&resolved) => Bound::Known(resolved[0]),
        _ => Bound::Sized(Dim(resolved.into_iter().map(|n| n as usize).collect())),
    }
}

impl Range {
    fn whole(dim: Dim, step: i64) -> Self {
        Self { start: Bound::Known(0), end: Bound::FromEnd(0), step, dim }
    }

    fn from_start(&self) -> bool {
        self.start == Bound::Known(0)
    }

    fn to_end(&self) -> bool {
        match self.end {
            Bound::FromEnd(left) => left == 0,
            Bound::Known(end) => usize::try_from(end).is_ok_and(|end| self.dim.fixed() == Some(end)),
            Bound::Sized(_) => false,
        }
    }

    fn is_whole(&self) -> bool {
        self.from_start() && self.to_end()
    }

    fn is_everything(&self) -> bool {
        self.is_whole() && self.step == 1
    }

    /// The positions it reads, in order, where no dynamic axis has a say.
    fn known_positions(&self) -> Option<Vec<i64>> {
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

/// A bound as ONNX counts forwards.
fn forwards(cx: &mut Context, bound: &Bound) -> Lowered<Operand> {
    Ok(match bound {
        Bound::Known(value) => Operand::Number(*value),
        Bound::FromEnd(0) => Operand::Number(i64::MAX),
        Bound::FromEnd(left) => Operand::Number(-left),
        Bound::Sized(dim) => Operand::Value(cx.size(dim)?),
    })
}

/// The position before a bound. As an end, "before the first" is far below zero, since -1 is the last.
fn before(cx: &mut Context, bound: &Bound, dim: &Dim) -> Lowered<Operand> {
    const BEFORE_FIRST: i64 = i64::MIN + 1;
    Ok(match bound {
        Bound::Known(0) => Operand::Number(BEFORE_FIRST),
        Bound::Known(value) => Operand::Number(value - 1),
        Bound::FromEnd(left) => Operand::Number(-left - 1),
        Bound::Sized(at) => {
            // Counted from the end, so that it is negative whatever it is.
            let (at, len, one) = (cx.size(at)?, cx.size(dim)?, cx.i64s(&[1]));
            let left = cx.node("Sub", &[&at, &len], &[]);
            Operand::Value(cx.node("Sub", &[&left, &one], &[]))
        }
    })
}

fn vector(cx: &mut Context, operands: &[Operand]) -> String {
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
            cx.node("Concat", &parts, &[("axis", int(0))])
        }
    }
}

pub(super) fn slice(cx: &mut Context, op: &SliceOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let ranges = ranges(cx, &op.tensor)?;
    let sliced = sliced(cx, &value, &ranges)?;
    match sliced == value {
        true => same(cx, &op.out, &value),
        false => cx.bind(&op.out, sliced),
    }
}

/// The value itself where the ranges leave nothing out.
fn sliced(cx: &mut Context, value: &str, ranges: &[Range]) -> Lowered<String> {
    let (mut axes, mut steps) = (Vec::new(), Vec::new());
    let (mut starts, mut ends) = (Vec::new(), Vec::new());
    for (axis, range) in ranges.iter().enumerate() {
        if range.is_everything() {
            continue;
        }
        axes.push(axis as i64);
        steps.push(range.step);
        let (start, end) = match range.step > 0 {
            true => (forwards(cx, &range.start)?, forwards(cx, &range.end)?),
            false => (before(cx, &range.end, &range.dim)?, before(cx, &range.start, &range.dim)?),
        };
        starts.push(start);
        ends.push(end);
    }
    if axes.is_empty() {
        return Ok(value.to_string());
    }
    let (starts, ends) = (vector(cx, &starts), vector(cx, &ends));
    let (axes, steps) = (cx.i64s(&axes), cx.i64s(&steps));
    Ok(cx.node("Slice", &[value, &starts, &ends, &axes, &steps], &[]))
}

pub(super) fn flip(cx: &mut Context, op: &FlipOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let dims = cx.dims(&op.input);
    let ranges: Vec<Range> = dims
        .into_iter()
        .enumerate()
        .map(|(axis, dim)| Range::whole(dim, if op.axes.contains(&axis) { -1 } else { 1 }))
        .collect();
    let flipped = sliced(cx, &value, &ranges)?;
    match flipped == value {
        true => same(cx, &op.out, &value),
        false => cx.bind(&op.out, flipped),
    }
}

/// Writes `value` over a range of `tensor`.
///
/// One partial axis is joined from what lies before, the value and what lies after. Several, and steps, are read from
/// the value by position, and chosen over the tensor where the range lies.
pub(super) fn assign(cx: &mut Context, op: &SliceAssignOpIr) -> Lowered {
    let tensor = cx.value(&op.tensor)?;
    let value = cx.value(&op.value)?;
    let ranges = ranges(cx, &op.tensor)?;
    let partial: Vec<usize> = (0..ranges.len()).filter(|axis| !ranges[*axis].is_everything()).collect();
    match partial.as_slice() {
        [] => same(cx, &op.out, &value),
        [axis] if ranges[*axis].step.abs() == 1 => {
            let result = joined(cx, &tensor, &value, &ranges, *axis)?;
            cx.bind(&op.out, result)
        }
        _ => {
            let result = by_position(cx, op, &tensor, value, &ranges, &partial)?;
            cx.bind(&op.out, result)
        }
    }
}

fn joined(cx: &mut Context, tensor: &str, value: &str, ranges: &[Range], axis: usize) -> Lowered<String> {
    let range = &ranges[axis];
    let part = |cx: &mut Context, value: &str, part: Range| {
        let mut parts: Vec<Range> = ranges.iter().map(|range| Range::whole(range.dim.clone(), 1)).collect();
        parts[axis] = part;
        sliced(cx, value, &parts)
    };
    let mut parts = Vec::new();
    if !range.from_start() {
        let head = Range { end: range.start.clone(), ..Range::whole(range.dim.clone(), 1) };
        parts.push(part(cx, tensor, head)?);
    }
    parts.push(match range.step {
        1 => value.to_string(),
        _ => part(cx, value, Range::whole(range.dim.clone(), -1))?,
    });
    if !range.to_end() {
        let tail = Range { start: range.end.clone(), ..Range::whole(range.dim.clone(), 1) };
        parts.push(part(cx, tensor, tail)?);
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    Ok(cx.node("Concat", &parts, &[("axis", int(axis as i64))]))
}

fn by_position(
    cx: &mut Context,
    op: &SliceAssignOpIr,
    tensor: &str,
    mut value: String,
    ranges: &[Range],
    partial: &[usize],
) -> Lowered<String> {
    let rank = ranges.len();
    let mut mask_dims = vec![1; rank];
    let mut mask = vec![true];
    let mut computed = Vec::new();
    for axis in partial {
        let range = &ranges[*axis];
        let from = match (range.known_positions(), range.dim.fixed()) {
            (Some(positions), Some(len)) => {
                let mut from = vec![0i64; len];
                let mut hit = vec![false; len];
                for (i, at) in positions.into_iter().enumerate() {
                    from[at as usize] = i as i64;
                    hit[at as usize] = true;
                }
                mask_dims[*axis] = len;
                mask = mask.iter().flat_map(|m| hit.iter().map(move |h| *m && *h)).collect();
                cx.i64s(&from)
            }
            _ => {
                let (from, inside) = computed_positions(cx, range)?;
                let behind: Vec<i64> = (1..(rank - axis) as i64).collect();
                computed.push(match behind.as_slice() {
                    [] => inside,
                    behind => {
                        let behind = cx.i64s(behind);
                        cx.node("Unsqueeze", &[&inside, &behind], &[])
                    }
                });
                from
            }
        };
        value = cx.node("Gather", &[&value, &from], &[("axis", int(*axis as i64))]);
    }
    if computed.len() < partial.len() {
        computed.push(cx.constant(Constant::bools(&mask_dims, &mask)));
    }
    let mut masks = computed.into_iter();
    let mut inside = masks.next().ok_or("it writes over no axis")?;
    for mask in masks {
        inside = cx.node("And", &[&inside, &mask], &[]);
    }
    let dtype = cx.dtype(&op.tensor)?;
    Ok(choose(cx, &inside, &value, tensor, dtype))
}

/// For every position of an axis: which element of the value belongs there, and whether one does.
fn computed_positions(cx: &mut Context, range: &Range) -> Lowered<(String, String)> {
    let at = positions(cx, &range.dim)?;
    let len = cx.size(&range.dim)?;
    let absolute = |cx: &mut Context, bound: &Bound| -> Lowered<String> {
        Ok(match bound {
            Bound::Known(value) if *value >= 0 => cx.i64s(&[*value]),
            Bound::Known(value) => {
                let value = cx.i64s(&[*value]);
                cx.node("Add", &[&len, &value], &[])
            }
            Bound::FromEnd(0) => len.clone(),
            Bound::FromEnd(left) => {
                let left = cx.i64s(&[*left]);
                cx.node("Sub", &[&len, &left], &[])
            }
            Bound::Sized(dim) => cx.size(dim)?,
        })
    };
    let start = absolute(cx, &range.start)?;
    let end = absolute(cx, &range.end)?;
    let (zero, one) = (cx.i64s(&[0]), cx.i64s(&[1]));
    let late = cx.node("GreaterOrEqual", &[&at, &start], &[]);
    let early = cx.node("Less", &[&at, &end], &[]);
    let mut inside = cx.node("And", &[&late, &early], &[]);
    let mut steps = match range.step > 0 {
        true => cx.node("Sub", &[&at, &start], &[]),
        false => {
            let last = cx.node("Sub", &[&end, &one], &[]);
            cx.node("Sub", &[&last, &at], &[])
        }
    };
    if range.step.abs() != 1 {
        let by = cx.scalar(DataType::I64, ScalarIr::Int(range.step.abs()));
        let rest = cx.node("Mod", &[&steps, &by], &[]);
        let met = cx.node("Equal", &[&rest, &zero], &[]);
        inside = cx.node("And", &[&inside, &met], &[]);
        steps = cx.node("Div", &[&steps, &by], &[]);
    }
    let from = cx.node("Where", &[&inside, &steps, &zero], &[]);
    Ok((from, inside))
}
