//! Any Burn forward pass to ONNX.
//!
//! [`Exporter`] runs a module's forward pass on a device that records operations instead of computing, and lowers the
//! recording to an ONNX model with the weights inside. Nothing has to be derived or implemented on the module.
//!
//! ```
//! # fn main() -> oasis::Result<()> {
//! use burn::module::Module;
//! use burn::nn::{Linear, LinearConfig};
//! use burn::tensor::{Device, Tensor, activation::relu};
//! use oasis::export::Exporter;
//!
//! #[derive(Module, Debug)]
//! struct Net {
//!     fc1: Linear,
//!     fc2: Linear,
//! }
//!
//! # #[cfg(feature = "train")] {
//! let device = Device::flex();
//! let net = Net {
//!     fc1: LinearConfig::new(4, 8).init(&device),
//!     fc2: LinearConfig::new(8, 2).init(&device),
//! };
//! let exported = Exporter::new()
//!     .input("features")
//!     .output("scores")
//!     .dynamic_axis("features", 0, "batch")
//!     .export(&net, Tensor::<2>::zeros([1, 4], &device), |net, x| {
//!         net.fc2.forward(relu(net.fc1.forward(x)))
//!     })?;
//! assert_eq!(exported.outputs()[0].to_string(), "scores f32 [batch, 2]");
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # Dynamic axes
//!
//! A recording knows numbers, not symbols. So the forward pass is recorded at several sizes of every dynamic axis, and
//! the recordings are compared: a dimension that differs is written as arithmetic on the axis, and a setting that
//! differs in a way ONNX cannot express is an error that names the operation.
//!
//! # What cannot be exported
//!
//! Random numbers, backward passes, collective operations, quantised tensors, backend extensions, and branches that
//! depend on tensor values. Every offending operation is listed in one error, before anything is written.

mod api;
mod boundary;
mod canonical;
mod capture;
mod compare;
mod constant;
mod error;
mod exported;
mod graph;
mod ir_operations;
mod lengths;
mod lower;
mod operation;
mod optimize;
mod params;
mod proto;
mod quiet;
mod recurrent;
mod rename;
mod run;
mod step;
mod storage;
mod trace;
mod traces;
mod values;
mod verify;

pub use api::Exporter;
pub use compare::{Comparison, Tolerance, compare};
pub use constant::DataType;
pub use exported::{Exported, Summary};
pub use graph::{Port, Size};
pub use operation::Operation;
pub use optimize::Passes;
pub use values::Values;
pub use verify::{Case, run};
