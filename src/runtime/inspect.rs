//! What a file holds, layer by layer.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::Serialize;

use crate::Result;
use crate::bundle::{Bundle, Foreign};
use crate::onnx::{self, Dim, Graph, Model, ModelFile, Node, Port, Tensor};

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
    /// Why no bundle may hold it, in words; nothing where one may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// A row an operation.
    pub layers: Vec<Layer>,
}

/// One operation of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Layer {
    /// Its name, or that of what it makes.
    pub name: String,
    /// The operator; after its domain where that is not the standard one.
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
        Self {
            sha256: file.sha256().unwrap_or_default().to_owned(),
            bytes: file.file_len(),
            ..Self::of_model(file.model())
        }
    }

    /// What any ONNX file holds, one that no engine here could run as well. No engine is asked.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] where it cannot be read, [`crate::ErrorKind::Model`] for what [`Model::read`] refuses.
    pub fn read(path: &Path) -> Result<Self> {
        let Foreign { model, sha256, bytes, faults } = Foreign::read(path)?;
        Ok(Self { sha256, bytes, faults, ..Self::of_model(&model) })
    }

    fn of_model(model: &Model) -> Self {
        let graph = &model.graph;
        let floats: HashMap<&str, u64> =
            graph.initializers.iter().map(|(name, weight)| (name.as_str(), floats(weight))).collect();
        let shapes = shapes(graph);
        let mut seen = HashSet::new();
        let layers: Vec<_> = graph.nodes.iter().map(|node| layer(node, &floats, &shapes, &mut seen)).collect();
        Self {
            nodes: graph.nodes.len(),
            parameters: layers.iter().map(|layer| layer.parameters).fold(0, u64::saturating_add),
            opset: model.opset().unwrap_or(0),
            ir_version: model.ir_version,
            inputs: graph.inputs.clone(),
            outputs: graph.outputs.clone(),
            sha256: String::new(),
            bytes: 0,
            producer: model.producer.clone(),
            metadata: model.metadata.iter().cloned().collect(),
            faults: Vec::new(),
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
        op: if node.domain.is_empty() { node.op.to_string() } else { format!("{}.{}", node.domain, node.op) },
        shape: shapes.get(made).cloned(),
        parameters: weights + if node.op == "Constant" { node.tensors().map(self::floats).sum() } else { 0 },
    }
}

/// Shapes by tensor name for a batch of one: those that follow from the file, else those that it declares.
fn shapes(graph: &Graph) -> HashMap<String, Vec<Dim>> {
    let one = |port: &Port| {
        let size = |dim: &Dim| if matches!(dim, Dim::Symbol(_)) { Dim::Fixed(1) } else { dim.clone() };
        Some((port.name.clone(), port.shape.as_ref()?.iter().map(size).collect()))
    };
    graph.outputs.iter().filter_map(one).chain(onnx::shapes(graph)).collect()
}
