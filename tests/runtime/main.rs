//! Tests of bundles and of what runs them, on toy models made here.

mod buffers;
mod bundles;
#[cfg(feature = "burn-engine")]
mod burn;
mod engines;
mod generated;
#[cfg(feature = "ort")]
mod ort;
mod parity;
mod pbtxt;
mod sampling;
mod stepper;
#[path = "../support/mod.rs"]
mod support;
mod triton;

#[cfg(any(feature = "burn-engine", feature = "ort"))]
use support::skips;
use support::{noise, seeded, toy, wire};
