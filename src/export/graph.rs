//! An ONNX graph under construction: nodes in topological order, named values, stored tensors.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::constant::{Constant, DataType};

/// One dimension of a graph input or output.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Size {
    /// Always this long.
    Fixed(usize),
    /// Chosen by the caller; equal names are equal lengths.
    Symbol(String),
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed(n) => n.fmt(f),
            Self::Symbol(name) => f.write_str(name),
        }
    }
}

/// The name, element type and shape of a graph input or output.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Port {
    /// The name in the model.
    pub name: String,
    /// The element type.
    pub dtype: DataType,
    /// The shape.
    pub dims: Vec<Size>,
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} [", self.name, self.dtype.name())?;
        for (i, dim) in self.dims.iter().enumerate() {
            write!(f, "{}{dim}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("]")
    }
}

/// An attribute of a node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Attribute {
    Int(i64),
    Ints(Vec<i64>),
    Float(f32),
    Text(String),
    Tensor(Constant),
}

/// One operator call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub name: String,
    pub op: &'static str,
    /// Value names; an empty name is an optional input left out.
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub attributes: Vec<(&'static str, Attribute)>,
}

impl Node {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find_map(|(key, value)| (*key == name).then_some(value))
    }

    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attribute(name) {
            Some(Attribute::Ints(values)) => Some(values),
            _ => None,
        }
    }
}

/// What is known of a value: its element type, and its shape where every dimension is fixed or named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub dtype: DataType,
    pub dims: Vec<Size>,
}

/// The graph. Node order is execution order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    pub constants: BTreeMap<String, Constant>,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    pub facts: HashMap<String, Fact>,
}

impl Graph {
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
}
