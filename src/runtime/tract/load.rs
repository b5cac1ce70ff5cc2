//! Reading a graph, and fixing the shapes of its inputs.

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::InferenceFact;

use super::convert::{datum_type, no_type};
use crate::onnx::{Dim, ModelFile, Port};
use crate::runtime::guard::guarded;
use crate::{Error, ErrorKind, Result};

/// Does `work` on the graph of that name, with tract's errors and panics as this crate's errors.
pub(super) fn loading<T>(graph: &str, work: impl FnOnce() -> TractResult<T>) -> Result<T> {
    guarded("tract", || work().map_err(|why| format!("{why:#}"))).map_err(|why| {
        Error::new(ErrorKind::Model, "tract cannot load", graph, why)
            .hint("set `backend` to ort; `oasis inspect` shows the file's operators")
    })
}

/// Reads a model.
pub(super) fn parse(file: &ModelFile) -> TractResult<InferenceModel> {
    let onnx = tract_onnx::onnx().with_ignore_output_shapes(true).with_ignore_value_info(true);
    onnx.model_for_read(&mut file.bytes().as_ref())
}

/// The size of a dimension that a plan is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Size {
    /// This one.
    Is(usize),
    /// Any, the same one for all dimensions of that number.
    Any(usize),
}

/// The inputs' shapes where every dimension that is not fixed has size `batch`.
pub(super) fn shapes(inputs: &[Port], batch: usize) -> Vec<Vec<Size>> {
    let size = |dim: &Dim| Size::Is(dim.fixed().unwrap_or(batch));
    inputs.iter().map(|port| port.dims().iter().map(size).collect()).collect()
}

/// Gives a model's inputs their types and these shapes.
pub(super) fn fix_shapes(model: &mut InferenceModel, inputs: &[Port], shapes: &[Vec<Size>]) -> TractResult<()> {
    let symbols = model.symbols.clone();
    let dim = |size: &Size| match size {
        Size::Is(size) => size.to_dim(),
        Size::Any(number) => symbols.sym(&format!("any_{number}")).to_dim(),
    };
    for (index, (port, shape)) in inputs.iter().zip(shapes).enumerate() {
        let dtype = datum_type(port.dtype).ok_or_else(|| no_type(port.dtype))?;
        model.set_input_fact(index, InferenceFact::dt_shape(dtype, shape.iter().map(dim).collect::<TVec<TDim>>()))?;
    }
    Ok(())
}
