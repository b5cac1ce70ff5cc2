//! The command line, run as a user runs it: on the embedded bundle, with tract.

mod bad_input;
mod bench;
#[cfg(feature = "burn-engine")]
mod burn;
mod commands;
mod examples;
mod house;
#[cfg(feature = "train")]
mod judging;
// What the runtime's tests use of these three is more than is needed here.
#[allow(dead_code)]
#[path = "../runtime/noise.rs"]
mod noise;
mod real;
mod settings;
mod streams;
#[allow(dead_code)]
#[path = "../runtime/toy.rs"]
mod toy;
#[cfg(all(feature = "train", unix))]
mod training;
mod triton;
mod volumes;
#[allow(dead_code)]
#[path = "../runtime/wire.rs"]
mod wire;
