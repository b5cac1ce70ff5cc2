//! Tests of bundles and of what runs them, on toy models made here.

mod buffers;
mod bundles;
#[cfg(feature = "burn-engine")]
mod burn;
mod engines;
mod generated;
mod noise;
#[cfg(feature = "ort")]
mod ort;
mod parity;
mod pbtxt;
mod reader;
mod sampling;
mod stepper;
mod toy;
mod triton;
mod wire;
