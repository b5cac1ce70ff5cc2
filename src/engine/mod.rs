//! The contract between models and what runs them: an [`Engine`] loads a [`ModelFile`](crate::onnx::ModelFile) as a
//! [`Session`], which runs it on tensors; a [`Stepper`] runs a model that has state.

mod begin;
mod kept;
#[cfg(any(feature = "tract", feature = "ort", feature = "burn-engine"))]
mod signature;
mod stepper;
mod stored;
mod tensor;
mod traits;

#[cfg(feature = "export")]
pub(crate) use begin::first_value;
#[cfg(any(feature = "tract", feature = "ort"))]
pub(crate) use kept::with_states;
pub use kept::{Held, Kept};

#[cfg(any(feature = "tract", feature = "ort", feature = "burn-engine"))]
pub(crate) use signature::Signature;
pub use stepper::Stepper;
#[cfg(any(feature = "ort", feature = "burn-engine"))]
pub(crate) use tensor::each_type;
#[cfg(feature = "tract")]
pub(crate) use tensor::wrong_shape;
pub use tensor::{Tensor, TensorView, TensorViewMut};
pub use traits::{Engine, EngineInfo, Session};
