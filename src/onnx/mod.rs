//! ONNX as data: element types, ports, tensors, nodes, graphs, models; one reader and one writer.
//!
//! [`Model::read`] refuses a file with anything in it that could change a result and that a [`Model`] does not hold. So
//! [`Model::write`] gives a file of the same meaning. [`ModelFile`] is what engines are given: a model that was validated,
//! as the bytes that the writer makes of it.
//!
//! What a model costs is told from shapes (`infer`), before any engine is asked.

mod broken;
mod dtype;
mod fields;
mod file;
mod graph;
#[cfg(feature = "runtime")]
mod infer;
mod limits;
mod model;
mod port;
mod read;
mod schema;
mod sound;
mod state;
mod tensor;
#[cfg(test)]
mod tests;
mod validate;
mod write;
mod writer;

#[cfg(feature = "runtime")]
pub(crate) use broken::Broken;
pub use dtype::DataType;
#[cfg(feature = "runtime")]
pub(crate) use file::unreadable;
pub use file::{ModelFile, Workload};
pub use graph::{Attribute, Graph, Node};
#[cfg(feature = "runtime")]
pub(crate) use infer::{Budget, cost, shapes};
pub use model::Model;
pub use port::{Dim, Port};
pub use read::ReadError;
pub use state::State;
pub use tensor::Tensor;
#[cfg(feature = "runtime")]
pub(crate) use validate::check;
