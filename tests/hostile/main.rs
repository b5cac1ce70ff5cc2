//! Attacks: files, bundles, folders, libraries, streams, names, signals and limits that mean no good. Each file here is a
//! kind of attack; `run` and `tally` hold what they share. `tools/hostile` runs them all and makes the table of
//! docs/reliability.md; `OASIS_HOSTILE_LONG=1` asks for their long form.
#![cfg(unix)]

mod arrays;
mod broken;
mod bundles;
mod engines;
#[cfg(target_os = "linux")]
mod faults;
mod files;
// What the command line's tests use of this is more than is needed here.
#[allow(dead_code)]
#[path = "../cli/house.rs"]
mod house;
mod images;
mod isolate;
mod jpeg;
mod libraries;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod load;
mod names;
// What the runtime's tests use of this, of `toy` and of `wire` is more than is needed here.
#[allow(dead_code)]
#[path = "../runtime/noise.rs"]
mod noise;
mod odd;
mod panics;
mod png;
mod property;
mod regressions;
mod run;
mod signals;
mod streams;
mod tables;
mod tally;
#[allow(dead_code)]
#[path = "../runtime/toy.rs"]
mod toy;
#[allow(dead_code)]
#[path = "../runtime/wire.rs"]
mod wire;
