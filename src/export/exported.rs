//! A finished model, and what it was made from.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use burn::backend::TensorData;

use super::boundary::AxisUse;
use super::constant::elements;
use super::operation::Operation;
use crate::Result;
use crate::fs::write_atomic;
use crate::onnx::{Model, Port};

/// The largest file that protobuf can hold is 2 GiB; a little is left for the graph itself.
pub(crate) const INLINE_LIMIT: usize = (1 << 31) - (1 << 26);

/// An ONNX model in memory, which still knows the module it came from and can be checked against it.
pub struct Exported {
    model: Model,
    bytes: OnceLock<Vec<u8>>,
    operations: Vec<Operation>,
    inline_limit: usize,
    pub(super) reference: Reference,
}

/// The forward pass in Burn, and how to make inputs for it.
pub(crate) struct Reference {
    pub run: Box<dyn Fn(Vec<TensorData>) -> Vec<TensorData> + Send>,
    pub sample: Vec<TensorData>,
    pub axes: Vec<AxisUse>,
    /// The lengths of the axes in every trace.
    pub traced: Vec<Vec<usize>>,
    pub int_ranges: BTreeMap<String, Range<i64>>,
    pub float_ranges: BTreeMap<String, Range<f64>>,
}

/// What a model consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelSummary {
    /// The operator set.
    pub opset: i64,
    /// How many nodes of each operator there are.
    pub operators: BTreeMap<String, usize>,
    /// The names of the stored tensors, and how many elements each has.
    pub stored: BTreeMap<String, usize>,
}

impl ModelSummary {
    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.operators.values().sum()
    }

    /// How many stored numbers there are.
    pub fn parameters(&self) -> usize {
        self.stored.values().sum()
    }
}

impl fmt::Display for ModelSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes, {} stored numbers, opset {} (", self.nodes(), self.parameters(), self.opset)?;
        for (i, (operator, count)) in self.operators.iter().enumerate() {
            write!(f, "{}{count} {operator}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl Exported {
    pub(crate) fn new(model: Model, operations: Vec<Operation>, inline_limit: usize, reference: Reference) -> Self {
        Self { model, bytes: OnceLock::new(), operations, inline_limit, reference }
    }

    /// The model's bytes, with all weights inside, however large they are.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get_or_init(|| self.model.write())
    }

    /// [`Self::bytes`], owned.
    pub fn into_bytes(self) -> Vec<u8> {
        match self.bytes.into_inner() {
            Some(bytes) => bytes,
            None => self.model.write(),
        }
    }

    /// Changes what the model says of itself.
    pub(super) fn change_model(&mut self, change: impl FnOnce(&mut Model)) {
        change(&mut self.model);
        self.bytes = OnceLock::new();
    }

    /// The model itself.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The graph's name.
    pub fn name(&self) -> &str {
        &self.model.graph.name
    }

    /// The model's inputs, in order.
    pub fn inputs(&self) -> &[Port] {
        &self.model.graph.inputs
    }

    /// The model's outputs, in order.
    pub fn outputs(&self) -> &[Port] {
        &self.model.graph.outputs
    }

    /// The Burn operations that the outputs depend on, in the order of the forward pass.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Counts of operators and stored tensors.
    pub fn summary(&self) -> ModelSummary {
        let mut operators = BTreeMap::new();
        for node in &self.model.graph.nodes {
            *operators.entry(node.op.to_string()).or_insert(0) += 1;
        }
        let tensors = self.model.graph.initializers.iter();
        let stored = tensors.map(|(name, tensor)| (name.clone(), elements(tensor))).collect();
        ModelSummary { opset: self.model.opset().unwrap_or_default(), operators, stored }
    }

    /// Writes the file: beside its place first, then moved there, so that no half of it is ever seen.
    ///
    /// Weights that no protobuf file can hold (2 GiB and more) go to a file beside it, named after it with `.data`
    /// at the end, which is written first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) where the folder cannot be written to.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let weights: usize = self.model.graph.initializers.iter().map(|(_, tensor)| tensor.data.len()).sum();
        if weights <= self.inline_limit {
            return write_atomic(path, |file| file.write_all(self.bytes()));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let location = format!("{name}.data");
        let (model, data) = self.model.write_external(&location);
        write_atomic(&path.with_file_name(&location), |file| file.write_all(&data))?;
        write_atomic(path, |file| file.write_all(&model))
    }
}

impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported")
            .field("inputs", &self.inputs())
            .field("outputs", &self.outputs())
            .field("summary", &self.summary())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Exported;

    #[test]
    fn a_model_may_go_to_another_thread() {
        fn sent<T: Send>() {}
        sent::<Exported>();
    }
}
