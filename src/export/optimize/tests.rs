//! What each pass makes of a small graph: the nodes before it, and after it.

use super::{dead, fuse, identity, narrow, norm, rearrange, reshape};
use crate::export::builder::{Fact, GraphBuilder};
use crate::export::constant;
use crate::onnx::{Attribute, DataType, Dim, Node, Port};

/// A graph of one input `x` and one output `y`.
fn graph(dims: &[usize]) -> GraphBuilder {
    let mut graph = GraphBuilder::default();
    for (ports, name) in [(&mut graph.inputs, "x"), (&mut graph.outputs, "y")] {
        ports.push(Port::new(name, DataType::F32, Vec::new()));
    }
    graph.inputs[0].shape = Some(sizes(dims));
    fact(&mut graph, "x", dims);
    graph
}

fn sizes(dims: &[usize]) -> Vec<Dim> {
    dims.iter().map(|size| Dim::Fixed(*size)).collect()
}

fn fact(graph: &mut GraphBuilder, value: &str, dims: &[usize]) {
    graph.facts.insert(value.to_owned(), Fact { dtype: DataType::F32, dims: sizes(dims) });
}

/// Adds a node whose first output is of the shape `dims`.
fn node(
    graph: &mut GraphBuilder,
    op: &'static str,
    inputs: &[&str],
    output: &str,
    dims: &[usize],
    attributes: &[(&'static str, Attribute)],
) {
    fact(graph, output, dims);
    graph.nodes.push(Node {
        name: format!("{op}_{output}"),
        op: op.into(),
        inputs: inputs.iter().map(ToString::to_string).collect(),
        outputs: vec![output.to_owned()],
        attributes: attributes.iter().map(|(key, value)| ((*key).into(), value.clone())).collect(),
        ..Node::default()
    });
}

fn floats(graph: &mut GraphBuilder, name: &str, dims: &[usize]) {
    let values: Vec<f32> = (0..dims.iter().product()).map(|i: usize| 1.0 + i as f32).collect();
    graph.constants.insert(name.to_owned(), constant::f32s(dims, &values));
}

fn integers(graph: &mut GraphBuilder, name: &str, values: &[i64]) {
    graph.constants.insert(name.to_owned(), constant::i64s(values));
}

fn perm(axes: &[i64]) -> [(&'static str, Attribute); 1] {
    [("perm", Attribute::Ints(axes.to_vec()))]
}

/// Each node as `output = Operator(inputs)`.
fn listed(graph: &GraphBuilder) -> Vec<String> {
    let call = |node: &Node| format!("{} = {}({})", node.outputs.join(", "), node.op, node.inputs.join(", "));
    graph.nodes.iter().map(call).collect()
}

#[test]
fn dead_nodes_and_tensors_go() {
    let mut graph = graph(&[2, 3]);
    floats(&mut graph, "used", &[3]);
    floats(&mut graph, "unused", &[3]);
    node(&mut graph, "Mul", &["x", "unused"], "a", &[2, 3], &[]);
    node(&mut graph, "Neg", &["a"], "b", &[2, 3], &[]);
    node(&mut graph, "Add", &["x", "used"], "y", &[2, 3], &[]);
    assert_eq!(listed(&graph), ["a = Mul(x, unused)", "b = Neg(a)", "y = Add(x, used)"]);
    dead::run(&mut graph);
    assert_eq!(listed(&graph), ["y = Add(x, used)"]);
    assert_eq!(graph.constants.keys().collect::<Vec<_>>(), ["used"]);
}

#[test]
fn identities_go_transposes_join_and_equal_nodes_are_shared() {
    let mut graph = graph(&[2, 3, 4]);
    node(&mut graph, "Identity", &["x"], "a", &[2, 3, 4], &[]);
    node(&mut graph, "Transpose", &["a"], "b", &[3, 4, 2], &perm(&[1, 2, 0]));
    node(&mut graph, "Transpose", &["b"], "c", &[2, 3, 4], &perm(&[2, 0, 1]));
    node(&mut graph, "Relu", &["c"], "d", &[2, 3, 4], &[]);
    node(&mut graph, "Relu", &["d"], "e", &[2, 3, 4], &[]);
    node(&mut graph, "Exp", &["d"], "f", &[2, 3, 4], &[]);
    node(&mut graph, "Exp", &["e"], "g", &[2, 3, 4], &[]);
    node(&mut graph, "Add", &["f", "g"], "y", &[2, 3, 4], &[]);
    assert_eq!(
        listed(&graph),
        [
            "a = Identity(x)",
            "b = Transpose(a)",
            "c = Transpose(b)",
            "d = Relu(c)",
            "e = Relu(d)",
            "f = Exp(d)",
            "g = Exp(e)",
            "y = Add(f, g)"
        ]
    );
    identity::run(&mut graph);
    dead::run(&mut graph);
    assert_eq!(listed(&graph), ["d = Relu(x)", "f = Exp(d)", "y = Add(f, f)"]);
}

fn cast_to(dtype: DataType) -> [(&'static str, Attribute); 1] {
    [("to", Attribute::Int(dtype.number()))]
}

#[test]
fn integers_that_are_only_moved_stay_wide() {
    let moved = |last: &'static str, inputs: &[&str], small: bool| {
        let mut graph = graph(&[2, 3]);
        if small {
            graph.narrow.insert("x".into(), DataType::I32);
        }
        floats(&mut graph, "table", &[5, 4]);
        node(&mut graph, "Cast", &["x"], "a", &[2, 3], &cast_to(DataType::I32));
        node(&mut graph, "Transpose", &["a"], "b", &[3, 2], &perm(&[1, 0]));
        node(&mut graph, "Gather", &["table", "b"], "c", &[3, 2, 4], &[]);
        node(&mut graph, "ArgMax", &["c"], "d", &[3, 2], &[]);
        node(&mut graph, "Cast", &["d"], "e", &[3, 2], &cast_to(DataType::I32));
        node(&mut graph, last, inputs, "f", &[3, 2], &[]);
        node(&mut graph, "Cast", &["f"], "y", &[3, 2], &cast_to(DataType::I64));
        assert_eq!(listed(&graph).len(), 7);
        narrow::run(&mut graph);
        listed(&graph)
    };
    assert_eq!(
        moved("Reshape", &["e", "shape"], true),
        ["b = Transpose(x)", "c = Gather(table, b)", "d = ArgMax(c)", "y = Reshape(d, shape)"]
    );
    let computed =
        ["b = Transpose(x)", "c = Gather(table, b)", "d = ArgMax(c)", "e = Cast(d)", "f = Mul(e, e)", "y = Cast(f)"];
    assert_eq!(moved("Mul", &["e", "e"], true), computed, "a product may overflow");
    let cut = moved("Reshape", &["e", "shape"], false);
    assert_eq!(cut[..2], ["a = Cast(x)", "b = Transpose(a)"], "an i64 may be larger");
}

#[cfg(feature = "tract")]
#[test]
fn constants_are_folded() {
    let mut graph = graph(&[1, 4]);
    floats(&mut graph, "weight", &[3, 4]);
    floats(&mut graph, "mask", &[3, 4]);
    node(&mut graph, "Greater", &["mask", "weight"], "more", &[3, 4], &[]);
    node(&mut graph, "Where", &["more", "mask", "weight"], "masked", &[3, 4], &[]);
    node(&mut graph, "Transpose", &["masked"], "turned", &[4, 3], &perm(&[1, 0]));
    node(&mut graph, "MatMul", &["x", "turned"], "y", &[1, 3], &[]);
    assert_eq!(
        listed(&graph),
        [
            "more = Greater(mask, weight)",
            "masked = Where(more, mask, weight)",
            "turned = Transpose(masked)",
            "y = MatMul(x, turned)"
        ]
    );
    super::Folder::built_in().expect("tract").run(&mut graph, 18);
    dead::run(&mut graph);
    assert_eq!(listed(&graph), ["y = MatMul(x, weight_folded)"]);
    let folded = &graph.constants["weight_folded"];
    assert_eq!(*folded, constant::f32s(&[4, 3], &[1.0, 5.0, 9.0, 2.0, 6.0, 10.0, 3.0, 7.0, 11.0, 4.0, 8.0, 12.0]));
}

#[test]
fn bias_and_normalisation_join_a_convolution() {
    let mut graph = graph(&[1, 2, 5, 5]);
    floats(&mut graph, "weight", &[3, 2, 3, 3]);
    floats(&mut graph, "bias", &[1, 3, 1, 1]);
    for name in ["gamma", "beta", "mean", "variance"] {
        floats(&mut graph, name, &[3]);
    }
    node(&mut graph, "Conv", &["x", "weight"], "a", &[1, 3, 3, 3], &[]);
    node(&mut graph, "Add", &["a", "bias"], "b", &[1, 3, 3, 3], &[]);
    node(&mut graph, "BatchNormalization", &["b", "gamma", "beta", "mean", "variance"], "y", &[1, 3, 3, 3], &[]);
    assert_eq!(
        listed(&graph),
        ["a = Conv(x, weight)", "b = Add(a, bias)", "y = BatchNormalization(b, gamma, beta, mean, variance)"]
    );
    fuse::run(&mut graph);
    assert_eq!(listed(&graph), ["y = Conv(x, weight_normalised, Conv_a_bias)"]);
}

#[test]
fn a_product_and_its_bias_are_one() {
    let mut graph = graph(&[2, 4]);
    floats(&mut graph, "weight", &[4, 3]);
    floats(&mut graph, "bias", &[3]);
    node(&mut graph, "MatMul", &["x", "weight"], "a", &[2, 3], &[]);
    node(&mut graph, "Add", &["a", "bias"], "y", &[2, 3], &[]);
    assert_eq!(listed(&graph), ["a = MatMul(x, weight)", "y = Add(a, bias)"]);
    fuse::run(&mut graph);
    assert_eq!(listed(&graph), ["y = Gemm(x, weight, bias)"]);
}

#[test]
fn a_normalisation_is_recognised() {
    let mut graph = graph(&[2, 4, 3, 3]);
    integers(&mut graph, "flat", &[2, 2, 18]);
    integers(&mut graph, "whole", &[2, 4, 3, 3]);
    graph.constants.insert("epsilon".to_owned(), constant::f32s(&[1], &[1e-5]));
    for name in ["scale", "shift"] {
        floats(&mut graph, name, &[1, 4, 1, 1]);
    }
    let axes = [("axes", Attribute::Ints(vec![2]))];
    node(&mut graph, "Reshape", &["x", "flat"], "a", &[2, 2, 18], &[]);
    node(&mut graph, "ReduceMean", &["a"], "mean", &[2, 2, 1], &axes);
    node(&mut graph, "Sub", &["a", "mean"], "b", &[2, 2, 18], &[]);
    node(&mut graph, "Mul", &["b", "b"], "c", &[2, 2, 18], &[]);
    node(&mut graph, "ReduceMean", &["c"], "variance", &[2, 2, 1], &axes);
    node(&mut graph, "Add", &["variance", "epsilon"], "d", &[2, 2, 1], &[]);
    node(&mut graph, "Sqrt", &["d"], "e", &[2, 2, 1], &[]);
    node(&mut graph, "Div", &["b", "e"], "f", &[2, 2, 18], &[]);
    node(&mut graph, "Reshape", &["f", "whole"], "g", &[2, 4, 3, 3], &[]);
    node(&mut graph, "Mul", &["g", "scale"], "h", &[2, 4, 3, 3], &[]);
    node(&mut graph, "Add", &["h", "shift"], "y", &[2, 4, 3, 3], &[]);
    let before = listed(&graph);
    assert_eq!(before.len(), 11);
    norm::run(&mut graph);
    dead::run(&mut graph);
    assert_eq!(
        listed(&graph),
        [
            "a = Reshape(x, flat)",
            "f = InstanceNormalization(a, unit_scale_of_2, zero_shift_of_2)",
            "g = Reshape(f, whole)",
            "h = Mul(g, scale)",
            "y = Add(h, shift)"
        ]
    );
}

#[test]
fn a_normalisation_by_channel_takes_its_scale_and_shift() {
    let mut graph = graph(&[2, 4, 3, 3]);
    integers(&mut graph, "flat", &[2, 4, 9]);
    integers(&mut graph, "whole", &[2, 4, 3, 3]);
    for name in ["ones", "zeros"] {
        floats(&mut graph, name, &[4]);
    }
    for name in ["scale", "shift"] {
        floats(&mut graph, name, &[1, 4, 1, 1]);
    }
    let epsilon = [("epsilon", Attribute::Float(1e-5))];
    node(&mut graph, "Reshape", &["x", "flat"], "a", &[2, 4, 9], &[]);
    node(&mut graph, "InstanceNormalization", &["a", "ones", "zeros"], "b", &[2, 4, 9], &epsilon);
    node(&mut graph, "Reshape", &["b", "whole"], "c", &[2, 4, 3, 3], &[]);
    node(&mut graph, "Mul", &["c", "scale"], "d", &[2, 4, 3, 3], &[]);
    node(&mut graph, "Add", &["d", "shift"], "y", &[2, 4, 3, 3], &[]);
    assert_eq!(
        listed(&graph),
        [
            "a = Reshape(x, flat)",
            "b = InstanceNormalization(a, ones, zeros)",
            "c = Reshape(b, whole)",
            "d = Mul(c, scale)",
            "y = Add(d, shift)"
        ]
    );
    norm::run(&mut graph);
    dead::run(&mut graph);
    let name = "InstanceNormalization_b";
    assert_eq!(listed(&graph), [format!("y = InstanceNormalization(x, {name}_scale, {name}_shift)")]);
}

#[test]
fn blocks_move_into_space() {
    let mut graph = graph(&[1, 8, 3, 3]);
    integers(&mut graph, "blocks", &[1, 2, 2, 2, 3, 3]);
    integers(&mut graph, "wide", &[1, 2, 6, 6]);
    node(&mut graph, "Reshape", &["x", "blocks"], "a", &[1, 2, 2, 2, 3, 3], &[]);
    node(&mut graph, "Transpose", &["a"], "b", &[1, 2, 3, 2, 3, 2], &perm(&[0, 1, 4, 2, 5, 3]));
    node(&mut graph, "Reshape", &["b", "wide"], "y", &[1, 2, 6, 6], &[]);
    assert_eq!(listed(&graph), ["a = Reshape(x, blocks)", "b = Transpose(a)", "y = Reshape(b, wide)"]);
    rearrange::run(&mut graph);
    dead::run(&mut graph);
    assert_eq!(listed(&graph), ["y = DepthToSpace(x)"]);
}

#[test]
fn slices_of_a_whole_axis_become_a_split() {
    let mut graph = graph(&[1, 4]);
    for (name, value) in [("start", 0), ("middle", 1), ("end", 4), ("axis", 1)] {
        integers(&mut graph, name, &[value]);
    }
    node(&mut graph, "Slice", &["x", "start", "middle", "axis"], "a", &[1, 1], &[]);
    node(&mut graph, "Slice", &["x", "middle", "end", "axis"], "b", &[1, 3], &[]);
    node(&mut graph, "Mul", &["a", "b"], "y", &[1, 3], &[]);
    assert_eq!(
        listed(&graph),
        ["a = Slice(x, start, middle, axis)", "b = Slice(x, middle, end, axis)", "y = Mul(a, b)"]
    );
    rearrange::run(&mut graph);
    assert_eq!(listed(&graph), ["a, b = Split(x, Slice_a_split_sizes)", "y = Mul(a, b)"]);
}

#[test]
fn reshapes_join() {
    let mut graph = graph(&[2, 6]);
    integers(&mut graph, "three", &[2, 3, 2]);
    integers(&mut graph, "flat", &[12]);
    node(&mut graph, "Reshape", &["x", "three"], "a", &[2, 3, 2], &[]);
    node(&mut graph, "Reshape", &["a", "flat"], "y", &[12], &[]);
    assert_eq!(listed(&graph), ["a = Reshape(x, three)", "y = Reshape(a, flat)"]);
    reshape::run(&mut graph);
    dead::run(&mut graph);
    assert_eq!(listed(&graph), ["y = Reshape(x, flat)"]);
}

#[test]
fn a_reduction_drops_its_axes_itself() {
    let mut graph = graph(&[2, 6]);
    integers(&mut graph, "flat", &[2]);
    node(&mut graph, "ReduceMean", &["x"], "a", &[2, 1], &[("axes", Attribute::Ints(vec![1]))]);
    node(&mut graph, "Reshape", &["a", "flat"], "y", &[2], &[]);
    assert_eq!(listed(&graph), ["a = ReduceMean(x)", "y = Reshape(a, flat)"]);
    reshape::run(&mut graph);
    dead::run(&mut graph);
    assert_eq!(listed(&graph), ["y = ReduceMean(x)"]);
    assert_eq!(graph.nodes[0].attribute("keepdims"), Some(&Attribute::Int(0)));
}

#[test]
fn a_lookup_takes_its_indices_as_they_are() {
    let mut graph = graph(&[2, 3]);
    floats(&mut graph, "table", &[5, 4]);
    integers(&mut graph, "flat", &[6]);
    integers(&mut graph, "whole", &[2, 3, 4]);
    node(&mut graph, "Reshape", &["x", "flat"], "a", &[6], &[]);
    node(&mut graph, "Gather", &["table", "a"], "b", &[6, 4], &[]);
    node(&mut graph, "Reshape", &["b", "whole"], "y", &[2, 3, 4], &[]);
    assert_eq!(listed(&graph), ["a = Reshape(x, flat)", "b = Gather(table, a)", "y = Reshape(b, whole)"]);
    reshape::run(&mut graph);
    dead::run(&mut graph);
    assert_eq!(listed(&graph), ["y = Gather(table, x)"]);
}
