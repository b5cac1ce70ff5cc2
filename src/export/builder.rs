//! An ONNX graph under construction: nodes in topological order, named values, stored tensors.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::onnx::{DataType, Dim, Graph, Model, Node, Port, Tensor};

/// The version of the file format that is written.
const IR_VERSION: i64 = 8;

/// What is known of a value: its element type, and its shape where every dimension is fixed or named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub dtype: DataType,
    pub dims: Vec<Dim>,
}

/// The graph. Node order is execution order.
#[derive(Debug, Clone, Default)]
pub(crate) struct GraphBuilder {
    pub nodes: Vec<Node>,
    pub constants: BTreeMap<String, Tensor>,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    pub facts: HashMap<String, Fact>,
    /// The integer inputs of a narrower type in Burn than in the model: all their values are of that type.
    pub narrow: BTreeMap<String, DataType>,
}

impl GraphBuilder {
    /// How many nodes read each value; a graph output counts as a reader.
    pub fn readers(&self) -> HashMap<String, usize> {
        let mut readers = HashMap::new();
        for name in self.nodes.iter().flat_map(|node| &node.inputs) {
            *readers.entry(name.clone()).or_insert(0) += 1;
        }
        for port in &self.outputs {
            *readers.entry(port.name.clone()).or_insert(0) += 1;
        }
        readers
    }

    /// The position of the node that makes each value.
    pub fn producers(&self) -> HashMap<String, usize> {
        let mut producers = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            for output in &node.outputs {
                producers.insert(output.clone(), index);
            }
        }
        producers
    }

    pub fn is_output(&self, value: &str) -> bool {
        self.outputs.iter().any(|port| port.name == value)
    }

    /// Makes every reader of a value read the one it is mapped to, following chains.
    pub fn redirect(&mut self, to: &HashMap<String, String>) {
        for name in self.nodes.iter_mut().flat_map(|node| &mut node.inputs) {
            let mut target = &*name;
            while let Some(next) = to.get(target) {
                target = next;
            }
            if target != name {
                *name = target.clone();
            }
        }
    }

    /// Gives a computed value another name wherever it is made or read.
    pub fn rename(&mut self, from: &str, to: &str) {
        for node in &mut self.nodes {
            for name in node.inputs.iter_mut().chain(&mut node.outputs) {
                if name == from {
                    *name = to.to_string();
                }
            }
        }
        if let Some(fact) = self.facts.remove(from) {
            self.facts.insert(to.to_string(), fact);
        }
    }

    /// Drops the nodes at these positions.
    pub fn remove_nodes(&mut self, positions: &HashSet<usize>) {
        let mut index = 0;
        self.nodes.retain(|_| {
            index += 1;
            !positions.contains(&(index - 1))
        });
    }

    /// The model of the graph, for an operator set.
    pub fn into_model(self, name: impl Into<String>, opset: i64) -> Model {
        Model {
            ir_version: IR_VERSION,
            producer: env!("CARGO_PKG_NAME").to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            opsets: vec![(String::new(), opset)],
            graph: Graph {
                name: name.into(),
                nodes: self.nodes,
                initializers: self.constants.into_iter().collect(),
                inputs: self.inputs,
                outputs: self.outputs,
            },
            ..Model::default()
        }
    }
}
