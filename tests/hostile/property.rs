//! A property of every model: what the reader accepts, the writer's bytes read back equal, and each engine loads it or
//! refuses it with an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use oasis::bundle::{Role, read_model};
use oasis::onnx::{Model, ModelFile};
use oasis::runtime::{Backend, EngineOptions, engine};

use super::noise::uniform;
use super::skips::library;
use super::tally::{Tally, of};
use super::toy;

/// The bytes of a model with a few of them changed, taken out or said twice, as `seed` has it.
fn changed(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut draws = 0;
    let mut draw = |below: usize| {
        draws += 1;
        (uniform(seed, draws) * below as f64) as usize
    };
    for _ in 0..1 + draw(3) {
        // Most of a model is weights, where a change says little; its structure lies at the ends.
        let end = [bytes.len(), bytes.len().min(2000)][draw(2)];
        let at = if draw(2) == 0 { draw(end) } else { bytes.len() - 1 - draw(end) };
        match draw(5) {
            0 => bytes[at] = draw(256) as u8,
            1 => bytes[at] ^= 1 << draw(8),
            2 => bytes[at] = bytes[at].wrapping_add(1),
            3 => drop(bytes.remove(at)),
            _ => {
                let length = (1 + draw(40)).min(bytes.len() - at);
                let piece = bytes[at..at + length].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

#[test]
fn what_is_read_is_written_and_read_again() {
    let tally = Tally::new("changed models: read, written, loaded");
    let engines: Vec<_> = [Some(Backend::Tract), library().map(|_| Backend::Ort)]
        .into_iter()
        .flatten()
        .map(|backend| engine(backend, &EngineOptions::default().threads(1)).unwrap())
        .collect();
    let (mut accepted, mut loaded) = (0, 0);
    for role in Role::FIXED {
        let whole = toy::model(&role).write();
        for seed in 0..of(400, 20_000) as u64 {
            let bytes = if seed == 0 { whole.clone() } else { changed(&whole, seed) };
            let mut wrong = Vec::new();
            // Engines are given models of a bundle, which must be what their role demands.
            if let Ok(file) = read_model(&role, "it", bytes.clone()) {
                loaded += 1;
                for engine in &engines {
                    if catch_unwind(AssertUnwindSafe(|| engine.load(&file).map(drop))).is_err() {
                        wrong.push(format!("{} panicked", engine.name()));
                    }
                }
            }
            if let Ok(file) = ModelFile::read("it", bytes) {
                accepted += 1;
                let written = Bytes::from(file.model().write());
                // Bytes are compared, since a model may hold numbers that do not equal themselves.
                let again = Model::read(&written).map(|model| Bytes::from(model.write()));
                if written != *file.bytes() || again != Ok(written) {
                    wrong.push("what is written is another model".to_owned());
                }
            }
            tally.add(format!("{role}, seed {seed}"), &wrong);
        }
    }
    println!("{accepted} are read, {loaded} of their role, on {} engines", engines.len());
    assert!(accepted.min(loaded) > 50, "too few models are accepted to say anything: {accepted}, {loaded}");
    tally.finish();
}
