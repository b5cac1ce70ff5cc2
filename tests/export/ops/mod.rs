//! Every operation of Burn, by family, with the shapes and element types that are easy to get wrong.

mod activations;
mod attention;
mod base;
mod convolutions;
mod float;
mod integers;
mod numeric;
mod pooling;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [
        activations::functions(),
        activations::trials(),
        attention::functions(),
        attention::trials(),
        base::functions(),
        base::trials(),
        convolutions::functions(),
        convolutions::trials(),
        float::functions(),
        integers::functions(),
        integers::trials(),
        numeric::functions(),
        numeric::trials(),
        pooling::functions(),
        pooling::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
