//! Nodes and stored tensors that no output needs.

use std::collections::HashSet;

use crate::export::builder::GraphBuilder;

pub(super) fn run(graph: &mut GraphBuilder) {
    let mut needed: HashSet<String> = graph.outputs.iter().map(|port| port.name.clone()).collect();
    let mut unused = HashSet::new();
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        if node.outputs.iter().any(|output| needed.contains(output)) {
            needed.extend(node.inputs.iter().cloned());
        } else {
            unused.insert(index);
        }
    }
    graph.remove_nodes(&unused);
    graph.constants.retain(|name, _| needed.contains(name));
}
