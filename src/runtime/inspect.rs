//! What a file holds, layer by layer.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

#[cfg(feature = "tract")]
use super::tract::infer_shapes;
use crate::bundle::Bundle;
use crate::onnx::{Dim, ModelFile, Node, Port, Tensor};

/// What one ONNX file holds.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FileSummary {
    /// The number of operations.
    pub nodes: usize,
    /// The number of trained and constant floats.
    pub parameters: u64,
    /// The version of the standard operator set.
    pub opset: i64,
    /// The version of the file format.
    pub ir_version: i64,
    /// The inputs.
    pub inputs: Vec<Port>,
    /// The outputs.
    pub outputs: Vec<Port>,
    /// The content's SHA-256.
    pub sha256: String,
    /// The file's size.
    pub bytes: u64,
    /// What made the file.
    pub producer: String,
    /// The metadata properties.
    pub metadata: BTreeMap<String, String>,
    /// A row an operation.
    pub layers: Vec<Layer>,
}

/// One operation of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Layer {
    /// Its name, or that of what it makes.
    pub name: String,
    /// The operator.
    pub op: String,
    /// The shape of its first output for a batch of one; `None` where it cannot be told before running.
    pub shape: Option<Vec<Dim>>,
    /// The floats that it is the first to read.
    pub parameters: u64,
}

impl Bundle {
    /// What each file holds, by role.
    pub fn inspect(&self) -> BTreeMap<String, FileSummary> {
        self.files().map(|(role, file)| (role.to_string(), FileSummary::new(file))).collect()
    }
}

impl FileSummary {
    /// What a file holds.
    pub fn new(file: &ModelFile) -> Self {
        let model = file.model();
        let graph = &model.graph;
        let floats: HashMap<&str, u64> =
            graph.initializers.iter().map(|(name, weight)| (name.as_str(), floats(weight))).collect();
        let shapes = shapes(file);
        let mut seen = HashSet::new();
        let layers: Vec<_> = graph.nodes.iter().map(|node| layer(node, &floats, &shapes, &mut seen)).collect();
        Self {
            nodes: graph.nodes.len(),
            parameters: layers.iter().map(|layer| layer.parameters).sum(),
            opset: model.opset().unwrap_or(0),
            ir_version: model.ir_version,
            inputs: graph.inputs.clone(),
            outputs: graph.outputs.clone(),
            sha256: file.sha256().unwrap_or_default().to_owned(),
            bytes: file.file_len(),
            producer: model.producer.clone(),
            metadata: model.metadata.iter().cloned().collect(),
            layers,
        }
    }
}

/// How many floats a tensor holds.
fn floats(tensor: &Tensor) -> u64 {
    if tensor.dtype.is_float() { tensor.elements().unwrap_or(0) as u64 } else { 0 }
}

fn layer<'a>(
    node: &'a Node,
    floats: &HashMap<&str, u64>,
    shapes: &HashMap<String, Vec<Dim>>,
    seen: &mut HashSet<&'a str>,
) -> Layer {
    let made = node.outputs.first().map_or("", String::as_str);
    let weights: u64 = node
        .inputs
        .iter()
        .filter(|input| floats.contains_key(input.as_str()) && seen.insert(input))
        .map(|input| floats[input.as_str()])
        .sum();
    Layer {
        name: if node.name.is_empty() { made } else { &node.name }.to_owned(),
        op: node.op.clone().into_owned(),
        shape: shapes.get(made).cloned(),
        parameters: weights + if node.op == "Constant" { node.tensors().map(self::floats).sum() } else { 0 },
    }
}

/// Shapes by tensor name for a batch of one: those that tract infers, else those that the file declares.
fn shapes(file: &ModelFile) -> HashMap<String, Vec<Dim>> {
    let one = |port: &Port| {
        let size = |dim: &Dim| if matches!(dim, Dim::Symbol(_)) { Dim::Fixed(1) } else { dim.clone() };
        Some((port.name.clone(), port.shape.as_ref()?.iter().map(size).collect()))
    };
    let declared = file.model().graph.outputs.iter().filter_map(one);
    #[cfg(feature = "tract")]
    let declared = declared.chain(infer_shapes(file));
    declared.collect()
}
