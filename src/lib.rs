//! `oasis` takes a generative model of brain MRI slices from training to the edge: a VQ-VAE and an autoregressive
//! PixelCNN prior are trained with Burn, exported to ONNX, and run by ONNX Runtime or by pure-Rust tract, with proof that
//! the engines agree.
//!
//! ```text
//! slices -> train -> run folder -> publish -> bundle -> runtime -> images, codes, metrics
//! ```
//!
//! Two halves are of use on their own. **The runtime** opens a `bundle`, a folder of ONNX files, and runs it:
//!
//! ```
//! # #[cfg(all(feature = "tract", feature = "bundled"))] {
//! use oasis::bundle::Bundle;
//! use oasis::runtime::{Backend, Oasis};
//!
//! let oasis = Oasis::open(&Bundle::embedded()?, Backend::Tract)?;
//! let slices = ndarray::Array4::<f32>::zeros((1, 1, 256, 256)); // grey values in 0..1
//! let codes = oasis.encode(slices.view())?; // [1, 32, 32]
//! let reconstructions = oasis.decode(codes.view())?; // [1, 1, 256, 256]
//! assert_eq!(reconstructions.dim(), slices.dim());
//! # }
//! # Ok::<(), oasis::Error>(())
//! ```
//!
//! **The exporter** writes the forward pass of any Burn module as ONNX, and knows nothing of the models here:
//!
//! ```
//! # #[cfg(feature = "flex")] {
//! use burn::nn::LinearConfig;
//! use burn::tensor::{Device, Tensor};
//! use oasis::export::Exporter;
//!
//! let device = Device::flex();
//! let layer = LinearConfig::new(4, 2).init(&device);
//! let exported = Exporter::new()
//!     .dynamic_axis("input", 0, "batch")
//!     .export(&layer, Tensor::<2>::zeros([1, 4], &device), |layer, x| layer.forward(x))?;
//! assert_eq!(exported.outputs()[0].to_string(), "output f32 [batch, 2]");
//! # }
//! # Ok::<(), oasis::Error>(())
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `cli` (default) | the binary `oasis`; the library needs none of it |
//! | `tract`, `ort` (default) | the engines: pure Rust; ONNX Runtime, whose library is loaded at run time |
//! | `bundled` (default) | the trained bundle, inside the library |
//! | `runtime` | bundles, the pipeline, sampling, parity; implied by each engine |
//! | `data` | files of slices, and work over many of them; implied by `cli` and `train` |
//! | `export` | Burn forward passes to ONNX; alone it needs no engine |
//! | `flex` | `export` with Burn's CPU device, for programs that take it from nowhere else |
//! | `train` | the models, their training, publishing of bundles, judging of samples; implies `export` |
//! | `vulkan`, `cuda` | training on GPUs; imply `train` |
//! | `burn-engine` | a bundle that is compiled into the library, run by Burn |
//!
//! # Types of other crates
//!
//! Public signatures hold types of `ndarray` 0.17, `bytes` 1, `serde_json` 1 and, with `export`, of `burn` 0.22. A new
//! incompatible version of one of these is a new incompatible version of this crate. Errors of other crates are reached
//! only through [`source`](std::error::Error::source), where their types may change at any time.
#![warn(missing_docs)]

#[cfg(feature = "runtime")]
pub mod bundle;
#[cfg(feature = "runtime")]
pub mod coverage;
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
#[cfg(any(feature = "tract", feature = "ort", feature = "burn-engine", feature = "export"))]
mod panics;
mod plain;
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
pub use plain::{Plain, spell, unseen};
