//! Modules with state, exported one step at a time: what the steps give, with the state kept in an engine, against one
//! pass of the module over the whole sequence.

mod decoder;
mod files;
mod refused;
mod sequences;

use burn::tensor::{Device, Tensor, TensorData};
use oasis::export::{Comparison, Exported, Values};

use crate::common::engines;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    [decoder::trials(), files::trials(), refused::trials(), sequences::trials()].into_iter().flatten().collect()
}

/// Steps on every engine against the parts of a whole pass, and a few more on random inputs against steps in Burn.
fn check<I: Values, O: Values>(exported: &Exported, steps: &[(I, O)]) {
    for engine in engines() {
        let whole = exported.verify_whole(engine.as_ref(), steps.iter().cloned());
        let random = exported.verify_steps(engine.as_ref(), 5);
        for (what, found) in [("the whole pass", whole), ("random steps", random)] {
            let found = found.unwrap_or_else(|why| panic!("{} on {}, {what}: {why}", exported.name(), engine.name()));
            assert!(!found.is_empty() && found.iter().all(|output| output.elements > 0), "{found:?}");
            let wrong: Vec<_> = found.iter().filter(|output| !output.pass()).collect();
            assert!(wrong.is_empty(), "{} on {}, {what}: {wrong:?}", exported.name(), engine.name());
        }
    }
}

/// What a check over many steps says of its first output.
fn first(found: &[Comparison]) -> &Comparison {
    found.first().expect("an output")
}

/// Zeros on the CPU.
fn zeros<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::zeros(shape, &Device::flex())
}

/// Values of any shape, all alike.
fn filled<const D: usize>(shape: [usize; D], value: f32) -> Tensor<D> {
    let count = shape.iter().product::<usize>();
    Tensor::from_data(TensorData::new(vec![value; count], shape), &Device::flex())
}

/// A sequence `[batch, time, width]` and a pass over it, step by step.
fn cut(sequence: &Tensor<3>, whole: &Tensor<3>, lengths: &[usize]) -> Vec<(Tensor<3>, Tensor<3>)> {
    let mut at = 0;
    let part = |length: &usize| {
        let parts = [sequence, whole].map(|whole| whole.clone().narrow(1, at, *length));
        at += length;
        parts.into()
    };
    lengths.iter().map(part).collect()
}
