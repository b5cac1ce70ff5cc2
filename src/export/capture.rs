//! Recording one forward pass as Burn's graph of operations.

use burn::backend::capture::TensorId;
use burn::module::Module;
use burn::tensor::Device;

use super::canonical::join_linears;
use super::params::ParamNames;
use super::quiet::panic_as_error;
use super::recurrent::roll_up;
use super::trace::Trace;
use super::values::Values;
use crate::{Error, ErrorKind, Result};

/// Runs `forward` on a capture device and records every operation.
///
/// A copy of the module in validation mode is recorded: the module itself, with its running statistics, is not changed.
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
    let captured = panic_as_error(|| {
        device.capture_scope(|scope| {
            let module = module.valid().to_device(&device);
            let mut names = ParamNames::default();
            module.visit(&mut names);
            params = names.names;
            let sample = sample.to_capture(&device);
            sample.ids(&mut inputs);
            let result = forward(&module, sample);
            result.ids(&mut outputs);
            // A tensor is declared once as input or output, however often the forward pass takes or returns it.
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
            .hint("a forward pass that is exported must not read the values of tensors or draw random numbers, and must create new tensors on the device of its input")
    })?
    .map_err(|error| failed(error.to_string()))?;
    let plain = |ids: Vec<Result<TensorId, String>>| {
        ids.into_iter().collect::<Result<Vec<_>, _>>().map_err(|why| {
            failed(format!("an input or output is not on the capture device: {why}"))
                .hint("return tensors that are computed from the inputs and the module's parameters")
        })
    };
    let outputs = plain(outputs)?;
    Ok(Trace {
        operations: roll_up(join_linears(captured.graph.operations, &outputs), &outputs),
        values: captured.values,
        inputs: plain(inputs)?,
        outputs,
        params,
    })
}
