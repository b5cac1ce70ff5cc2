//! One recorded forward pass.

use std::collections::BTreeMap;

use burn::backend::TensorData;
use burn::backend::capture::TensorId;

use super::rename::rename;
use super::step::Step;

/// One recorded forward pass.
#[derive(Debug)]
pub(crate) struct Trace {
    pub operations: Vec<Step>,
    /// The values of parameters, constants and sample inputs.
    pub values: BTreeMap<TensorId, TensorData>,
    pub inputs: Vec<TensorId>,
    pub outputs: Vec<TensorId>,
    pub params: Vec<(TensorId, String)>,
}

impl Trace {
    /// Whether another recording has the same operations on the same tensors.
    pub fn runs_as(&self, other: &Self) -> bool {
        rename(&self.operations, &mut other.operations.clone()).is_ok()
    }

    /// Drops the parameters' values, which equal those of any other recording of the module.
    pub fn forget_parameters(&mut self) {
        for (id, _) in &self.params {
            self.values.remove(id);
        }
    }
}
