//! Training, export and the whole way to new images, on made-up slices and small nets.

mod alone;
mod models;
mod pipeline;
