//! Every module of burn-nn: its forward pass in one file, against Burn.

mod activations;
mod attention;
mod caches;
mod layers;
mod losses;
mod norms;
mod recurrent;
mod refused;

use std::ops::Range;

use burn::module::Module;
use libtest_mimic::Trial;
use oasis::export::Values;

use crate::common::{exporter, verify};

pub fn trials() -> Vec<Trial> {
    [
        activations::trials(),
        attention::trials(),
        caches::trials(),
        layers::trials(),
        losses::trials(),
        norms::trials(),
        recurrent::trials(),
        refused::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Exports a module of several inputs with a dynamic batch, and checks it.
fn several<M, I, O>(name: &str, module: M, sample: I, range: Range<f64>, f: impl Fn(&M, I) -> O + Send + 'static)
where
    M: Module + 'static,
    I: Values + Send + 'static,
    O: Values,
{
    of_any_length(name, module, sample, 0, range, f);
}

/// Exports a module of several inputs with a dynamic batch, and a dynamic time as axis 1 of the first `timed` inputs,
/// and checks it.
fn of_any_length<M, I, O>(
    name: &str,
    module: M,
    sample: I,
    timed: usize,
    range: Range<f64>,
    f: impl Fn(&M, I) -> O + Send + 'static,
) where
    M: Module + 'static,
    I: Values + Send + 'static,
    O: Values,
{
    let exporter = exporter(name, &sample, range, true, timed);
    let exported = exporter.export(&module, sample, f).unwrap_or_else(|e| panic!("{e}"));
    verify(name, &exported);
}
