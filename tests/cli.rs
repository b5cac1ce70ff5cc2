//! The command line, run as a user runs it: on the embedded bundle, with tract.
#![cfg(all(feature = "tract", feature = "bundled"))]

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/bench.rs"]
mod bench;
#[cfg(feature = "burn-engine")]
#[path = "cli/burn.rs"]
mod burn;
#[path = "cli/commands.rs"]
mod commands;
#[path = "cli/examples.rs"]
mod examples;
#[path = "cli/house.rs"]
mod house;
#[cfg(feature = "train")]
#[path = "cli/judging.rs"]
mod judging;
#[path = "cli/real.rs"]
mod real;
#[path = "cli/streams.rs"]
mod streams;
// What the runtime's tests use of these two is more than is needed here.
#[allow(dead_code)]
#[path = "runtime/toy.rs"]
mod toy;
#[cfg(all(feature = "train", unix))]
#[path = "cli/training.rs"]
mod training;
#[path = "cli/triton.rs"]
mod triton;
#[allow(dead_code)]
#[path = "runtime/wire.rs"]
mod wire;
