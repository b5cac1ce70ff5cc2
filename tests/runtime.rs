//! Tests of bundles and of what runs them, on toy models made here.
#![cfg(feature = "tract")]

#[path = "runtime/buffers.rs"]
mod buffers;
#[path = "runtime/bundles.rs"]
mod bundles;
#[cfg(feature = "burn-engine")]
#[path = "runtime/burn.rs"]
mod burn;
#[path = "runtime/engines.rs"]
mod engines;
#[cfg(feature = "ort")]
#[path = "runtime/ort.rs"]
mod ort;
#[path = "runtime/parity.rs"]
mod parity;
#[path = "runtime/pbtxt.rs"]
mod pbtxt;
#[path = "runtime/sampling.rs"]
mod sampling;
#[path = "runtime/toy.rs"]
mod toy;
#[path = "runtime/triton.rs"]
mod triton;
#[path = "runtime/wire.rs"]
mod wire;
