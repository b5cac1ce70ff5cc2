//! Slices, datasets, phantoms, metrics and pictures.

mod check;
mod dataset;
mod decode;
mod metrics;
mod phantom;
#[cfg(feature = "train")]
mod quality;
mod ssim;
mod write;
