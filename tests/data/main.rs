//! Slices, datasets, phantoms, metrics and pictures.

mod check;
mod dataset;
mod decode;
mod import;
// What the tests of hostile files use of this and of `png` is more than is needed here.
#[allow(dead_code)]
#[path = "../hostile/jpeg.rs"]
mod jpeg;
mod metrics;
mod phantom;
mod pictures;
#[allow(dead_code)]
#[path = "../hostile/png.rs"]
mod png;
#[cfg(feature = "train")]
mod quality;
mod scans;
mod ssim;
mod volume_files;
mod volumes;
mod write;
