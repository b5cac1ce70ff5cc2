//! The command line, run as a user runs it: on the embedded bundle, with tract.

mod bad_input;
mod bench;
#[cfg(feature = "burn-engine")]
mod burn;
mod commands;
mod examples;
#[cfg(feature = "train")]
mod judging;
mod real;
mod settings;
mod streams;
#[path = "../support/mod.rs"]
mod support;
#[cfg(all(feature = "train", unix))]
mod training;
mod triton;
mod volumes;

use support::{house, skips, toy};
