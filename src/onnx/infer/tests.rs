//! Shapes that are told, and graphs that cost too much.

use bytes::Bytes;

use super::{Budget, Cost, cost, shapes};
use crate::onnx::{Attribute, DataType, Dim, Graph, ModelFile, Node, Port, Tensor};

const BUDGET: Budget = Budget { tensor: 1 << 26, total: 1 << 28, work: 1 << 36, rank: 8 };

fn ints(values: &[i64]) -> Tensor {
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor { dtype: DataType::I64, dims: vec![values.len()], data: data.into() }
}

fn scalar(value: i64) -> Tensor {
    Tensor { dims: vec![], ..ints(&[value]) }
}

fn floats(values: &[f32]) -> Tensor {
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor { dtype: DataType::F32, dims: vec![values.len()], data: data.into() }
}

/// What a node reads: a tensor of a shape, whose negative length is the batch, a stored one, or nothing.
enum In<'a> {
    Shape(&'a [i64]),
    Stored(Tensor),
    Nothing,
}

use In::{Nothing, Shape, Stored};

fn port(name: String, dims: &[i64]) -> Port {
    let dim = |size: &i64| usize::try_from(*size).map_or_else(|_| Dim::Symbol("batch".into()), Dim::Fixed);
    Port::new(name, DataType::F32, dims.iter().map(dim).collect::<Vec<_>>())
}

/// A graph of one node, and what its `outputs` are declared as.
fn graph(op: &'static str, inputs: Vec<In<'_>>, attributes: &[(&'static str, Attribute)], outputs: &[&[i64]]) -> Graph {
    let mut graph = Graph::default();
    let mut node = Node { op: op.into(), name: "node".into(), ..Node::default() };
    for (index, input) in inputs.into_iter().enumerate() {
        let name = format!("x{index}");
        match input {
            Nothing => {
                node.inputs.push(String::new());
                continue;
            }
            Shape(dims) => graph.inputs.push(port(name.clone(), dims)),
            Stored(tensor) => graph.initializers.push((name.clone(), tensor)),
        }
        node.inputs.push(name);
    }
    for (index, dims) in outputs.iter().enumerate() {
        graph.outputs.push(port(format!("y{index}"), dims));
        node.outputs.push(format!("y{index}"));
    }
    node.attributes = attributes.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    graph.nodes.push(node);
    graph
}

/// Asserts what an operator makes; gives what it costs.
#[track_caller]
fn makes(op: &'static str, inputs: Vec<In<'_>>, attributes: &[(&'static str, Attribute)], outputs: &[&[i64]]) -> Cost {
    cost(&graph(op, inputs, attributes, outputs), BUDGET).unwrap_or_else(|excess| panic!("{op}: {excess:?}"))
}

#[track_caller]
fn refused(op: &'static str, inputs: Vec<In<'_>>, attributes: &[(&'static str, Attribute)], words: &str) {
    let excess = cost(&graph(op, inputs, attributes, &[&[-1]]), BUDGET).unwrap_err();
    assert!(excess.found.contains(words) && excess.found.contains(op), "{excess:?}");
}

fn int(value: i64) -> Attribute {
    Attribute::Int(value)
}

fn list(values: &[i64]) -> Attribute {
    Attribute::Ints(values.to_vec())
}

#[test]
fn every_shape_of_the_shipped_files_is_told() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
    for role in ["encoder", "quantizer", "decoder", "prior", "prior_step_row", "prior_step_code"] {
        let bytes = Bytes::from(std::fs::read(folder.join(format!("{role}.onnx"))).unwrap());
        let file = ModelFile::read(role, bytes).unwrap();
        let graph = &file.model().graph;
        let found = cost(graph, BUDGET).unwrap_or_else(|excess| panic!("{role}: {excess:?}"));
        assert!(found.tensor > 0 && found.total > found.tensor && found.work > found.total, "{found:?}");
        let shapes = shapes(graph);
        assert!(graph.nodes.iter().flat_map(|node| &node.outputs).all(|name| shapes.contains_key(name)));
    }
}

#[test]
fn elements_keep_their_places() {
    makes("Relu", vec![Shape(&[-1, 3])], &[], &[&[-1, 3]]);
    makes("Add", vec![Shape(&[-1, 1, 4]), Shape(&[3, 1])], &[], &[&[-1, 3, 4]]);
    makes("Where", vec![Shape(&[4]), Shape(&[3, 1]), Shape(&[-1, 1, 1])], &[], &[&[-1, 3, 4]]);
    makes("Transpose", vec![Shape(&[-1, 2, 3])], &[], &[&[3, 2, -1]]);
    makes("Transpose", vec![Shape(&[-1, 2, 3])], &[("perm", list(&[1, 0, 2]))], &[&[2, -1, 3]]);
    makes("Cast", vec![Shape(&[-1, 2])], &[("to", int(7))], &[&[-1, 2]]);
    refused("Cast", vec![Shape(&[-1])], &[("to", int(8))], "no type of numbers");
    refused("Add", vec![Shape(&[-1, 3]), Shape(&[4])], &[], "do not fit");
    refused("Add", vec![Shape(&[-1]), Shape(&[2])], &[], "do not fit");
    refused("Transpose", vec![Shape(&[-1, 2])], &[("perm", list(&[0, 0]))], "twice");
}

#[test]
fn shapes_that_are_stored_are_followed() {
    makes("Reshape", vec![Shape(&[-1, 4, 6]), Stored(ints(&[0, -1, 2]))], &[], &[&[-1, 12, 2]]);
    makes("Reshape", vec![Shape(&[-1, 4]), Stored(ints(&[4, -1]))], &[], &[&[4, -1]]);
    refused("Reshape", vec![Shape(&[-1, 4]), Stored(ints(&[5, -1]))], &[], "does not become");
    refused("Reshape", vec![Shape(&[-1, 4]), Stored(ints(&[-1, -1]))], &[], "its target");
    refused("Reshape", vec![Shape(&[-1, 4]), Shape(&[2])], &[], "known only when it is run");
    makes("Expand", vec![Shape(&[-1, 1]), Stored(ints(&[2, 1, 5]))], &[], &[&[2, -1, 5]]);
    makes("Tile", vec![Shape(&[-1, 2]), Stored(ints(&[1, 3]))], &[], &[&[-1, 6]]);
    makes("Pad", vec![Shape(&[-1, 2]), Stored(ints(&[0, 1, 0, 2]))], &[], &[&[-1, 5]]);
    refused("Pad", vec![Shape(&[-1, 2]), Stored(ints(&[1, 0, 0, 0]))], &[], "padding of 1");
    makes("ConstantOfShape", vec![Stored(ints(&[2, 3]))], &[], &[&[2, 3]]);
    refused("ConstantOfShape", vec![Stored(ints(&[-2]))], &[], "shape [-2]");
    let bounds = |values: [i64; 3]| values.map(|value| Stored(scalar(value))).into();
    makes("Range", bounds([0, 10, 3]), &[], &[&[4]]);
    makes("Range", bounds([10, 0, -3]), &[], &[&[4]]);
    makes("Range", bounds([1, 0, 1]), &[], &[&[0]]);
    refused("Range", bounds([0, 1, 0]), &[], "bounds");
    makes("Squeeze", vec![Shape(&[-1, 1, 3]), Stored(ints(&[1]))], &[], &[&[-1, 3]]);
    refused("Squeeze", vec![Shape(&[-1, 1]), Stored(ints(&[0]))], &[], "removes axes");
    makes("Unsqueeze", vec![Shape(&[-1, 3]), Stored(ints(&[0, -1]))], &[], &[&[1, -1, 3, 1]]);
    let (none, scales) = (|| Nothing, Stored(floats(&[1.0, 1.0, 2.0, 0.5])));
    makes("Resize", vec![Shape(&[-1, 3, 4, 5]), none(), scales], &[], &[&[-1, 3, 8, 2]]);
    makes("Resize", vec![Shape(&[-1, 4]), none(), none(), Stored(ints(&[9]))], &[("axes", list(&[1]))], &[&[-1, 9]]);
}

#[test]
fn parts_are_taken_and_put_together() {
    let bounds = |all: [&[i64]; 4]| all.map(|values| Stored(ints(values)));
    let slice = |shape: &'static [i64], all| std::iter::once(Shape(shape)).chain(bounds(all)).collect();
    makes("Slice", slice(&[-1, 10], [&[1], &[9], &[1], &[3]]), &[], &[&[-1, 3]]);
    makes("Slice", slice(&[-1, 10], [&[-1], &[i64::MIN], &[1], &[-2]]), &[], &[&[-1, 5]]);
    makes("Slice", slice(&[-1, 10], [&[0], &[i64::MAX], &[0], &[1]]), &[], &[&[-1, 10]]);
    makes("Slice", slice(&[-1, 10], [&[7], &[2], &[1], &[1]]), &[], &[&[-1, 0]]);
    refused("Slice", slice(&[-1, 10], [&[1], &[9], &[0], &[1]]), &[], "of axis 0");
    refused("Slice", slice(&[-1, 10], [&[1], &[9], &[1], &[0]]), &[], "of axis 1");
    makes("Concat", vec![Shape(&[-1, 2]), Shape(&[-1, 3])], &[("axis", int(1))], &[&[-1, 5]]);
    refused("Concat", vec![Shape(&[-1, 2]), Shape(&[3, 2])], &[("axis", int(0))], "batch");
    makes("Split", vec![Shape(&[-1, 5]), Stored(ints(&[2, 3]))], &[("axis", int(1))], &[&[-1, 2], &[-1, 3]]);
    makes("Split", vec![Shape(&[-1, 5])], &[("axis", int(1))], &[&[-1, 3], &[-1, 2]]);
    refused("Split", vec![Shape(&[-1, 5]), Stored(ints(&[2, 2]))], &[("axis", int(1))], "it splits");
    makes("Gather", vec![Shape(&[8, 4]), Shape(&[-1, 3])], &[], &[&[-1, 3, 4]]);
    makes("GatherND", vec![Shape(&[8, 4, 5]), Shape(&[-1, 2])], &[], &[&[-1, 5]]);
    makes("GatherElements", vec![Shape(&[-1, 4]), Shape(&[-1, 2])], &[("axis", int(1))], &[&[-1, 2]]);
    makes("TopK", vec![Shape(&[-1, 9]), Stored(ints(&[4]))], &[], &[&[-1, 4], &[-1, 4]]);
    makes("DepthToSpace", vec![Shape(&[-1, 12, 2, 3])], &[("blocksize", int(2))], &[&[-1, 3, 4, 6]]);
    makes("SpaceToDepth", vec![Shape(&[-1, 3, 4, 6])], &[("blocksize", int(2))], &[&[-1, 12, 2, 3]]);
    makes("ReduceMean", vec![Shape(&[-1, 3, 4]), Stored(ints(&[1]))], &[("keepdims", int(0))], &[&[-1, 4]]);
    makes("ArgMax", vec![Shape(&[-1, 3])], &[("axis", int(-1))], &[&[-1, 1]]);
}

#[test]
fn products_and_windows_are_counted() {
    let product = makes("MatMul", vec![Shape(&[-1, 3, 4]), Shape(&[4, 5])], &[], &[&[-1, 3, 5]]);
    assert_eq!((product.work - 12 - 20, product.tensor), (3 * 4 * 5, 20));
    makes("MatMul", vec![Shape(&[4]), Shape(&[4])], &[], &[&[]]);
    makes("MatMul", vec![Shape(&[-1, 3, 4]), Shape(&[4])], &[], &[&[-1, 3]]);
    makes("MatMul", vec![Shape(&[4]), Shape(&[2, 4, 5])], &[], &[&[2, 5]]);
    refused("MatMul", vec![Shape(&[-1, 3]), Shape(&[4, 5])], &[], "do not fit");
    makes("Gemm", vec![Shape(&[-1, 4]), Shape(&[5, 4]), Shape(&[5])], &[("transB", int(1))], &[&[-1, 5]]);
    let settings = [("strides", list(&[2, 1])), ("pads", list(&[1, 1, 1, 1]))];
    let conv = makes("Conv", vec![Shape(&[-1, 6, 8, 9]), Shape(&[4, 6, 3, 3])], &settings, &[&[-1, 4, 4, 9]]);
    assert_eq!(conv.work, (6 * 8 * 9 + 4 * 6 * 9) + 4 * 4 * 9 * 6 * 9);
    assert_eq!(conv.tensor, 6 * 4 * 9 * 9);
    makes("Conv", vec![Shape(&[-1, 6, 8]), Shape(&[4, 3, 2])], &[("group", int(2))], &[&[-1, 4, 7]]);
    makes("Conv", vec![Shape(&[-1, 1, 8]), Shape(&[1, 1, 3])], &[("dilations", list(&[2]))], &[&[-1, 1, 4]]);
    refused("Conv", vec![Shape(&[-1, 6, 8]), Shape(&[4, 5, 2])], &[], "groups");
    refused("Conv", vec![Shape(&[-1, 6, 8]), Shape(&[4, 6, 2])], &[("strides", list(&[0]))], "strides");
    refused("Conv", vec![Shape(&[-1, 6, 8]), Shape(&[4, 6, 9])], &[], "does not fit");
    let up = [("strides", list(&[2, 2])), ("output_padding", list(&[1, 0]))];
    makes("ConvTranspose", vec![Shape(&[-1, 4, 3, 3]), Shape(&[4, 2, 2, 2])], &up, &[&[-1, 2, 7, 6]]);
    let window = [("kernel_shape", list(&[3])), ("strides", list(&[2])), ("ceil_mode", int(1))];
    makes("MaxPool", vec![Shape(&[-1, 2, 6])], &window, &[&[-1, 2, 3], &[-1, 2, 3]]);
    makes("AveragePool", vec![Shape(&[-1, 2, 6])], &window[..2], &[&[-1, 2, 2]]);
    makes("GlobalAveragePool", vec![Shape(&[-1, 2, 6, 5])], &[], &[&[-1, 2, 1, 1]]);
    let lstm = vec![Shape(&[7, -1, 3]), Shape(&[2, 20, 3]), Shape(&[2, 20, 5])];
    makes("LSTM", lstm, &[], &[&[7, 2, -1, 5], &[2, -1, 5], &[2, -1, 5]]);
    makes("GridSample", vec![Shape(&[-1, 3, 4, 5]), Shape(&[-1, 6, 7, 2])], &[], &[&[-1, 3, 6, 7]]);
}

/// A chain of nodes of one input and one output each.
fn chain(nodes: &[(&'static str, &[&str], &str)], stored: &[(&str, Tensor)], output: &[i64]) -> Graph {
    let node = |(op, inputs, made): &(&'static str, &[&str], &str)| Node {
        op: (*op).into(),
        inputs: inputs.iter().map(|name| (*name).to_owned()).collect(),
        outputs: vec![(*made).to_owned()],
        ..Node::default()
    };
    Graph {
        nodes: nodes.iter().map(node).collect(),
        initializers: stored.iter().map(|(name, tensor)| ((*name).to_owned(), tensor.clone())).collect(),
        inputs: vec![port("x".into(), &[-1, 3, 4])],
        outputs: vec![port("y".into(), output)],
        ..Graph::default()
    }
}

#[test]
fn shapes_that_a_model_computes_are_followed_and_grow_no_faster_than_the_batch() {
    let nodes: &[(&str, &[&str], &str)] = &[
        ("Shape", &["x"], "shape"),
        ("Gather", &["shape", "first"], "batch"),
        ("Mul", &["batch", "three"], "rows"),
        ("Concat", &["rows", "four"], "target"),
        ("Reshape", &["x", "target"], "y"),
    ];
    let stored = [("first", ints(&[0])), ("three", ints(&[3])), ("four", ints(&[4]))];
    let mut graph = chain(nodes, &stored, &[-1, 4]);
    graph.nodes[3].attributes = vec![("axis".into(), Attribute::Int(0))];
    let excess = cost(&graph, BUDGET).unwrap_err();
    assert!(excess.expected.contains("[3 * batch, 4]"), "{excess:?}");
    assert_eq!(shapes(&graph)["y"], [Dim::Fixed(3), Dim::Fixed(4)]);

    let nodes: &[(&str, &[&str], &str)] = &[
        ("Shape", &["x"], "shape"),
        ("Gather", &["shape", "first"], "batch"),
        ("Mul", &["batch", "batch"], "square"),
        ("ConstantOfShape", &["square"], "y"),
    ];
    let excess = cost(&chain(nodes, &stored, &[-1]), BUDGET).unwrap_err();
    assert!(excess.found.contains("known only when it is run"), "{excess:?}");
    let nodes: &[(&str, &[&str], &str)] = &[
        ("Shape", &["x"], "shape"),
        ("Gather", &["shape", "both"], "batches"),
        ("ConstantOfShape", &["batches"], "y"),
    ];
    let excess = cost(&chain(nodes, &[("both", ints(&[0, 0]))], &[-1, -1]), BUDGET).unwrap_err();
    assert!(excess.found.contains("in proportion to the batch"), "{excess:?}");
}

#[test]
fn what_costs_too_much_is_refused_before_it_is_made() {
    let huge = 1_i64 << 40;
    let too_large = |op, inputs, attributes: &[(&'static str, Attribute)]| {
        let excess = cost(&graph(op, inputs, attributes, &[&[-1]]), BUDGET).unwrap_err();
        let words = format!("{} {}", excess.found, excess.expected);
        assert!(words.contains("at most") || words.contains("too large"), "{op}: {excess:?}");
    };
    too_large("ConstantOfShape", vec![Stored(ints(&[1_000_000_000]))], &[]);
    too_large("ConstantOfShape", vec![Stored(ints(&[huge, huge]))], &[]);
    too_large("ConstantOfShape", vec![Stored(ints(&[i64::MAX]))], &[]);
    too_large("Expand", vec![Shape(&[-1, 1]), Stored(ints(&[1, huge]))], &[]);
    too_large("Tile", vec![Shape(&[-1, 1000]), Stored(ints(&[1, huge]))], &[]);
    too_large("Tile", vec![Shape(&[-1, 1000]), Stored(ints(&[1, i64::MAX]))], &[]);
    too_large("Pad", vec![Shape(&[-1, 2]), Stored(ints(&[0, huge, 0, huge]))], &[]);
    too_large("Range", [0, 1_000_000_000_000, 1].map(|n| Stored(scalar(n))).into(), &[]);
    refused("Range", [i64::MIN, i64::MAX, 1].map(|n| Stored(scalar(n))).into(), &[], "bounds");
    too_large("Resize", vec![Shape(&[-1, 3]), Nothing, Stored(floats(&[1.0, 1e9]))], &[]);
    let padded = [("pads", list(&[1 << 30, 1 << 30])), ("dilations", list(&[1 << 30]))];
    too_large("Conv", vec![Shape(&[-1, 1, 8]), Shape(&[1, 1, 3])], &padded);
    let wide = [("pads", list(&[2000; 4]))];
    too_large("Conv", vec![Shape(&[-1, 1, 256, 256]), Shape(&[1, 1, 2000, 2000])], &wide);
    too_large("ConvTranspose", vec![Shape(&[-1, 1, 256]), Shape(&[1, 1, 3])], &[("strides", list(&[huge]))]);
    too_large("MaxPool", vec![Shape(&[-1, 1, 8])], &[("kernel_shape", list(&[2])), ("pads", list(&[huge, huge]))]);
    too_large("MatMul", vec![Shape(&[-1, 8000, 8000]), Shape(&[8000, 8000])], &[]);
    too_large("Relu", vec![Shape(&[-1, 1 << 27])], &[]);

    let mut doubling = Graph { inputs: vec![port("x0".into(), &[-1, 1024])], ..Graph::default() };
    for index in 0..40 {
        let (from, to) = (format!("x{index}"), format!("x{}", index + 1));
        let attributes = vec![("axis".into(), Attribute::Int(1))];
        let (inputs, outputs) = (vec![from.clone(), from], vec![to]);
        doubling.nodes.push(Node { op: "Concat".into(), inputs, outputs, attributes, ..Node::default() });
    }
    let excess = cost(&doubling, BUDGET).unwrap_err();
    assert!(excess.expected.contains("in one tensor"), "{excess:?}");
    let mut many = Graph { inputs: vec![port("x0".into(), &[-1, 1 << 20])], ..Graph::default() };
    for index in 0..400 {
        let (inputs, outputs) = (vec![format!("x{index}")], vec![format!("x{}", index + 1)]);
        many.nodes.push(Node { op: "Relu".into(), inputs, outputs, ..Node::default() });
    }
    let excess = cost(&many, BUDGET).unwrap_err();
    assert!(excess.expected.contains("in all tensors"), "{excess:?}");
}

#[test]
fn what_is_no_operator_of_ours_or_not_as_declared_is_refused() {
    for op in ["Loop", "If", "Scan", "NonZero", "Constant", "Convolute", "RandomNormal", "Einsum"] {
        refused(op, vec![Shape(&[-1])], &[], op);
    }
    let excess = cost(&graph("Relu", vec![Shape(&[-1, 3])], &[], &[&[-1, 4]]), BUDGET).unwrap_err();
    assert_eq!((excess.found.as_str(), excess.expected.contains("[1 * batch, 3]")), ("output y0 f32 [batch, 4]", true));
    let excess = cost(&graph("Relu", vec![Shape(&[-1, 3])], &[], &[&[-1, 3], &[-1]]), BUDGET).unwrap_err();
    assert!(excess.found.contains("2 outputs"), "{excess:?}");
}
