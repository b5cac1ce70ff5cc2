//! The command line, run as a user runs it: on the embedded bundle, with tract.
#![cfg(all(feature = "tract", feature = "bundled"))]

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/commands.rs"]
mod commands;
#[path = "cli/house.rs"]
mod house;
#[path = "cli/real.rs"]
mod real;
