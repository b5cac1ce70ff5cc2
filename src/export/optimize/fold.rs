//! Whatever depends on stored tensors alone, computed at export.

use std::collections::{HashMap, HashSet};

use tract_onnx::prelude::*;

use crate::export::constant::{Constant, DataType};
use crate::export::graph::{Graph, Node, Port};
use crate::export::proto::{self, Header};

/// Results up to this many bytes are stored even where they are larger than what they are made of.
const SMALL: usize = 64 * 1024;

pub(super) fn run(graph: &mut Graph, opset: i64) {
    let constant = constant_nodes(graph);
    let wanted = boundary(graph, &constant);
    if wanted.is_empty() {
        return;
    }
    let together = evaluate(graph, &constant, &wanted, opset);
    let results: Vec<(String, Constant)> = match together {
        Some(results) => wanted.into_iter().zip(results).collect(),
        // One result that cannot be computed here must not keep the others from it.
        None => wanted
            .into_iter()
            .filter_map(|name| {
                let result = evaluate(graph, &constant, std::slice::from_ref(&name), opset)?.pop()?;
                Some((name, result))
            })
            .collect(),
    };
    let mut to = HashMap::new();
    for (name, result) in results {
        let (sources, bytes) = sources(graph, &constant, &name);
        if result.bytes.len() > bytes.max(SMALL) {
            continue;
        }
        let stem = sources.unwrap_or_else(|| name.clone());
        let mut stored = format!("{stem}_folded");
        let mut count = 1;
        while graph.constants.get(&stored).is_some_and(|other| *other != result) {
            count += 1;
            stored = format!("{stem}_folded{count}");
        }
        graph.constants.insert(stored.clone(), result);
        to.insert(name, stored);
    }
    graph.redirect(&to);
}

/// The positions of nodes whose every input is known.
fn constant_nodes(graph: &Graph) -> HashSet<usize> {
    let mut known: HashSet<&String> = graph.constants.keys().collect();
    let mut nodes = HashSet::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let all = node.inputs.iter().all(|input| input.is_empty() || known.contains(input));
        if all && !node.inputs.is_empty() {
            known.extend(&node.outputs);
            nodes.insert(index);
        }
    }
    nodes
}

/// Known values that nodes which are not known read.
fn boundary(graph: &Graph, constant: &HashSet<usize>) -> Vec<String> {
    let made: HashSet<&String> = constant.iter().flat_map(|i| &graph.nodes[*i].outputs).collect();
    let mut wanted = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        if constant.contains(&index) {
            continue;
        }
        for input in &node.inputs {
            if made.contains(input) && !wanted.contains(input) {
                wanted.push(input.clone());
            }
        }
    }
    wanted
}

/// The nodes that `wanted` values are made by, in order, and the stored tensors they read.
fn cone<'a>(graph: &'a Graph, constant: &HashSet<usize>, wanted: &[String]) -> (Vec<&'a Node>, Vec<&'a String>) {
    let mut needed: HashSet<&String> = wanted.iter().collect();
    let mut nodes = Vec::new();
    let mut stored = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        if constant.contains(&index) && node.outputs.iter().any(|output| needed.contains(output)) {
            nodes.push(node);
            needed.extend(&node.inputs);
        }
    }
    nodes.reverse();
    for name in graph.constants.keys() {
        if needed.contains(name) {
            stored.push(name);
        }
    }
    (nodes, stored)
}

/// The stored tensor a result is named after, and the bytes of all that it is made of.
fn sources(graph: &Graph, constant: &HashSet<usize>, name: &String) -> (Option<String>, usize) {
    let (_, stored) = cone(graph, constant, std::slice::from_ref(name));
    let bytes = stored.iter().map(|name| graph.constants[*name].bytes.len()).sum();
    let largest = stored
        .iter()
        .filter(|name| !name.starts_with("constant_"))
        .max_by_key(|name| graph.constants[**name].bytes.len());
    (largest.map(ToString::to_string), bytes)
}

fn evaluate(graph: &Graph, constant: &HashSet<usize>, wanted: &[String], opset: i64) -> Option<Vec<Constant>> {
    let (nodes, stored) = cone(graph, constant, wanted);
    let part = Graph {
        nodes: nodes.into_iter().cloned().collect(),
        constants: stored.into_iter().map(|name| (name.clone(), graph.constants[name].clone())).collect(),
        outputs: wanted
            .iter()
            .map(|name| Port { name: name.clone(), dtype: DataType::F32, dims: Vec::new() })
            .collect(),
        ..Default::default()
    };
    let header = Header { opset, ..Default::default() };
    let model = tract_onnx::onnx()
        .with_ignore_output_types(true)
        .with_ignore_output_shapes(true)
        .model_for_proto_model(&proto::model(&part, &header))
        .ok()?
        .into_typed()
        .ok()?
        .into_runnable()
        .ok()?;
    let results = model.run(tvec![]).ok()?;
    results.iter().map(|value| stored_tensor(value)).collect()
}

fn stored_tensor(tensor: &Tensor) -> Option<Constant> {
    let tensor = match tensor.datum_type() {
        DatumType::TDim => tensor.cast_to::<i64>().ok()?.into_owned(),
        _ => tensor.clone(),
    };
    let dtype = match tensor.datum_type() {
        DatumType::F32 => DataType::F32,
        DatumType::F64 => DataType::F64,
        DatumType::F16 => DataType::F16,
        DatumType::I64 => DataType::I64,
        DatumType::I32 => DataType::I32,
        DatumType::I16 => DataType::I16,
        DatumType::I8 => DataType::I8,
        DatumType::U64 => DataType::U64,
        DatumType::U32 => DataType::U32,
        DatumType::U16 => DataType::U16,
        DatumType::U8 => DataType::U8,
        DatumType::Bool => DataType::Bool,
        _ => return None,
    };
    Some(Constant { dtype, dims: tensor.shape().to_vec(), bytes: tensor.as_bytes().to_vec() })
}
