//! Recording one forward pass as Burn's graph of operations.

use std::collections::HashSet;

use burn::backend::capture::TensorId;
use burn::backend::ir::{BaseOperationIr, InitOperationIr, OperationIr};
use burn::module::Module;
use burn::tensor::Device;

use super::canonical::join_linears;
use super::devices::{Defaults, on_capture_device};
use super::params::ParamNames;
use super::quiet::{Panic, panic_as_error};
use super::recurrent::roll_up;
use super::trace::Trace;
use super::values::{Tensors, Values};
use crate::{Error, ErrorKind, Result};

/// Runs `forward` on a capture device and records every operation.
///
/// A copy of the module in validation mode is recorded: the module itself, with its running statistics, is not changed.
/// Inputs have no values there, so that nothing can depend on them unseen.
pub(crate) fn record<M, I, O>(model: &str, module: &M, sample: &I, forward: &dyn Fn(&M, I) -> O) -> Result<Trace>
where
    M: Module,
    I: Values,
    O: Values,
{
    let failed = |why: String| Error::new(ErrorKind::Model, "cannot record", model, why);
    let home = sample.device().or_else(|| module.devices().into_iter().next().map(Device::without_autodiff));
    // Tensors that a forward pass makes have the types that they have on the device it is written for.
    let defaults = Defaults::of(home.as_ref());
    let mut params = Vec::new();
    let mut inputs = Vec::new();
    let mut outputs = Vec::new();
    let captured = on_capture_device(defaults, |device| {
        panic_as_error(|| {
            device.capture_scope(|scope| {
                let module = module.valid().to_device(device);
                let mut names = ParamNames::default();
                module.visit(&mut names);
                params = names.names;
                let sample = sample.placeholders(device);
                inputs = sample.ids();
                let result = forward(&module, sample);
                outputs = result.ids();
                // A tensor is declared once as an output, however often the forward pass returns it. Inputs are outputs
                // of operations that make empty tensors, and need not be declared.
                let mut seen = HashSet::new();
                scope.complete([], outputs.iter().flatten().copied().filter(|id| seen.insert(*id)))
            })
        })
    })
    .map_err(failed)?
    .map_err(|panic| panicked(model, &panic))?
    .map_err(|error| failed(error.to_string()))?;
    let plain = |ids: Vec<Result<TensorId, String>>| {
        ids.into_iter().collect::<Result<Vec<_>, _>>().map_err(|why| {
            failed(format!("an input or output is not on the capture device: {why}"))
                .hint("return tensors that are computed from the inputs and the module's parameters")
        })
    };
    let (inputs, outputs) = (plain(inputs)?, plain(outputs)?);
    let operations = declared(captured.graph.operations, &inputs);
    Ok(Trace {
        operations: roll_up(join_linears(operations, &outputs), &outputs),
        values: captured.values,
        inputs,
        outputs,
        params,
    })
}

/// The operations, with inputs given from outside in the place of empty tensors.
fn declared(mut operations: Vec<OperationIr>, inputs: &[TensorId]) -> Vec<OperationIr> {
    for operation in &mut operations {
        let (OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base)) = operation
        else {
            continue;
        };
        if let BaseOperationIr::Empty(empty) = base
            && inputs.contains(&empty.out.id)
        {
            *operation = OperationIr::Init(InitOperationIr { out: empty.out.clone() });
        }
    }
    operations
}

/// The error of a forward pass that panicked while it was recorded.
fn panicked(model: &str, panic: &Panic) -> Error {
    let failed = |why: String| Error::new(ErrorKind::Model, "cannot record", model, why);
    if !panic.is_read() {
        return failed(format!("the forward pass panicked: {panic}")).hint(
            "a forward pass that is exported must create new tensors on the device of its input, and run as it does \
             without being recorded",
        );
    }
    let called =
        panic.caller().and_then(|caller| caller.called).map(|name| format!(" by `{name}`")).unwrap_or_default();
    let origin = panic.origin().map(|origin| format!(" at {origin}")).unwrap_or_default();
    failed(format!(
        "the forward pass reads the values of a tensor{called}{origin}, and inputs and what is computed have none while it is \
         recorded"
    ))
    .hint(
        "choose by value with tensors: `mask_where`, `select`, `gather` and comparisons; `one_hot` is `equal` of the indices \
         and a range of the classes, `argwhere` and `nonzero` are masks",
    )
    .hint("read what depends on no input before the export, and keep it in the module as a number")
}
