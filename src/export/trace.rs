//! One recorded forward pass.

use std::collections::BTreeMap;

use burn::backend::TensorData;
use burn::backend::capture::TensorId;

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
    /// Drops the parameters' values, which equal those of any other recording of the module.
    pub fn forget_parameters(&mut self) {
        for (id, _) in &self.params {
            self.values.remove(id);
        }
    }
}
