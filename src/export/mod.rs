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
//! # #[cfg(feature = "flex")] {
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
//! The sample is one tensor, or a tuple, array, vector, option or struct of them ([`Values`]); so is what the forward pass
//! returns. [`Exporter::export_fn`] takes a function that belongs to no module.
//! [`Exported`] is the model in memory: [`Exported::write`] puts it in a file, [`Exported::verify`] compares an engine's
//! results with Burn's.
//!
//! # Dynamic axes
//!
//! A recording knows numbers, not symbols. So the forward pass is recorded at several lengths of every dynamic axis, and
//! the recordings are compared: a number that differs is written as arithmetic on the lengths, by the only formula of
//! a stated family that fits, and a forward pass that does something else at one of the lengths is refused. A limit beyond
//! every length that was recorded cannot be seen ([`Exporter::dynamic_axis`]).
//!
//! # What cannot be exported
//!
//! Random numbers, backward passes, collective operations, quantised tensors and backend extensions: every offending
//! operation is listed in one error, before anything is written. Values of inputs and of what is computed cannot be read:
//! they have none while a forward pass is recorded, and an error names the place that reads them.
//!
//! # State
//!
//! A model is a function: what a module remembers from call to call has to go in as inputs and come out as outputs.
//! [`Exporter::state`] exports one step of such a module; the model's metadata says which output is which input's next
//! value, and [`Exported::stepper`] runs it with the state kept in an engine. Running statistics are read and not
//! changed, as in validation.
//!
//! # Engines
//!
//! None is needed to export. Where one is there (tract by the feature `tract`, or any that
//! [`Exporter::fold_with`] is given), what depends on weights alone is computed once and stored. [`Exported::verify`]
//! takes any [`Engine`](crate::engine::Engine).

mod api;
mod begin;
mod boundary;
mod builder;
mod caller;
mod canonical;
mod capture;
mod case;
mod compare;
mod constant;
mod devices;
mod draw;
mod engine;
mod error;
mod exported;
mod fit;
mod formula;
mod function;
mod ir_operations;
mod joins;
mod lengths;
mod limits;
mod lower;
mod operation;
mod optimize;
mod params;
mod plan;
mod quiet;
mod recordings;
mod recurrent;
mod rename;
mod run;
mod settings;
mod state;
mod step;
mod steps;
mod storage;
mod trace;
mod traces;
mod validate;
mod values;
mod verify;

pub use api::Exporter;
pub use case::Case;
pub use compare::{Comparison, Tolerance, compare};
pub use exported::{Exported, ModelSummary};
pub use operation::Operation;
pub use optimize::{Pass, Passes};
pub use state::Stateful;
pub use values::{Values, Walk};
#[cfg(feature = "train")]
pub(crate) use verify::run;
