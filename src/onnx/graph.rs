//! Nodes, and graphs of them.

use std::borrow::Cow;

use super::port::Port;
use super::tensor::Tensor;

/// The value of a node's attribute.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Attribute {
    /// One integer.
    Int(i64),
    /// Integers.
    Ints(Vec<i64>),
    /// One float.
    Float(f32),
    /// Floats.
    Floats(Vec<f32>),
    /// Text.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
    /// One tensor.
    Tensor(Tensor),
    /// Tensors.
    Tensors(Vec<Tensor>),
    /// One graph, which may read the values of the graph around it.
    Graph(Box<Graph>),
    /// Graphs.
    Graphs(Vec<Graph>),
}

/// One call of an operator.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Node {
    /// Its name; may be empty.
    pub name: String,
    /// The operator, such as `Conv`.
    pub op: Cow<'static, str>,
    /// The operator's domain; empty for the standard one.
    pub domain: String,
    /// Names of the values that it reads; an empty name is an optional input left out.
    pub inputs: Vec<String>,
    /// Names of the values that it makes; an empty name is one that nobody wants.
    pub outputs: Vec<String>,
    /// Its settings by name.
    pub attributes: Vec<(Cow<'static, str>, Attribute)>,
}

impl Node {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find_map(|(key, value)| (*key == name).then_some(value))
    }

    /// The integers of the attribute of that name, where it holds some.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attribute(name) {
            Some(Attribute::Ints(values)) => Some(values),
            _ => None,
        }
    }

    /// The graphs among its attributes: the branches of an `If`, the body of a `Loop`.
    pub fn graphs(&self) -> impl Iterator<Item = &Graph> {
        self.attributes.iter().flat_map(|(_, value)| match value {
            Attribute::Graph(graph) => std::slice::from_ref(&**graph),
            Attribute::Graphs(graphs) => graphs,
            _ => &[],
        })
    }

    /// The tensors among its attributes.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        self.attributes.iter().flat_map(|(_, value)| match value {
            Attribute::Tensor(tensor) => std::slice::from_ref(tensor),
            Attribute::Tensors(tensors) => tensors,
            _ => &[],
        })
    }
}

/// Operator calls in the order they are run in, with what they read and make.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graph {
    /// Its name.
    pub name: String,
    /// The operator calls.
    pub nodes: Vec<Node>,
    /// Stored tensors by name, as written.
    pub initializers: Vec<(String, Tensor)>,
    /// What the caller gives; stored tensors are not among them.
    pub inputs: Vec<Port>,
    /// What the caller is given.
    pub outputs: Vec<Port>,
}

impl Graph {
    /// The stored tensor of that name.
    pub fn initializer(&self, name: &str) -> Option<&Tensor> {
        self.initializers.iter().find_map(|(key, tensor)| (key == name).then_some(tensor))
    }

    /// The input of that name.
    pub fn input(&self, name: &str) -> Option<&Port> {
        self.inputs.iter().find(|port| port.name == name)
    }

    /// The output of that name.
    pub fn output(&self, name: &str) -> Option<&Port> {
        self.outputs.iter().find(|port| port.name == name)
    }
}
