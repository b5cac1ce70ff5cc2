//! Slices, datasets, phantoms, metrics and pictures.

mod check;
mod dataset;
mod decode;
#[path = "../hostile/jpeg.rs"]
mod jpeg;
mod metrics;
mod phantom;
mod pictures;
// What the tests of hostile files use of this is more than is needed here.
#[allow(dead_code)]
#[path = "../hostile/png.rs"]
mod png;
#[cfg(feature = "train")]
mod quality;
mod scans;
mod ssim;
mod write;
