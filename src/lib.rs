//! `oasis` takes a generative model of brain MRI slices from training to the edge: a VQ-VAE and an
//! autoregressive PixelCNN prior are trained with Burn, exported to ONNX, and run by ONNX Runtime
//! or by pure-Rust tract, with proof that the engines agree.
//!
//! Data flows one way:
//!
//! ```text
//! slices -> train -> run folder -> export -> bundle -> runtime -> images, codes, metrics
//! ```
//!
//! The `runtime` (feature `runtime`) needs none of the training side: a `bundle` on disk is all that passes between
//! the two halves. `export` (feature `export`) records any Burn forward pass as ONNX, on its own. Both speak of ONNX
//! in the words of [`onnx`], and of what runs it in those of [`engine`].
#![warn(missing_docs)]

#[cfg(feature = "runtime")]
pub mod bundle;
#[cfg(feature = "data")]
pub mod data;
#[cfg(feature = "runtime")]
mod digest;
pub mod engine;
mod error;
#[cfg(feature = "export")]
pub mod export;
#[cfg(any(feature = "runtime", feature = "export"))]
mod fs;
#[cfg(feature = "data")]
pub mod jobs;
#[cfg(feature = "train")]
pub mod judge;
#[cfg(feature = "runtime")]
pub mod metrics;
#[cfg(feature = "train")]
pub mod model;
pub mod onnx;
#[cfg(feature = "train")]
pub mod publish;
#[cfg(any(feature = "data", feature = "export"))]
mod random;
#[cfg(feature = "data")]
mod report;
#[cfg(feature = "runtime")]
pub mod runtime;
#[cfg(feature = "train")]
pub mod train;

pub use error::{Error, ErrorKind, Result, Subject};
#[cfg(feature = "data")]
pub use report::coverage;
