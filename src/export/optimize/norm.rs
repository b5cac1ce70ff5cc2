//! Instance and group normalisation, which Burn records as means, differences and roots.

use super::links::Links;
use crate::export::builder::GraphBuilder;
use crate::export::constant::{self, elements};
use crate::onnx::{Attribute, DataType, Node, Tensor};

pub(super) fn run(graph: &mut GraphBuilder) {
    for step in [centred, per_channel] {
        let found: Vec<Found> = {
            let links = Links::new(graph);
            (0..graph.nodes.len()).filter_map(|index| step(&links, graph, index)).collect()
        };
        for Found { at, node, constants } in found {
            graph.constants.extend(constants);
            graph.nodes[at] = node;
        }
    }
}

/// A node to put in another's place, and the tensors it reads.
struct Found {
    at: usize,
    node: Node,
    constants: [(String, Tensor); 2],
}

/// `(x - mean) / sqrt(mean of squares + epsilon)` over the last axis of `[batch, channels, rest]`.
fn centred(links: &Links, graph: &GraphBuilder, at: usize) -> Option<Found> {
    let div = graph.nodes.get(at).filter(|node| node.op == "Div")?;
    let difference = div.inputs[0].as_str();
    let root = links.maker(&div.inputs[1], "Sqrt", 1)?;
    let sum = links.maker(&root.inputs[0], "Add", 1)?;
    let (variance, epsilon) = match links.float(&sum.inputs[1]) {
        Some(epsilon) => (&sum.inputs[0], epsilon),
        None => (&sum.inputs[1], links.float(&sum.inputs[0])?),
    };
    let variance = links.maker(variance, "ReduceMean", 1)?;
    let square = links.maker(&variance.inputs[0], "Mul", 1)?;
    let centred = links.maker(difference, "Sub", 3)?;
    let x = centred.inputs[0].as_str();
    let mean = links.maker(&centred.inputs[1], "ReduceMean", 1)?;
    let fact = links.fact(x)?;
    let [_, channels, rest] = fact.dims.as_slice() else {
        return None;
    };
    let channels = channels.fixed()?;
    let fits = square.inputs.iter().all(|input| input == difference)
        && mean.inputs[0] == x
        && links.axes(mean)? == [2]
        && links.axes(variance)? == [2]
        && fact.dtype == DataType::F32
        && rest.fixed() != Some(0);
    let plain =
        |kind: &str, value: f32| (format!("{kind}_of_{channels}"), constant::f32s(&[channels], &vec![value; channels]));
    let constants = [plain("unit_scale", 1.0), plain("zero_shift", 0.0)];
    let inputs = vec![x.to_owned(), constants[0].0.clone(), constants[1].0.clone()];
    let node = normalise(div, inputs, epsilon, &div.outputs[0]);
    fits.then_some(Found { at, node, constants })
}

/// A normalisation of `[batch, channels, all the rest]` with the reshapes around it, scaled and shifted by channel.
fn per_channel(links: &Links, graph: &GraphBuilder, at: usize) -> Option<Found> {
    let shifted = graph.nodes.get(at).filter(|node| node.op == "Add")?;
    let stored = |node: &Node| node.inputs.iter().position(|input| links.constant(input).is_some());
    let shift = stored(shifted)?;
    let scaled = links.maker(&shifted.inputs[1 - shift], "Mul", 1)?;
    let scale = stored(scaled)?;
    let back = links.maker(&scaled.inputs[1 - scale], "Reshape", 1)?;
    let norm = links.maker(&back.inputs[0], "InstanceNormalization", 1)?;
    let flat = links.maker(&norm.inputs[0], "Reshape", 1)?;
    let x = flat.inputs[0].as_str();
    let (dims, flat_dims) = (links.dims(x)?, links.dims(&norm.inputs[0])?);
    let channels = dims.get(1)?.fixed()?;
    let (shift, scale) = (links.constant(&shifted.inputs[shift])?, links.constant(&scaled.inputs[scale])?);
    let by_channel = |constant: &Tensor| {
        let spatial = dims.len() - 2;
        constant.dtype == DataType::F32
            && elements(constant) == channels
            && constant.dims.len() > spatial
            && constant.dims[constant.dims.len() - spatial - 1] == channels
    };
    let fits = links.dims(&back.outputs[0])? == dims
        && dims.len() > 2
        && flat_dims.len() == 3
        && flat_dims[..2] == dims[..2]
        && by_channel(shift)
        && by_channel(scale);
    if !fits {
        return None;
    }
    let Some(Attribute::Float(epsilon)) = norm.attribute("epsilon") else {
        return None;
    };
    let vector =
        |kind: &str, of: &Tensor| (format!("{}_{kind}", norm.name), Tensor { dims: vec![channels], ..of.clone() });
    let constants = [vector("scale", scale), vector("shift", shift)];
    let inputs = vec![x.to_owned(), constants[0].0.clone(), constants[1].0.clone()];
    let node = normalise(shifted, inputs, *epsilon, &shifted.outputs[0]);
    Some(Found { at, node, constants })
}

fn normalise(of: &Node, inputs: Vec<String>, epsilon: f32, output: &str) -> Node {
    Node {
        name: format!("{}_norm", of.name),
        op: "InstanceNormalization".into(),
        inputs,
        outputs: vec![output.to_owned()],
        attributes: vec![("epsilon".into(), Attribute::Float(epsilon))],
        ..Node::default()
    }
}
