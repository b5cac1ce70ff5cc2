//! `oasis` takes a generative model of brain MRI slices from training to the edge.
#![warn(missing_docs)]

pub mod bundle;
pub mod runtime;

mod error;

pub use error::{Error, ErrorKind, Result};
