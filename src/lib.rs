//! `oasis` takes a generative model of brain MRI slices from training to the edge.
#![warn(missing_docs)]

mod error;
#[cfg(feature = "export")]
pub mod export;

pub use error::{Error, ErrorKind, Result};
