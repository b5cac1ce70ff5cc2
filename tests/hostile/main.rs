//! Attacks: files, bundles, folders, libraries, streams, names, signals and limits that mean no good. Each file here is a
//! kind of attack; `run` holds what they share.
#![cfg(unix)]

mod broken;
mod bundles;
mod engines;
mod files;
// What the command line's tests use of this is more than is needed here.
#[allow(dead_code)]
#[path = "../cli/house.rs"]
mod house;
mod images;
mod isolate;
mod jpeg;
mod libraries;
// What the runtime's tests use of this, of `toy` and of `wire` is more than is needed here.
#[allow(dead_code)]
#[path = "../runtime/noise.rs"]
mod noise;
mod odd;
mod panics;
mod png;
mod run;
#[allow(dead_code)]
#[path = "../runtime/toy.rs"]
mod toy;
#[allow(dead_code)]
#[path = "../runtime/wire.rs"]
mod wire;
