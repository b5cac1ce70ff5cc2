//! The contract between models and what runs them: an [`Engine`] loads a [`ModelFile`](crate::onnx::ModelFile) as a
//! [`Session`], which runs it on tensors.

#[cfg(any(feature = "tract", feature = "ort", feature = "burn-engine"))]
mod signature;
mod tensor;
mod traits;

#[cfg(any(feature = "tract", feature = "ort", feature = "burn-engine"))]
pub(crate) use signature::Signature;
#[cfg(any(feature = "ort", feature = "burn-engine"))]
pub(crate) use tensor::each_type;
#[cfg(feature = "tract")]
pub(crate) use tensor::wrong_shape;
pub use tensor::{Tensor, TensorView, TensorViewMut};
pub use traits::{Engine, EngineInfo, Session};
