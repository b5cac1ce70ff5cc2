//! Tests of bundles and of what runs them, on toy models made here.
#![cfg(feature = "tract")]

#[path = "runtime/bundles.rs"]
mod bundles;
#[path = "runtime/engines.rs"]
mod engines;
#[cfg(feature = "ort")]
#[path = "runtime/ort.rs"]
mod ort;
#[path = "runtime/parity.rs"]
mod parity;
#[path = "runtime/sampling.rs"]
mod sampling;
#[path = "runtime/toy.rs"]
mod toy;
#[path = "runtime/wire.rs"]
mod wire;
