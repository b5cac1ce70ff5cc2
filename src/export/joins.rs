//! Concatenations from which Burn leaves out tensors without elements.
//!
//! A tensor that is padded to a multiple of some length is joined with nothing where it has such a length already. Burn
//! then records a concatenation of fewer tensors; here the empty ones are put back, so that recordings are equal.

use std::collections::HashMap;

use burn::backend::capture::TensorId;
use burn::backend::ir::{BaseOperationIr, CatOpIr, OperationIr, TensorIr};

use super::step::Step;

/// Gives every concatenation of `other` the empty tensors that those of `all` have, and the other way round. The
/// recordings of `all` have the same tensor names.
pub(crate) fn complete(all: &mut [Vec<Step>], other: &mut [Step]) {
    // The tensors of `other` by their names in `all`, and the other way round.
    let mut theirs: HashMap<TensorId, TensorIr> = HashMap::new();
    let mut ours: HashMap<TensorId, TensorId> = HashMap::new();
    let count = all[0].len();
    for (index, step) in other.iter_mut().enumerate().take(count) {
        if let (Some(base), Some(cat)) = (joined(&all[0][index]), joined_mut(step)) {
            if base.tensors.len() > cat.tensors.len() {
                let full: Vec<Option<TensorIr>> =
                    base.tensors.iter().map(|tensor| theirs.get(&tensor.id).cloned()).collect();
                if let Some(full) = with_empty(full, &cat.tensors, cat.dim) {
                    cat.tensors = full;
                }
            } else if base.tensors.len() < cat.tensors.len() {
                let names: Option<Vec<TensorId>> =
                    cat.tensors.iter().map(|tensor| ours.get(&tensor.id).copied()).collect();
                if let Some(names) = names {
                    add_to_all(all, index, &names);
                }
            }
        }
        for (our, their) in all[0][index].tensors().zip(step.tensors()) {
            theirs.entry(our.id).or_insert_with(|| their.clone());
            ours.entry(their.id).or_insert(our.id);
        }
    }
}

/// Puts the empty ones of the tensors of these names into a concatenation of every recording.
fn add_to_all(all: &mut [Vec<Step>], index: usize, names: &[TensorId]) {
    let mut completed = Vec::new();
    for steps in all.iter() {
        let made = |name: &TensorId| steps[..index].iter().flat_map(Step::tensors).find(|tensor| tensor.id == *name);
        let full: Vec<Option<TensorIr>> = names.iter().map(|name| made(name).cloned()).collect();
        let Some(full) = joined(&steps[index]).and_then(|cat| with_empty(full, &cat.tensors, cat.dim)) else {
            return;
        };
        completed.push(full);
    }
    for (steps, full) in all.iter_mut().zip(completed) {
        if let Some(cat) = joined_mut(&mut steps[index]) {
            cat.tensors = full;
        }
    }
}

/// The tensors `full`, where those of them that `part` does not have are empty along an axis.
fn with_empty(full: Vec<Option<TensorIr>>, part: &[TensorIr], axis: usize) -> Option<Vec<TensorIr>> {
    let full: Vec<TensorIr> = full.into_iter().collect::<Option<_>>()?;
    let mut left = part.iter().peekable();
    for tensor in &full {
        if left.next_if(|next| next.id == tensor.id).is_none() && tensor.shape.iter().nth(axis) != Some(&0) {
            return None;
        }
    }
    left.next().is_none().then_some(full)
}

fn joined(step: &Step) -> Option<&CatOpIr> {
    match step.burn()? {
        OperationIr::BaseFloat(BaseOperationIr::Cat(cat))
        | OperationIr::BaseInt(BaseOperationIr::Cat(cat))
        | OperationIr::BaseBool(BaseOperationIr::Cat(cat)) => Some(cat),
        _ => None,
    }
}

fn joined_mut(step: &mut Step) -> Option<&mut CatOpIr> {
    match step {
        Step::Burn(
            OperationIr::BaseFloat(BaseOperationIr::Cat(cat))
            | OperationIr::BaseInt(BaseOperationIr::Cat(cat))
            | OperationIr::BaseBool(BaseOperationIr::Cat(cat)),
        ) => Some(cat),
        _ => None,
    }
}
