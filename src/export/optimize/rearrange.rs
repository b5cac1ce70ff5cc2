//! Elements moved between channels and space, and slices that share out an axis.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::links::Links;
use crate::export::builder::GraphBuilder;
use crate::export::constant;
use crate::onnx::{Attribute, DataType, Dim, Node};

pub(super) fn run(graph: &mut GraphBuilder) {
    let blocks: Vec<(usize, Node)> = {
        let links = Links::new(graph);
        (0..graph.nodes.len()).filter_map(|at| Some((at, block(&links, graph, at)?))).collect()
    };
    for (at, node) in blocks {
        graph.nodes[at] = node;
    }
    split(graph);
}

/// A reshape, a transpose and a reshape that are one `DepthToSpace` or `SpaceToDepth`.
fn block(links: &Links, graph: &GraphBuilder, at: usize) -> Option<Node> {
    let last = graph.nodes.get(at).filter(|node| node.op == "Reshape")?;
    let turn = links.maker(&last.inputs[0], "Transpose", 1)?;
    let first = links.maker(&turn.inputs[0], "Reshape", 1)?;
    let x = first.inputs[0].as_str();
    let (from, to) = (links.dims(x)?, links.dims(&last.outputs[0])?);
    let middle: &[Dim; 6] = links.dims(&first.outputs[0])?.try_into().ok()?;
    let (op, mode, [c, r1, r2, h, w]) = match turn.ints("perm")? {
        [0, 1, 4, 2, 5, 3] => ("DepthToSpace", "CRD", [1, 2, 3, 4, 5]),
        [0, 3, 4, 1, 5, 2] => ("DepthToSpace", "DCR", [3, 1, 2, 4, 5]),
        [0, 3, 5, 1, 2, 4] => ("SpaceToDepth", "", [1, 3, 5, 2, 4]),
        _ => return None,
    };
    let (channels, block) = (middle[c].fixed()?, middle[r1].fixed()?);
    let deep = [middle[0].clone(), Dim::Fixed(channels * block * block), middle[h].clone(), middle[w].clone()];
    let wide = [middle[0].clone(), middle[c].clone(), times(&middle[h], block), times(&middle[w], block)];
    let (input, output) = if op == "DepthToSpace" { (&deep, &wide) } else { (&wide, &deep) };
    let fits = middle[r1] == middle[r2]
        && from == input
        && to == output
        && links.fact(x)?.dtype == DataType::F32
        && block > 0
        && channels > 0;
    let mut attributes = vec![("blocksize".into(), Attribute::Int(block as i64))];
    if !mode.is_empty() {
        attributes.push(("mode".into(), Attribute::Text(mode.to_owned())));
    }
    let node = Node {
        name: format!("{}_block", last.name),
        op: op.into(),
        inputs: vec![x.to_owned()],
        outputs: last.outputs.clone(),
        attributes,
        ..Node::default()
    };
    fits.then_some(node)
}

fn times(size: &Dim, by: usize) -> Dim {
    match size {
        Dim::Fixed(size) => Dim::Fixed(size * by),
        Dim::Symbol(name) => Dim::Symbol(format!("{by}*{name}")),
        Dim::Unknown => Dim::Unknown,
    }
}

/// The start and end of a slice, and the node that makes it.
type Part = (i64, i64, usize);

/// Slices that cut all of an axis into parts become one `Split`.
fn split(graph: &mut GraphBuilder) {
    let mut groups: BTreeMap<(String, i64), Vec<Part>> = BTreeMap::new();
    let links = Links::new(graph);
    for (index, node) in graph.nodes.iter().enumerate() {
        if let Some((axis, start, end)) = part(&links, node) {
            groups.entry((node.inputs[0].clone(), axis)).or_default().push((start, end, index));
        }
    }
    let mut made: HashMap<usize, Node> = HashMap::new();
    let mut gone = HashSet::new();
    let mut sizes = Vec::new();
    for ((input, axis), mut parts) in groups {
        parts.sort_unstable();
        let length = links.dims(&input).and_then(|dims| dims[axis as usize].fixed());
        let whole = parts[0].0 == 0
            && length == parts.last().map(|(_, end, _)| *end as usize)
            && parts.windows(2).all(|pair| pair[0].1 == pair[1].0);
        if !whole || parts.len() < 2 {
            continue;
        }
        let first = parts.iter().map(|(.., index)| *index).min().unwrap_or_default();
        let lengths: Vec<i64> = parts.iter().map(|(start, end, _)| end - start).collect();
        let name = format!("{}_split", graph.nodes[first].name);
        sizes.push((format!("{name}_sizes"), constant::i64s(&lengths)));
        let outputs = parts.iter().map(|(.., index)| graph.nodes[*index].outputs[0].clone()).collect();
        made.insert(
            first,
            Node {
                inputs: vec![input, format!("{name}_sizes")],
                name,
                op: "Split".into(),
                outputs,
                attributes: vec![("axis".into(), Attribute::Int(axis))],
                ..Node::default()
            },
        );
        gone.extend(parts.iter().map(|(.., index)| *index).filter(|index| *index != first));
    }
    for (at, node) in made {
        graph.nodes[at] = node;
    }
    graph.constants.extend(sizes);
    graph.remove_nodes(&gone);
}

/// The axis, start and end of a slice of one axis in steps of one.
fn part(links: &Links, node: &Node) -> Option<(i64, i64, i64)> {
    if node.op != "Slice" {
        return None;
    }
    let one = |input: usize| match links.integers(node.inputs.get(input)?)?.as_slice() {
        [value] => Some(*value),
        _ => None,
    };
    let (start, end, axis) = (one(1)?, one(2)?, one(3)?);
    let step = if node.inputs.len() > 4 { one(4)? } else { 1 };
    let dims = links.dims(&node.inputs[0])?;
    let length = dims.get(usize::try_from(axis).ok()?)?.fixed()? as i64;
    let end = end.min(length);
    (step == 1 && 0 <= start && start < end).then_some((axis, start, end))
}
