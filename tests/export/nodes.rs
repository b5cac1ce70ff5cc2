//! The nodes of a model as one line.

use std::collections::BTreeMap;

use oasis::export::Exported;
use tract_onnx::prelude::Framework;

/// Models with more nodes are described by how many there are of each operator.
const IN_ORDER: usize = 16;

/// The operators in the order of the nodes, with the length of a run of equal ones; where there are many nodes, how many
/// there are of each operator.
pub fn nodes(exported: &Exported) -> String {
    let model = tract_onnx::onnx().proto_model_for_read(&mut exported.bytes()).expect("a model that tract can read");
    let nodes = model.graph.expect("a graph").node;
    if nodes.is_empty() {
        return "none".to_owned();
    }
    if nodes.len() > IN_ORDER {
        let mut counts = BTreeMap::new();
        nodes.iter().for_each(|node| *counts.entry(node.op_type.as_str()).or_insert(0) += 1);
        return format!("{} nodes: {}", nodes.len(), joined(counts));
    }
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for node in &nodes {
        match runs.last_mut() {
            Some((operator, count)) if *operator == node.op_type => *count += 1,
            _ => runs.push((&node.op_type, 1)),
        }
    }
    joined(runs)
}

fn joined<'a>(runs: impl IntoIterator<Item = (&'a str, usize)>) -> String {
    let counted = |(operator, count)| if count == 1 { String::from(operator) } else { format!("{count} {operator}") };
    runs.into_iter().map(counted).collect::<Vec<String>>().join(", ")
}
