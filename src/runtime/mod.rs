//! Running a bundle: engines, the pipeline over them, the sampler, and the comparison of engines.
//!
//! ```no_run
//! use oasis::{bundle::Bundle, runtime::{Backend, Oasis, SampleRequest}};
//! # fn main() -> oasis::Result<()> {
//! let bundle = Bundle::resolve(None)?;
//! let oasis = Oasis::open(&bundle, Backend::Tract)?;
//! let images = ndarray::Array4::<f32>::zeros((1, 1, 256, 256));
//! let reconstructions = oasis.reconstruct(images.view())?;
//! assert_eq!(reconstructions.dim(), (1, 1, 256, 256));
//!
//! let codes = oasis.sampler()?.sample(&SampleRequest::new(4, 1), &mut |_| std::ops::ControlFlow::Continue(()))?;
//! assert_eq!(oasis.decode(codes.view())?.dim(), (4, 1, 256, 256));
//! # Ok(())
//! # }
//! ```

pub mod doctor;
pub mod parity;

mod ask;
mod backend;
#[cfg(feature = "burn-engine")]
mod burn;
mod contract;
#[cfg(any(feature = "tract", feature = "ort", feature = "burn-engine"))]
mod guard;
#[cfg(any(feature = "tract", feature = "ort", feature = "burn-engine"))]
mod guarded;
mod images;
mod inspect;
mod likelihood;
mod machine;
mod options;
#[cfg(feature = "ort")]
mod ort;
mod pipeline;
mod sampling;
#[cfg(feature = "tract")]
mod tract;
mod trust;

pub use crate::engine::{Engine, EngineInfo, Held, Kept, Session, Stepper, Tensor, TensorView, TensorViewMut};
pub use backend::{Backend, engine};
pub use images::{image_at, stack_images};
pub use inspect::{FileSummary, Layer};
pub use options::{BurnDevice, EngineOptions};
pub use pipeline::Oasis;
#[cfg(feature = "data")]
pub(crate) use sampling::Noise;
pub use sampling::{Choice, Condition, Given, Progress, SampleRequest, Sampler};
