//! Who makes and who reads each value.

use std::collections::HashMap;

use crate::export::builder::{Fact, GraphBuilder};
use crate::onnx::{Attribute, DataType, Dim, Node, Tensor};

/// A graph's values by the nodes at their two ends.
pub(super) struct Links<'a> {
    graph: &'a GraphBuilder,
    makers: HashMap<&'a str, usize>,
    readers: HashMap<&'a str, usize>,
}

impl<'a> Links<'a> {
    pub fn new(graph: &'a GraphBuilder) -> Self {
        let mut makers = HashMap::new();
        let mut readers = HashMap::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            for output in &node.outputs {
                makers.insert(output.as_str(), index);
            }
            for input in &node.inputs {
                *readers.entry(input.as_str()).or_default() += 1;
            }
        }
        Self { graph, makers, readers }
    }

    /// How many inputs read a value; a graph output counts as one.
    pub fn reads(&self, value: &str) -> usize {
        self.readers.get(value).copied().unwrap_or_default() + usize::from(self.graph.is_output(value))
    }

    /// The node that makes a value, if it is of that operator and the value is read so many times.
    pub fn maker(&self, value: &str, op: &str, reads: usize) -> Option<&'a Node> {
        let node = &self.graph.nodes[*self.makers.get(value)?];
        (node.op == op && self.reads(value) == reads).then_some(node)
    }

    pub fn fact(&self, value: &str) -> Option<&'a Fact> {
        self.graph.facts.get(value)
    }

    pub fn dims(&self, value: &str) -> Option<&'a [Dim]> {
        match self.graph.constants.contains_key(value) {
            true => None,
            false => self.fact(value).map(|fact| fact.dims.as_slice()),
        }
    }

    pub fn constant(&self, value: &str) -> Option<&'a Tensor> {
        self.graph.constants.get(value)
    }

    /// The integers of a stored tensor.
    pub fn integers(&self, value: &str) -> Option<Vec<i64>> {
        let constant = self.constant(value).filter(|constant| constant.dtype == DataType::I64)?;
        Some(constant.data.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
    }

    /// The one float of a stored tensor.
    pub fn float(&self, value: &str) -> Option<f32> {
        let constant = self.constant(value).filter(|constant| constant.dtype == DataType::F32)?;
        match constant.data.as_chunks::<4>().0 {
            [bytes] => Some(f32::from_le_bytes(*bytes)),
            _ => None,
        }
    }

    /// The axes a reduction runs over, whichever way the opset has it say so.
    pub fn axes(&self, node: &Node) -> Option<Vec<i64>> {
        match (node.ints("axes"), node.inputs.get(1)) {
            (Some(axes), _) => Some(axes.to_vec()),
            (None, Some(axes)) => self.integers(axes),
            (None, None) => None,
        }
    }
}

/// Whether a reduction keeps the axes it runs over.
pub(super) fn keeps_axes(node: &Node) -> bool {
    !matches!(node.attribute("keepdims"), Some(Attribute::Int(0)))
}
