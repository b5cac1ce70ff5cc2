//! `oasis` takes a generative model of brain MRI slices from training to the edge.
#![warn(missing_docs)]

pub mod data;
mod error;
pub mod fs;
pub mod metrics;
#[cfg(feature = "train")]
pub mod model;
pub mod report;
#[cfg(feature = "train")]
pub mod train;

pub use error::{Error, ErrorKind, Result};
