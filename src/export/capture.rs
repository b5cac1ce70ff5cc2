//! Recording one forward pass as Burn's graph of operations.

use std::collections::BTreeMap;

use burn::backend::TensorData;
use burn::backend::capture::TensorId;
use burn::backend::ir::OperationIr;
use burn::module::Module;
use burn::tensor::Device;

use super::canonical::linears;
use super::params::ParamNames;
use super::quiet::quietly;
use super::recurrent::loops;
use super::traces::rename;
use super::values::Values;
use crate::{Error, ErrorKind, Result};

/// One recorded forward pass.
#[derive(Debug)]
pub(crate) struct Trace {
    pub operations: Vec<OperationIr>,
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

    /// Drops the parameters' values, which are those of any other recording of the module.
    pub fn forget_parameters(&mut self) {
        for (id, _) in &self.params {
            self.values.remove(id);
        }
    }
}

/// Runs `forward` on a capture device and records every operation.
///
/// The module is copied in validation mode, so the original, its running statistics included, is left as it was.
pub(crate) fn record<M, I, O>(model: &str, module: &M, sample: &I, forward: &dyn Fn(&M, I) -> O) -> Result<Trace>
where
    M: Module,
    I: Values,
    O: Values,
{
    let failed = |why: String| Error::new(ErrorKind::Model, "cannot record", model, why);
    let device = Device::capture();
    let mut params = Vec::new();
    let mut inputs = Vec::new();
    let mut outputs = Vec::new();
    let captured = quietly(|| {
        device.capture_scope(|scope| {
            let module = module.valid().to_device(&device);
            let mut names = ParamNames::default();
            module.visit(&mut names);
            params = names.names;
            let sample = sample.to_capture(&device);
            sample.ids(&mut inputs);
            let result = forward(&module, sample);
            result.ids(&mut outputs);
            // A boundary is declared once, however often the forward pass returns the tensor.
            let unique = |ids: &[Result<TensorId, String>]| {
                let mut seen = Vec::new();
                for id in ids.iter().flatten() {
                    if !seen.contains(id) {
                        seen.push(*id);
                    }
                }
                seen
            };
            scope.complete(unique(&inputs), unique(&outputs))
        })
    })
    .map_err(|panic| {
        failed(format!("the forward pass panicked: {panic}"))
            .hint("a forward pass that is exported may not read tensor values or draw random numbers, and must make its new tensors on its input's device")
    })?
    .map_err(|error| failed(error.to_string()))?;
    let plain = |ids: Vec<Result<TensorId, String>>| {
        ids.into_iter().collect::<Result<Vec<_>, _>>().map_err(|why| {
            failed(format!("an input or output is not on the capture device: {why}"))
                .hint("return tensors that are computed from the inputs and the module")
        })
    };
    let outputs = plain(outputs)?;
    Ok(Trace {
        operations: loops(linears(captured.graph.operations, &outputs), &outputs),
        values: captured.values,
        inputs: plain(inputs)?,
        outputs,
        params,
    })
}
