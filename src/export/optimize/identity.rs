//! Nodes that change nothing, transposes in a row, and nodes that compute the same.

use std::collections::{HashMap, HashSet};

use crate::export::builder::GraphBuilder;
use crate::onnx::{Attribute, Node};

pub(super) fn run(graph: &mut GraphBuilder) {
    while join_transposes(graph) | remove(graph) | share(graph) {}
}

/// Removes identities whose readers can read their input instead. Says whether it did.
fn remove(graph: &mut GraphBuilder) -> bool {
    let mut to = HashMap::new();
    let mut gone = HashSet::new();
    let producers = graph.producers();
    for (index, node) in graph.nodes.iter().enumerate() {
        let output = &node.outputs[0];
        let before = node.inputs.first().and_then(|input| producers.get(input)).map(|index| &graph.nodes[*index]);
        let again = before.is_some_and(|before| is_idempotent(node) && same_but_input(node, before));
        if node.outputs.len() == 1 && !graph.is_output(output) && (again || changes_nothing(graph, node)) {
            to.insert(output.clone(), node.inputs[0].clone());
            gone.insert(index);
        }
    }
    graph.redirect(&to);
    graph.remove_nodes(&gone);
    !gone.is_empty()
}

/// Whether doing it twice is doing it once.
fn is_idempotent(node: &Node) -> bool {
    matches!(&*node.op, "Abs" | "Ceil" | "Clip" | "Floor" | "Relu" | "Round" | "Sign")
}

fn same_but_input(a: &Node, b: &Node) -> bool {
    a.op == b.op && a.inputs[1..] == b.inputs[1..] && a.attributes == b.attributes
}

fn changes_nothing(graph: &GraphBuilder, node: &Node) -> bool {
    let same_fact = || {
        let input = graph.facts.get(&node.inputs[0]);
        input.is_some() && input == graph.facts.get(&node.outputs[0])
    };
    match &*node.op {
        "Identity" => true,
        "Cast" | "Reshape" | "Expand" | "Tile" => same_fact(),
        "Transpose" => node.ints("perm").is_some_and(|perm| perm.iter().enumerate().all(|(i, p)| i as i64 == *p)),
        _ => false,
    }
}

/// Makes the second of two transposes in a row read the first one's input.
fn join_transposes(graph: &mut GraphBuilder) -> bool {
    let producers = graph.producers();
    let mut changed = false;
    for index in 0..graph.nodes.len() {
        let second = &graph.nodes[index];
        let Some(first) = producers.get(&second.inputs.first().cloned().unwrap_or_default()) else {
            continue;
        };
        let first = &graph.nodes[*first];
        if second.op != "Transpose" || first.op != "Transpose" {
            continue;
        }
        let (Some(inner), Some(outer)) = (first.ints("perm"), second.ints("perm")) else {
            continue;
        };
        let perm: Vec<i64> = outer.iter().map(|axis| inner[*axis as usize]).collect();
        let input = first.inputs[0].clone();
        let node = &mut graph.nodes[index];
        node.inputs[0] = input;
        node.attributes = vec![("perm".into(), Attribute::Ints(perm))];
        changed = true;
    }
    changed
}

/// Keeps the first of several nodes that compute the same from the same.
fn share(graph: &mut GraphBuilder) -> bool {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut to = HashMap::new();
    let mut gone = HashSet::new();
    for index in 0..graph.nodes.len() {
        let node = &graph.nodes[index];
        let big = |attribute: &Attribute| matches!(attribute, Attribute::Tensor(tensor) if tensor.data.len() > 64);
        if node.outputs.iter().any(|output| graph.is_output(output))
            || node.attributes.iter().any(|(_, attribute)| big(attribute))
        {
            continue;
        }
        let inputs: Vec<&String> = node.inputs.iter().map(|name| to.get(name).unwrap_or(name)).collect();
        let key = format!("{} {} {inputs:?} {:?}", node.op, node.outputs.len(), node.attributes);
        match seen.get(&key) {
            Some(first) => {
                let first = &graph.nodes[*first];
                for (ours, theirs) in node.outputs.iter().zip(&first.outputs) {
                    to.insert(ours.clone(), theirs.clone());
                }
                gone.insert(index);
            }
            None => {
                seen.insert(key, index);
            }
        }
    }
    graph.redirect(&to);
    graph.remove_nodes(&gone);
    !gone.is_empty()
}
