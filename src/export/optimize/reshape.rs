//! Reshapes that a neighbour makes needless.

use super::links::{Links, keeps_axes};
use crate::export::builder::GraphBuilder;
use crate::onnx::{Attribute, Dim, Node};

pub(super) fn run(graph: &mut GraphBuilder) {
    for step in [dropped_axes, lookup, chained] {
        let found: Vec<(usize, Node)> = {
            let links = Links::new(graph);
            (0..graph.nodes.len()).filter_map(|at| Some((at, step(&links, graph, at)?))).collect()
        };
        for (at, node) in found {
            graph.nodes[at] = node;
        }
    }
}

/// A reshape of a reshape reads what the first one reads.
fn chained(links: &Links, graph: &GraphBuilder, at: usize) -> Option<Node> {
    let outer = graph.nodes.get(at).filter(|node| node.op == "Reshape")?;
    let reads = links.reads(&outer.inputs[0]);
    let inner = links.maker(&outer.inputs[0], "Reshape", reads)?;
    let (from, to) = (links.dims(&inner.inputs[0])?, links.dims(&outer.outputs[0])?);
    let target = links.integers(&outer.inputs[1])?;
    // A 0 keeps the input's own dimension, which is now another's.
    let kept = target.iter().zip(to).enumerate().all(|(axis, (n, to))| *n != 0 || from.get(axis) == Some(to));
    let empty = from.contains(&Dim::Fixed(0));
    let inputs = vec![inner.inputs[0].clone(), outer.inputs[1].clone()];
    (kept && !empty).then(|| Node { inputs, ..outer.clone() })
}

/// A reduction that keeps its axes, and a reshape that drops them.
fn dropped_axes(links: &Links, graph: &GraphBuilder, at: usize) -> Option<Node> {
    let reshape = graph.nodes.get(at).filter(|node| node.op == "Reshape")?;
    let operators = ["ArgMax", "ArgMin", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum"];
    let reduce = operators.iter().find_map(|op| links.maker(&reshape.inputs[0], op, 1))?;
    let axes = match reduce.attribute("axis") {
        Some(Attribute::Int(axis)) => vec![*axis],
        _ => links.axes(reduce)?,
    };
    let (from, to) = (links.dims(&reduce.outputs[0])?, links.dims(&reshape.outputs[0])?);
    let left = from.iter().enumerate().filter(|(axis, _)| !axes.contains(&(*axis as i64))).map(|(_, size)| size);
    let fits = keeps_axes(reduce) && left.eq(to);
    let mut node = Node { name: reshape.name.clone(), outputs: reshape.outputs.clone(), ..reduce.clone() };
    node.attributes.retain(|(name, _)| *name != "keepdims");
    node.attributes.push(("keepdims".into(), Attribute::Int(0)));
    fits.then_some(node)
}

/// A lookup in a table by indices that were given another shape for it, and the result reshaped back.
fn lookup(links: &Links, graph: &GraphBuilder, at: usize) -> Option<Node> {
    let back = graph.nodes.get(at).filter(|node| node.op == "Reshape")?;
    let gather = links.maker(&back.inputs[0], "Gather", 1)?;
    let flat = links.maker(&gather.inputs[1], "Reshape", 1)?;
    let table = links.constant(&gather.inputs[0])?;
    let indices = flat.inputs[0].as_str();
    let (row, column) = (links.dims(indices)?, table.dims.get(1..)?);
    let expected: Vec<Dim> = row.iter().cloned().chain(column.iter().map(|size| Dim::Fixed(*size))).collect();
    let along_rows = matches!(gather.attribute("axis"), None | Some(Attribute::Int(0)));
    let inputs = vec![gather.inputs[0].clone(), indices.to_owned()];
    let fits = along_rows && links.dims(&back.outputs[0])? == expected;
    fits.then(|| Node { name: back.name.clone(), inputs, outputs: back.outputs.clone(), ..gather.clone() })
}
