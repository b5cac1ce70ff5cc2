//! Operators that put elements in another order or shape, and keep them all or leave some out.

use super::call::{Call, FAR, Made, Unclear, axes, axis, shown, too_large};
use super::num::Num;
use super::value::{Data, Value};
use crate::onnx::limits::RANK;

pub(super) fn transpose(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let order = match call.ints("perm")? {
        Some(order) => axes(order, dims.len())?,
        None => (0..dims.len()).rev().collect(),
    };
    if order.len() != dims.len() {
        return Err(format!("it orders {} axes of {}", order.len(), shown(dims)));
    }
    Ok(Made::shape(order.into_iter().map(|from| dims[from]).collect::<Vec<_>>()))
}

pub(super) fn reshape(call: &Call<'_>) -> Result<Made, Unclear> {
    let (input, target) = (call.input(0)?, call.list(1)?);
    let keeps_zero = call.int("allowzero", 0)? != 0;
    let mut dims = Vec::with_capacity(target.len());
    let mut inferred = None;
    for (index, wanted) in target.iter().enumerate() {
        match wanted.known() {
            Some(0) if !keeps_zero => {
                let same = input.dims.get(index);
                dims.push(*same.ok_or_else(|| format!("it keeps axis {index} of {}", shown(&input.dims)))?);
            }
            Some(-1) if inferred.is_none() => {
                inferred = Some(index);
                dims.push(Num::ONE);
            }
            _ if wanted.is_length() => dims.push(*wanted),
            _ => return Err(format!("its target is {}", shown(target))),
        }
    }
    let fails = || format!("a tensor of shape {} does not become {}", shown(&input.dims), shown(target));
    let elements = Num::product(&input.dims).ok_or_else(too_large)?;
    if let Some(index) = inferred {
        let others = Num::product(&dims).ok_or_else(too_large)?;
        dims[index] = elements.over(others).ok_or_else(fails)?;
    }
    if Num::product(&dims) != Some(elements) {
        return Err(fails());
    }
    Ok(keeping(input, dims))
}

/// The same elements in another shape.
fn keeping(input: &Value, dims: Vec<Num>) -> Made {
    Made::value(Value { dims, data: input.data.clone() })
}

/// A matrix of the axes before one and those from it on.
pub(super) fn flatten(call: &Call<'_>) -> Result<Made, Unclear> {
    let input = call.input(0)?;
    let rank = input.dims.len();
    let at = match call.int("axis", 1)? {
        end if usize::try_from(end) == Ok(rank) => rank,
        other => axis(other, rank)?,
    };
    let (before, after) = input.dims.split_at(at);
    let sides: Option<Vec<_>> = [before, after].into_iter().map(Num::product).collect();
    Ok(keeping(input, sides.ok_or_else(too_large)?))
}

pub(super) fn squeeze(call: &Call<'_>) -> Result<Made, Unclear> {
    let input = call.input(0)?;
    let gone = match call.numbers(1, "axes")? {
        Some(list) => axes(&list, input.dims.len())?,
        None => (0..input.dims.len()).filter(|index| input.dims[*index] == Num::ONE).collect(),
    };
    if gone.iter().any(|index| input.dims[*index] != Num::ONE) {
        return Err(format!("it removes axes {gone:?} of {}", shown(&input.dims)));
    }
    let left = input.dims.iter().enumerate().filter(|(index, _)| !gone.contains(index)).map(|(_, dim)| *dim);
    Ok(keeping(input, left.collect()))
}

pub(super) fn unsqueeze(call: &Call<'_>) -> Result<Made, Unclear> {
    let input = call.input(0)?;
    let list = call.numbers(1, "axes")?.ok_or("it has no axes")?;
    let rank = input.dims.len() + list.len();
    if rank > RANK {
        return Err(format!("it makes {rank} dimensions, expected at most {RANK}"));
    }
    let new = axes(&list, rank)?;
    let mut old = input.dims.iter().copied();
    let dims = (0..rank).map(|index| if new.contains(&index) { Num::ONE } else { old.next().unwrap_or(Num::ONE) });
    Ok(keeping(input, dims.collect()))
}

pub(super) fn concat(call: &Call<'_>) -> Result<Made, Unclear> {
    let first = call.dims(0)?;
    let along = axis(call.int("axis", 1)?, first.len())?;
    let mut dims = first.to_vec();
    let mut data = call.input(0)?.ints().map(<[Num]>::to_vec);
    for index in 1..call.inputs.len() {
        let other = call.input(index)?;
        let fits = other.dims.len() == dims.len()
            && dims.iter().zip(&other.dims).enumerate().all(|(axis, (one, two))| axis == along || one == two);
        if !fits {
            return Err(format!("shapes {} and {} do not fit each other", shown(&dims), shown(&other.dims)));
        }
        dims[along] = dims[along].plus(other.dims[along]).ok_or_else(too_large)?;
        data = data.zip(other.ints()).map(|(list, more)| [&list, more].concat());
        data = data.filter(|list| list.len() <= super::value::FEW);
    }
    Ok(Made::value(match data {
        Some(list) if dims.len() == 1 => Value::of_ints(dims, list),
        _ => Value::new(dims),
    }))
}

pub(super) fn split(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let along = axis(call.int("axis", 0)?, dims.len())?;
    let whole = dims[along];
    let parts = match call.numbers(1, "split")? {
        Some(list) => list.into_iter().map(Num::fixed).collect(),
        None => {
            let count = i64::try_from(call.node.outputs.len()).unwrap_or(i64::MAX).max(1);
            let length = whole.known().ok_or("it splits the batch")?;
            let each = length / count + i64::from(length % count != 0);
            let part = |index: i64| Num::fixed((length - (each * index).min(length)).min(each));
            (0..count).map(part).collect::<Vec<_>>()
        }
    };
    let outputs = call.node.outputs.len();
    if parts.len() > outputs {
        return Err(format!("it splits axis {along} of {} in {} for {outputs} outputs", shown(dims), parts.len()));
    }
    let sum = parts.iter().try_fold(Num::fixed(0), |sum, part| sum.plus(*part));
    if sum != Some(whole) || parts.iter().any(|part| !part.is_length()) {
        return Err(format!("it splits axis {along} of {} in {}", shown(dims), shown(&parts)));
    }
    let one = |part: Num| {
        let mut dims = dims.to_vec();
        dims[along] = part;
        Value::new(dims)
    };
    Ok(Made { outputs: parts.into_iter().map(one).collect(), ..Made::default() })
}

pub(super) fn slice(call: &Call<'_>) -> Result<Made, Unclear> {
    let input = call.input(0)?;
    let starts = bounds(call, 1, "starts")?;
    let ends = bounds(call, 2, "ends")?;
    let along = match call.numbers(3, "axes")? {
        Some(list) => axes(&list, input.dims.len())?,
        None => (0..starts.len()).collect(),
    };
    let steps = call.numbers(4, "steps")?.unwrap_or_else(|| vec![1; along.len()]);
    let count = along.len();
    if [starts.len(), ends.len(), steps.len()] != [count; 3] || along.iter().any(|axis| *axis >= input.dims.len()) {
        return Err(format!("its bounds are not those of axes of {}", shown(&input.dims)));
    }
    let mut dims = input.dims.clone();
    let mut data = input.data.clone();
    for (index, axis) in along.into_iter().enumerate() {
        let length = dims[axis];
        let range = positions(length, starts[index], ends[index], steps[index]);
        let (from, count) = range.ok_or_else(|| {
            let bounds = shown(&[starts[index], ends[index]]);
            format!("it takes {bounds} by {} of axis {axis} of {}", steps[index], shown(&input.dims))
        })?;
        dims[axis] = count;
        data = match (data, count.known()) {
            (Data::Ints(list), Some(count)) if input.dims.len() == 1 => {
                let at = |n: i64| usize::try_from(from + n * steps[index]).ok().and_then(|at| list.get(at).copied());
                (0..count).map(at).collect::<Option<_>>().map_or(Data::Unknown, Data::Ints)
            }
            _ => Data::Unknown,
        };
    }
    Ok(Made::value(Value { dims, data }))
}

/// Bounds, which may be multiples of the batch.
fn bounds(call: &Call<'_>, index: usize, attribute: &str) -> Result<Vec<Num>, Unclear> {
    match call.given(index) {
        Some(_) => Ok(call.list(index)?.to_vec()),
        None => Ok(call.ints(attribute)?.ok_or("it has no bounds")?.iter().copied().map(Num::fixed).collect()),
    }
}

/// The longest step backwards.
const REVERSE: i64 = -FAR;

/// The first position of a slice, and how many there are.
fn positions(length: Num, start: Num, end: Num, step: i64) -> Option<(i64, Num)> {
    let Some(size) = length.known() else {
        // Of the batch, all or nothing can be told.
        let begins = start.known() == Some(0);
        let all = end == length || end.known().is_some_and(|end| end >= i64::from(i32::MAX));
        return (begins && all && step == 1).then_some((0, length));
    };
    let (start, end) = (start.known()?, end.known()?);
    let place = |at: i64| if at < 0 { at.saturating_add(size) } else { at };
    let (from, to, span) = match step {
        1..=FAR => {
            let (from, to) = (place(start).clamp(0, size), place(end).clamp(0, size));
            (from, to, to - from)
        }
        REVERSE..=-1 => {
            let (from, to) = (place(start).clamp(-1, size - 1), place(end).clamp(-1, size - 1));
            (from, to, from - to)
        }
        // Nowhere, or too far.
        _ => return None,
    };
    debug_assert!(from >= -1 && to >= -1);
    let step = step.unsigned_abs();
    let count = u64::try_from(span).unwrap_or(0).div_ceil(step);
    Some((from, Num::fixed(i64::try_from(count).ok()?)))
}

/// Depth to space: `blocksize` squared channels become a block.
pub(super) fn depth_to_space(call: &Call<'_>) -> Result<Made, Unclear> {
    moved(call, |channels, by| exactly(channels, by.times(by)?), Num::times)
}

/// Space to depth: the reverse.
pub(super) fn space_to_depth(call: &Call<'_>) -> Result<Made, Unclear> {
    moved(call, |channels, by| channels.times(by)?.times(by), exactly)
}

/// A quotient without a rest.
fn exactly(length: Num, by: Num) -> Option<Num> {
    length.over(by).filter(|part| part.times(by) == Some(length))
}

fn moved(
    call: &Call<'_>,
    channels: impl Fn(Num, Num) -> Option<Num>,
    side: impl Fn(Num, Num) -> Option<Num>,
) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let by = Num::fixed(call.int("blocksize", 0)?);
    let made = match dims {
        [batch, depth, height, width] if by.is_length() && by != Num::fixed(0) => {
            let found = [Some(*batch), channels(*depth, by), side(*height, by), side(*width, by)];
            found.into_iter().collect::<Option<Vec<_>>>()
        }
        _ => None,
    };
    made.map(Made::shape).ok_or_else(|| format!("blocks of {} in {}", shown(&[by]), shown(dims)))
}
