//! Slices, datasets, phantoms, metrics and pictures.

#[path = "data/check.rs"]
mod check;
#[path = "data/dataset.rs"]
mod dataset;
#[path = "data/decode.rs"]
mod decode;
#[path = "data/metrics.rs"]
mod metrics;
#[path = "data/phantom.rs"]
mod phantom;
#[cfg(feature = "train")]
#[path = "data/quality.rs"]
mod quality;
#[path = "data/report.rs"]
mod report;
#[path = "data/ssim.rs"]
mod ssim;
#[path = "data/write.rs"]
mod write;
