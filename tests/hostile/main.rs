//! Attacks: files, bundles, folders, libraries, streams, names, signals and limits that mean no good. Each file here is a
//! kind of attack; `run`, `case` and `tally` hold what they share. `tools/hostile` runs them all and makes the table of
//! docs/reliability.md; `OASIS_HOSTILE_LONG=1` asks for their long form.
#![cfg(unix)]

mod arrays;
mod broken;
mod bundles;
mod case;
mod engines;
#[cfg(target_os = "linux")]
mod faults;
mod files;
mod images;
mod isolate;
mod libraries;
#[cfg(target_os = "linux")]
mod limits;
mod lines;
mod links;
#[cfg(target_os = "linux")]
mod load;
mod names;
mod odd;
mod panics;
mod property;
mod regressions;
mod run;
#[cfg(target_os = "linux")]
mod signals;
#[cfg(target_os = "linux")]
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod tables;
mod tally;

use support::{house, jpeg, png, seeded, skips, toy, wire};
