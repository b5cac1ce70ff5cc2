//! Slices, datasets, phantoms, metrics and pictures.

mod check;
mod dataset;
mod decode;
mod import;
mod metrics;
mod phantom;
mod pictures;
#[cfg(feature = "train")]
mod quality;
mod scans;
mod ssim;
#[path = "../support/mod.rs"]
mod support;
mod volume_files;
mod volumes;
mod write;

use support::{jpeg, png, seeded, skips};
