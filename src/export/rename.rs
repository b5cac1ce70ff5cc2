//! The tensors of one recording under the names that they have in another.

use std::collections::HashMap;

use burn::backend::capture::TensorId;

use super::operation::{family_and_name, operation_name};
use super::step::Step;

/// Gives the tensors of `other` the names that they have in `base`, and returns the name in `base` of each.
///
/// The error says which operation of `other` is not the one that `base` has in its place.
pub(crate) fn rename(base: &[Step], other: &mut [Step]) -> Result<HashMap<TensorId, TensorId>, String> {
    let mut names = HashMap::new();
    let (count, others) = (base.len(), other.len());
    for (index, (base, other)) in base.iter().zip(other).enumerate() {
        let ours: Vec<TensorId> = base.tensors().map(|t| t.id).collect();
        let theirs: Vec<TensorId> = other.tensors().map(|t| t.id).collect();
        let same = same_kind(base, other) && ours.len() == theirs.len();
        let consistent =
            same && ours.iter().zip(&theirs).all(|(ours, theirs)| *names.entry(*theirs).or_insert(*ours) == *ours);
        if !consistent {
            let read = |step: &Step| step.inputs().map(|t| format!("{:?}", &*t.shape)).collect::<Vec<_>>().join(", ");
            return Err(format!(
                "operation {index} is {} of {} for one sample and {} of {} for another",
                operation_name(base),
                read(base),
                operation_name(other),
                read(other),
            ));
        }
        other.change_tensors(|tensor| {
            if let Some(id) = names.get(&tensor.id) {
                tensor.id = *id;
            }
        });
    }
    if count != others {
        return Err(format!("it runs {count} operations for one sample and {others} for another"));
    }
    Ok(names)
}

fn same_kind(a: &Step, b: &Step) -> bool {
    use burn::backend::ir::OperationIr::Custom;
    match (a, b) {
        (Step::Burn(Custom(a)), Step::Burn(Custom(b))) => a.id == b.id,
        (Step::Burn(ours), Step::Burn(theirs)) => {
            std::mem::discriminant(ours) == std::mem::discriminant(theirs) && family_and_name(a) == family_and_name(b)
        }
        (Step::Recurrent(a), Step::Recurrent(b)) => (a.cell, a.direction) == (b.cell, b.direction),
        (Step::Burn(_), Step::Recurrent(_)) | (Step::Recurrent(_), Step::Burn(_)) => false,
    }
}
