//! A finished model, and what it was made from.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use burn::backend::TensorData;

use super::api::AxisUse;
use super::graph::{Graph, Port};
use crate::{Error, Result};

/// An ONNX model in memory, which still knows the module it came from and can be checked against it.
pub struct Exported {
    bytes: Vec<u8>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    summary: Summary,
    pub(super) reference: Reference,
}

/// The forward pass in Burn, and how to make inputs for it.
pub(crate) struct Reference {
    pub run: Box<dyn Fn(Vec<TensorData>) -> Vec<TensorData>>,
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
pub struct Summary {
    /// The operator set.
    pub opset: i64,
    /// How many nodes of each operator there are.
    pub operators: BTreeMap<String, usize>,
    /// The names of the stored tensors, and how many elements each has.
    pub stored: BTreeMap<String, usize>,
}

impl Summary {
    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.operators.values().sum()
    }

    /// How many stored numbers there are.
    pub fn parameters(&self) -> usize {
        self.stored.values().sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes, {} stored numbers, opset {} (", self.nodes(), self.parameters(), self.opset)?;
        for (i, (operator, count)) in self.operators.iter().enumerate() {
            write!(f, "{}{count} {operator}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl Exported {
    pub(crate) fn new(bytes: Vec<u8>, graph: Graph, opset: i64, reference: Reference) -> Self {
        let mut operators = BTreeMap::new();
        for node in &graph.nodes {
            *operators.entry(node.op.to_string()).or_insert(0) += 1;
        }
        let stored = graph.constants.iter().map(|(name, constant)| (name.clone(), constant.elements())).collect();
        Self {
            bytes,
            inputs: graph.inputs,
            outputs: graph.outputs,
            summary: Summary { opset, operators, stored },
            reference,
        }
    }

    /// The ONNX file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The ONNX file's bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The model's inputs, in order.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// The model's outputs, in order.
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// Counts of operators and stored tensors.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Writes the file: beside its place first, then moved there, so that no half of it is ever seen.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) where the folder cannot be written to.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let failed = |error: std::io::Error| Error::input("cannot write model", path, error);
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(&self.bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported")
            .field("inputs", &self.inputs)
            .field("outputs", &self.outputs)
            .field("summary", &self.summary)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
