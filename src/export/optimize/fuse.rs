//! Neighbouring nodes that one node can stand for.

use std::collections::HashSet;

use crate::export::builder::GraphBuilder;
use crate::export::constant;
use crate::onnx::{Attribute, DataType, Node, Tensor};

pub(super) fn run(graph: &mut GraphBuilder) {
    let readers = graph.readers();
    let producers = graph.producers();
    let mut gone = HashSet::new();
    for index in 0..graph.nodes.len() {
        let node = &graph.nodes[index];
        let first = match &*node.op {
            "Add" | "BatchNormalization" => [node.inputs.first(), node.inputs.get(1)]
                .into_iter()
                .flatten()
                .find_map(|input| producers.get(input).copied().filter(|_| readers[input] == 1)),
            _ => None,
        };
        let Some(first) = first.filter(|first| !gone.contains(first)) else {
            continue;
        };
        let fused = match (&*graph.nodes[first].op, &*graph.nodes[index].op) {
            ("Conv", "Add") => conv_bias(graph, first, index),
            ("Conv", "BatchNormalization") => conv_norm(graph, first, index),
            ("MatMul", "Add") => gemm(graph, first, index),
            _ => None,
        };
        if let Some(fused) = fused {
            graph.nodes[index] = fused;
            gone.insert(first);
        }
    }
    graph.remove_nodes(&gone);
}

/// The stored tensor an `Add` adds to the output of `first`.
fn addend<'a>(graph: &'a GraphBuilder, first: &Node, add: &Node) -> Option<&'a Tensor> {
    let other = add.inputs.iter().find(|input| **input != first.outputs[0])?;
    graph.constants.get(other)
}

/// A convolution without bias, and one number a channel added to it.
fn conv_bias(graph: &mut GraphBuilder, first: usize, add: usize) -> Option<Node> {
    let (conv, add) = (&graph.nodes[first], &graph.nodes[add]);
    let weight = graph.constants.get(&conv.inputs[1])?;
    let bias = addend(graph, conv, add)?;
    let channels = *weight.dims.first()?;
    let spatial = weight.dims.len() - 2;
    let tail = bias.dims.len().checked_sub(spatial + 1)?;
    let per_channel = bias.dims[tail] == channels
        && bias.dims[..tail].iter().all(|n| *n == 1)
        && bias.dims[tail + 1..].iter().all(|n| *n == 1);
    if conv.inputs.len() != 2 || tail > 1 || !per_channel {
        return None;
    }
    let bias = Tensor { dims: vec![channels], ..bias.clone() };
    let mut fused = conv.clone();
    fused.outputs.clone_from(&add.outputs);
    let name = format!("{}_bias", conv.name);
    fused.inputs.push(name.clone());
    graph.constants.insert(name, bias);
    Some(fused)
}

/// A convolution and the normalisation of its channels by stored statistics.
fn conv_norm(graph: &mut GraphBuilder, first: usize, norm: usize) -> Option<Node> {
    let (conv, norm) = (&graph.nodes[first], &graph.nodes[norm]);
    if norm.inputs[0] != conv.outputs[0] {
        return None;
    }
    let floats = |name: &String| -> Option<Vec<f64>> {
        let constant = graph.constants.get(name)?;
        (constant.dtype == DataType::F32).then(|| {
            let chunks = constant.data.chunks_exact(4);
            chunks.map(|c| f64::from(f32::from_le_bytes(c.try_into().unwrap_or_default()))).collect()
        })
    };
    let weight_dims = graph.constants.get(&conv.inputs[1])?.dims.clone();
    let weight = floats(&conv.inputs[1])?;
    let [gamma, beta, mean, variance] = [1, 2, 3, 4].map(|i| floats(&norm.inputs[i]));
    let (gamma, beta, mean, variance) = (gamma?, beta?, mean?, variance?);
    let channels = gamma.len();
    let bias = match conv.inputs.get(2) {
        Some(bias) => floats(bias)?,
        None => vec![0.0; channels],
    };
    let epsilon = match norm.attribute("epsilon") {
        Some(Attribute::Float(epsilon)) => f64::from(*epsilon),
        _ => 1e-5,
    };
    let scale: Vec<f64> = (0..channels).map(|c| gamma[c] / (variance[c] + epsilon).sqrt()).collect();
    let kernel = weight.len() / channels.max(1);
    let weight: Vec<f32> = weight.iter().enumerate().map(|(i, w)| (w * scale[i / kernel]) as f32).collect();
    let bias: Vec<f32> = (0..channels).map(|c| ((bias[c] - mean[c]) * scale[c] + beta[c]) as f32).collect();
    let mut fused = conv.clone();
    fused.outputs.clone_from(&norm.outputs);
    let weight = constant::f32s(&weight_dims, &weight);
    let stem = format!("{}_normalised", conv.inputs[1]);
    let (mut weight_name, mut count) = (stem.clone(), 1);
    // Convolutions may share a weight and be normalised each in its own way.
    while graph.constants.get(&weight_name).is_some_and(|other| *other != weight) {
        count += 1;
        weight_name = format!("{stem}{count}");
    }
    let bias_name = format!("{}_bias", conv.name);
    fused.inputs = vec![conv.inputs[0].clone(), weight_name.clone(), bias_name.clone()];
    graph.constants.insert(weight_name, weight);
    graph.constants.insert(bias_name, constant::f32s(&[channels], &bias));
    Some(fused)
}

/// A product of matrices and one number a column added to it.
fn gemm(graph: &mut GraphBuilder, first: usize, add: usize) -> Option<Node> {
    let (product, add) = (&graph.nodes[first], &graph.nodes[add]);
    let weight = graph.constants.get(&product.inputs[1])?;
    let bias = addend(graph, product, add)?;
    let rank = graph.facts.get(&add.outputs[0])?.dims.len();
    if rank != 2 || weight.dims.len() != 2 || !weight.dtype.is_float() || bias.dims != weight.dims[1..] {
        return None;
    }
    let bias = add.inputs.iter().find(|input| **input != product.outputs[0])?;
    Some(Node {
        name: product.name.replacen("MatMul", "Gemm", 1),
        op: "Gemm".into(),
        inputs: vec![product.inputs[0].clone(), product.inputs[1].clone(), bias.clone()],
        outputs: add.outputs.clone(),
        ..Node::default()
    })
}
