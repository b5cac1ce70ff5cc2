//! `oasis` takes a generative model of brain MRI slices from training to the edge.
#![warn(missing_docs)]

pub mod data;
mod error;
pub mod fs;
pub mod metrics;
pub mod report;

pub use error::{Error, ErrorKind, Result};
