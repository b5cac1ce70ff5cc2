//! Integers that are made narrow, and then only moved, used as indices or cast.
//!
//! Inputs are i64s that the type of the forward pass holds, and positions are small. Nothing of this can overflow, so they
//! may as well stay i64s.

use std::collections::{HashMap, HashSet};

use crate::export::builder::GraphBuilder;
use crate::onnx::{Attribute, DataType, Node};

pub(super) fn run(graph: &mut GraphBuilder) {
    for index in (0..graph.nodes.len()).rev() {
        if let Some(moved) = moved(graph, index) {
            widen(graph, index, &moved);
        }
    }
    name_outputs(graph);
}

/// The values that hold what a cast to a narrow type makes, the cast's own output first; nothing for other nodes, and where
/// a value is computed with.
fn moved(graph: &GraphBuilder, index: usize) -> Option<Vec<String>> {
    let cast = &graph.nodes[index];
    if !is_small(graph, &cast.inputs.first()?.clone(), target(cast)?) {
        return None;
    }
    let mut moved = vec![cast.outputs[0].clone()];
    let mut at = 0;
    while let Some(value) = moved.get(at).cloned() {
        at += 1;
        if graph.is_output(&value) {
            return None;
        }
        for node in &graph.nodes[index + 1..] {
            for slot in node.inputs.iter().enumerate().filter(|(_, input)| **input == value).map(|(slot, _)| slot) {
                match (&*node.op, slot) {
                    ("Cast", 0) | ("Gather" | "GatherElements" | "ScatterElements", 1) => {}
                    (
                        "Expand" | "Flatten" | "Gather" | "GatherElements" | "Identity" | "Reshape" | "Slice" | "Split"
                        | "Squeeze" | "Tile" | "Transpose" | "Unsqueeze",
                        0,
                    ) => moved.extend(node.outputs.iter().cloned()),
                    _ => return None,
                }
            }
        }
    }
    Some(moved)
}

/// The integer type that a cast makes.
fn target(node: &Node) -> Option<DataType> {
    match (&*node.op, node.attribute("to")) {
        ("Cast", Some(Attribute::Int(number))) => DataType::from_number(*number),
        _ => None,
    }
}

/// Whether the i64s of a value are known to be numbers of a narrow type.
fn is_small(graph: &GraphBuilder, value: &str, narrow: DataType) -> bool {
    use DataType::{I32, U32, U64};
    if let Some(own) = graph.narrow.get(value) {
        return *own == narrow;
    }
    let is_position = |node: &Node| match &*node.op {
        "ArgMax" | "ArgMin" => true,
        "TopK" => node.outputs.get(1).is_some_and(|positions| positions == value),
        _ => false,
    };
    matches!(narrow, I32 | U32 | U64)
        && graph.nodes.iter().any(|node| node.outputs.iter().any(|output| output == value) && is_position(node))
}

/// Drops the cast at `index`: what it made stays an i64, under the name of the cast's input.
fn widen(graph: &mut GraphBuilder, index: usize, moved: &[String]) {
    let values: HashSet<&String> = moved.iter().collect();
    for value in moved {
        if let Some(fact) = graph.facts.get_mut(value) {
            fact.dtype = DataType::I64;
        }
    }
    for node in &mut graph.nodes {
        if target(node) == Some(DataType::I64) && values.contains(&node.inputs[0]) {
            node.op = "Identity".into();
            node.attributes.clear();
        }
    }
    let cast = graph.nodes.remove(index);
    graph.redirect(&HashMap::from([(cast.outputs[0].clone(), cast.inputs[0].clone())]));
}

/// Gives computed values that are outputs by way of an identity alone the outputs' names.
fn name_outputs(graph: &mut GraphBuilder) {
    for port in 0..graph.outputs.len() {
        let name = graph.outputs[port].name.clone();
        let Some(at) = graph.nodes.iter().position(|node| node.op == "Identity" && node.outputs[0] == name) else {
            continue;
        };
        let from = graph.nodes[at].inputs[0].clone();
        let computed = graph.nodes.iter().any(|node| node.outputs.contains(&from));
        if computed && !graph.is_output(&from) && !graph.constants.contains_key(&from) {
            graph.nodes.remove(at);
            graph.rename(&from, &name);
        }
    }
}
