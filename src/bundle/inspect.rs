//! What a file holds, layer by layer.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::graph::Graph;
use super::onnx::{Dim, Initializer, Node, Port};
use super::open::Bundle;

/// What one ONNX file holds.
#[derive(Debug, Clone, Serialize)]
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
        self.graphs().map(|graph| (graph.role().to_string(), inspect_file(graph))).collect()
    }
}

/// What one file holds.
pub fn inspect_file(graph: &Graph) -> FileSummary {
    let model = graph.model();
    let floats: HashMap<&str, u64> = model
        .initializers
        .iter()
        .filter(|weight| weight.dtype.is_float())
        .map(|weight| (weight.name.as_str(), Initializer::elements(weight).unwrap_or(0)))
        .collect();
    let shapes = shapes(graph);
    let mut seen = HashSet::new();
    let layers: Vec<_> = model.nodes.iter().map(|node| layer(node, &floats, &shapes, &mut seen)).collect();
    FileSummary {
        nodes: model.nodes.len(),
        parameters: layers.iter().map(|layer| layer.parameters).sum(),
        opset: model.opset().unwrap_or(0),
        ir_version: model.ir_version,
        inputs: model.inputs.clone(),
        outputs: model.outputs.clone(),
        sha256: graph.sha256(),
        bytes: graph.bytes().len() as u64,
        producer: model.producer.clone(),
        metadata: model.metadata.clone(),
        layers,
    }
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
        op: node.op.clone(),
        shape: shapes.get(made).cloned(),
        parameters: weights + if node.op == "Constant" { node.attribute_elements } else { 0 },
    }
}

/// Shapes by tensor name, as tract infers them, over those that the file declares.
fn shapes(graph: &Graph) -> HashMap<String, Vec<Dim>> {
    let one = |port: &Port| {
        let shape = port.shape.iter().map(|dim| match dim {
            Dim::Symbol(_) => Dim::Fixed(1),
            other => other.clone(),
        });
        (port.name.clone(), shape.collect())
    };
    let declared = graph.model().outputs.iter().map(one);
    #[cfg(feature = "tract")]
    let declared = declared.chain(crate::runtime::infer_shapes(graph));
    declared.collect()
}
