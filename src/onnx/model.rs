//! A whole model.

use super::graph::Graph;

/// A graph, and what its file says of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// The version of the file format.
    pub ir_version: i64,
    /// What made the file.
    pub producer: String,
    /// The version of what made it.
    pub producer_version: String,
    /// What it is, in words.
    pub doc: String,
    /// Operator set versions by domain; the standard domain is empty.
    pub opsets: Vec<(String, i64)>,
    /// The metadata properties by key, as written; no key is there twice.
    pub metadata: Vec<(String, String)>,
    /// The graph.
    pub graph: Graph,
}

impl Model {
    /// The version of the standard operator set.
    pub fn opset(&self) -> Option<i64> {
        self.opsets.iter().find_map(|(domain, version)| domain.is_empty().then_some(*version))
    }

    /// The metadata property of that key.
    pub fn property(&self, key: &str) -> Option<&str> {
        self.metadata.iter().find_map(|(name, value)| (name == key).then_some(value.as_str()))
    }
}
