//! Recurrent layers, recognised in the loop over time that Burn records.
//!
//! Each step of Burn's `Rnn`, `Lstm` and `Gru` is the same run of operations on another slice of the sequence. A whole
//! loop becomes one [`Step::Recurrent`], so that recordings of two lengths are equal.

mod cells;

use std::collections::{HashMap, HashSet};

use burn::backend::Slice;
use burn::backend::capture::TensorId;
use burn::backend::ir::{BaseOperationIr, OperationIr, TensorIr};

use super::step::{Direction, RecurrentLayer, Step};
use cells::{CELLS, Cell};

/// The tensors in the slots of a cell.
type Slots = HashMap<&'static str, TensorIr>;

/// The recorded operations, with every whole loop of a known cell as one recurrent layer.
pub(crate) fn roll_up(operations: Vec<OperationIr>, outputs: &[TensorId]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(operations.len());
    let mut at = 0;
    while at < operations.len() {
        match CELLS.iter().flatten().find_map(|cell| whole_loop(cell, &operations, at, outputs)) {
            Some((layer, taken)) => {
                steps.push(Step::Recurrent(layer));
                at += taken;
            }
            None => {
                steps.push(Step::Burn(operations[at].clone()));
                at += 1;
            }
        }
    }
    steps
}

/// The layer whose loop starts at operation `at`, and how many operations the loop has.
///
/// The loop must read the whole sequence in one direction, and nothing else may read a tensor from inside of it.
fn whole_loop(
    cell: &Cell,
    operations: &[OperationIr],
    at: usize,
    outputs: &[TensorId],
) -> Option<(RecurrentLayer, usize)> {
    let mut known = Slots::new();
    let (first, time) = one_step(cell, operations.get(at..)?, &mut known)?;
    let mut times = vec![time];
    let mut last = first.clone();
    let mut end = at + cell.lines().count();
    while let Some((slots, time)) = one_step(cell, &operations[end..], &mut known) {
        times.push(time);
        last = slots;
        end += cell.lines().count();
    }
    let length = known.get("SEQUENCE")?.shape.get(1).copied()?;
    if first.get("out")?.shape.get(1) != Some(&length) {
        return None;
    }
    let direction = match () {
        () if times.iter().copied().eq(0..length) => Direction::Forward,
        () if times.iter().rev().copied().eq(0..length) => Direction::Reverse,
        () => return None,
    };
    let states = last.get("out'")?.clone();
    let ends: Vec<TensorIr> = ["h'", "c'"].iter().filter_map(|slot| last.get(slot).cloned()).collect();
    let inside: HashSet<TensorId> =
        operations[at..end].iter().flat_map(OperationIr::outputs).map(|tensor| tensor.id).collect();
    let outside = operations[..at].iter().chain(&operations[end..]).flat_map(OperationIr::inputs);
    let escapes = outside
        .map(|tensor| tensor.id)
        .chain(outputs.iter().copied())
        .any(|id| inside.contains(&id) && id != states.id && ends.iter().all(|tensor| tensor.id != id));
    if escapes || times.len() < 2 {
        return None;
    }
    let tensors = |slots: &[&str]| slots.iter().map(|slot| first.get(slot).cloned()).collect::<Option<Vec<_>>>();
    let layer = RecurrentLayer {
        cell: cell.kind,
        direction,
        sequence: first.get("SEQUENCE")?.clone(),
        initial: tensors(cell.states)?,
        input_weights: tensors(cell.input_weights)?,
        state_weights: tensors(cell.state_weights)?,
        input_biases: tensors(cell.input_biases)?,
        state_biases: tensors(cell.state_biases)?,
        states,
        last: ends,
    };
    Some((layer, end - at))
}

/// Matches one step at the start of `operations`: its tensors, and which time it reads and writes.
///
/// `known` holds the tensors that all steps share and those that the step before hands on.
fn one_step(cell: &Cell, operations: &[OperationIr], known: &mut Slots) -> Option<(Slots, usize)> {
    if operations.len() < cell.lines().count() {
        return None;
    }
    let mut slots = known.clone();
    let mut times = Vec::new();
    for (line, op) in cell.lines().zip(operations) {
        if !line.op.is(op) || op.inputs().count() != line.reads.len() {
            return None;
        }
        for (slot, tensor) in line.reads.iter().zip(op.inputs()) {
            if slots.entry(slot).or_insert_with(|| tensor.clone()).id != tensor.id {
                return None;
            }
        }
        slots.insert(line.writes, op.outputs().next()?.clone());
        match op {
            OperationIr::BaseFloat(BaseOperationIr::Slice(op)) => times.push(time(&op.ranges, &op.tensor)?),
            OperationIr::BaseFloat(BaseOperationIr::SliceAssign(op)) => times.push(time(&op.ranges, &op.tensor)?),
            _ => {}
        }
    }
    let [read, written] = times.as_slice() else {
        return None;
    };
    let shared = |slot: &str| slot.starts_with(|first: char| first.is_uppercase());
    known.extend(slots.iter().filter(|(slot, _)| shared(slot)).map(|(slot, tensor)| (*slot, tensor.clone())));
    for (before, after) in [("h", "h'"), ("c", "c'"), ("out", "out'")] {
        if let Some(tensor) = slots.get(after) {
            known.insert(before, tensor.clone());
        }
    }
    (read == written).then(|| (slots, *read))
}

/// The one position of the second axis that a slice of `[batch, time, features]` covers.
fn time(ranges: &[Slice], tensor: &TensorIr) -> Option<usize> {
    let resolved: Vec<(usize, usize)> = ranges
        .iter()
        .zip(tensor.shape.iter())
        .map(|(range, size)| {
            let size = *size as isize;
            let bound = |at: isize| if at < 0 { at + size } else { at }.clamp(0, size) as usize;
            (bound(range.start), range.end.map_or(size as usize, bound))
        })
        .collect();
    let full = |axis: usize| resolved.get(axis).is_none_or(|range| *range == (0, tensor.shape[axis]));
    let (start, end) = *resolved.get(1)?;
    let plain = ranges.iter().all(|range| range.step == 1);
    (plain && tensor.shape.num_dims() == 3 && full(0) && full(2) && end == start + 1).then_some(start)
}
