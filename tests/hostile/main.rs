//! Attacks: files, bundles, folders, libraries, streams, names, signals and limits that mean no good. Each file here is a
//! kind of attack; `run` holds what they share.
#![cfg(unix)]

// What the command line's tests use of this is more than is needed here.
#[allow(dead_code)]
#[path = "../cli/house.rs"]
mod house;
mod images;
mod names;
mod run;
mod signals;
mod streams;
mod tables;
