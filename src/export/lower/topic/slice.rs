//! Reading and writing ranges of axes.

use burn::backend::ir::{FlipOpIr, ScalarIr, SliceAssignOpIr, SliceOpIr};

use super::range::{Bound, Range, before, forwards, ranges, vector};
use crate::export::constant;
use crate::export::lower::emit::{Context, DataType, Lowered, along_axis, choose, positions, same};

pub(crate) fn slice(cx: &mut Context, op: &SliceOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let ranges = ranges(cx, &op.tensor)?;
    let sliced = sliced(cx, &value, &ranges)?;
    match sliced == value {
        true => same(cx, &op.out, &value),
        false => cx.bind(&op.out, sliced),
    }
}

/// The ranges of a value; the value itself where these are all of it.
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

pub(crate) fn flip(cx: &mut Context, op: &FlipOpIr) -> Lowered {
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
/// Where one axis is written in part and without steps, the result is a concatenation of what lies before the range,
/// the value, and what lies after. Otherwise every position of the result reads its element of the value, and a mask
/// chooses between that and the tensor.
pub(crate) fn assign(cx: &mut Context, op: &SliceAssignOpIr) -> Lowered {
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
    if !range.is_from_start() {
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
    Ok(cx.node("Concat", &parts, &[along_axis(axis)]))
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
        value = cx.node("Gather", &[&value, &from], &[along_axis(*axis)]);
    }
    if computed.len() < partial.len() {
        computed.push(cx.constant(constant::bools(&mask_dims, &mask)));
    }
    let mut masks = computed.into_iter();
    let mut inside = masks.next().ok_or("it writes to no axis")?;
    for mask in masks {
        inside = cx.node("And", &[&inside, &mask], &[]);
    }
    let dtype = cx.dtype(&op.tensor)?;
    Ok(choose(cx, &inside, &value, tensor, dtype))
}

/// For every position of an axis: which element of the value is written there, and whether one is.
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
