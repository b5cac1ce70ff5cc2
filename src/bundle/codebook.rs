//! Finding the codebook among a bundle's weights.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::contract::Sizes;
use super::keys;
use super::role::Role;
use crate::onnx::{DataType, ModelFile};

pub(super) fn find(files: &BTreeMap<Role, ModelFile>, sizes: Sizes) -> Option<Array2<f32>> {
    let places = || [&Role::Quantizer, &Role::Decoder].into_iter().filter_map(|role| files.get(role));
    let by_metadata = places().find_map(|file| {
        let name = file.model().property(keys::CODEBOOK)?;
        read(file, sizes, |weight| weight == name)
    });
    let by_name =
        || places().find_map(|file| read(file, sizes, |weight| weight.rsplit(['.', '/']).next() == Some("codebook")));
    let by_lookup = || {
        let decoder = files.get(&Role::Decoder)?;
        let gather = decoder.model().graph.nodes.iter().find(|node| node.op == "Gather")?;
        read(decoder, sizes, |weight| gather.inputs.first().is_some_and(|table| table == weight))
    };
    by_metadata.or_else(by_name).or_else(by_lookup)
}

/// The first weight of a wanted name that has a codebook's type and shape.
fn read(file: &ModelFile, sizes: Sizes, wanted: impl Fn(&str) -> bool) -> Option<Array2<f32>> {
    let shape = [sizes.codebook_size, sizes.latent_dim];
    let mut weights = file.model().graph.initializers.iter();
    let (_, weight) =
        weights.find(|(name, weight)| wanted(name) && weight.dtype == DataType::F32 && weight.dims == shape)?;
    let values = weight.data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Array2::from_shape_vec(shape, values).ok()
}
