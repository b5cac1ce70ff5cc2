//! Finding the codebook among a bundle's weights.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::contract::Sizes;
use super::graph::{Graph, Role};
use super::keys;
use super::onnx::{ElementType, Initializer};

pub(super) fn find(graphs: &BTreeMap<Role, Graph>, sizes: Sizes) -> Option<Array2<f32>> {
    let places = || [&Role::Quantizer, &Role::Decoder].into_iter().filter_map(|role| graphs.get(role));
    let by_metadata = places().find_map(|graph| {
        let name = graph.model().metadata.get(keys::CODEBOOK)?;
        read(graph, sizes, |weight| weight.name == *name)
    });
    let by_name = || {
        places()
            .find_map(|graph| read(graph, sizes, |weight| weight.name.rsplit(['.', '/']).next() == Some("codebook")))
    };
    let by_lookup = || {
        let decoder = graphs.get(&Role::Decoder)?;
        let gather = decoder.model().nodes.iter().find(|node| node.op == "Gather")?;
        read(decoder, sizes, |weight| Some(&weight.name) == gather.inputs.first())
    };
    by_metadata.or_else(by_name).or_else(by_lookup)
}

fn read(graph: &Graph, sizes: Sizes, wanted: impl Fn(&Initializer) -> bool) -> Option<Array2<f32>> {
    let shape = [sizes.codebook_size, sizes.latent_dim];
    let weight = graph.model().initializers.iter().find(|weight| {
        wanted(weight) && weight.dtype == ElementType::F32 && weight.shape == shape.map(|size| size as i64)
    })?;
    let values = graph
        .bytes()
        .get(weight.data.clone()?)?
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().expect("4 bytes")))
        .collect();
    Array2::from_shape_vec(shape, values).ok()
}
