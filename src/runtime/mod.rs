//! Running a bundle: engines, the pipeline over them, the sampler, and the comparison of engines.
//!
//! ```no_run
//! use oasis::{bundle::Bundle, runtime::{Backend, Oasis}};
//! # fn main() -> oasis::Result<()> {
//! let bundle = Bundle::resolve(None)?;
//! let oasis = Oasis::open(&bundle, Backend::Tract)?;
//! let images = ndarray::Array4::<f32>::zeros((1, 1, 256, 256));
//! let reconstructions = oasis.reconstruct(images.view())?;
//! assert_eq!(reconstructions.dim(), (1, 1, 256, 256));
//! # Ok(())
//! # }
//! ```

pub mod doctor;
pub mod parity;

mod backend;
#[cfg(feature = "burn-engine")]
mod burn;
mod engine;
mod machine;
#[cfg(feature = "ort")]
mod ort;
mod pipeline;
mod sampling;
mod signature;
mod tensor;
#[cfg(feature = "tract")]
mod tract;

pub use backend::{Backend, engine};
pub use engine::{Engine, EngineInfo, EngineOptions, Session};
pub use machine::{default_threads, peak_rss_bytes};
pub use pipeline::Oasis;
pub use sampling::{Choice, Chosen, Condition, Given, Noise, Progress, SampleRequest, philox4x32, uniform};
pub use signature::Signature;
#[cfg(feature = "export")]
pub(crate) use tensor::each_type;
pub use tensor::{Tensor, TensorView, TensorViewMut};

#[cfg(feature = "tract")]
pub(crate) use tract::infer_shapes;
