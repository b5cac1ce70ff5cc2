//! Training, export and the whole way to new images, on made-up slices and small nets.
#![cfg(feature = "train")]

#[path = "train/alone.rs"]
mod alone;
#[path = "train/models.rs"]
mod models;
#[path = "train/pipeline.rs"]
mod pipeline;
#[path = "train/ssim_loss.rs"]
mod ssim_loss;
