//! What several test binaries share: models and pictures made by code, a second writing down of the random numbers, runs of
//! the binary, and what is said of a test that cannot be run.
#![allow(dead_code, reason = "each test binary uses a part of this")]

#[cfg(feature = "cli")]
pub mod house;
pub mod jpeg;
pub mod noise;
pub mod png;
pub mod seeded;
pub mod skips;
pub mod toy;
pub mod wire;
