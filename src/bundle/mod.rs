//! A trained model on disk: one ONNX file for each [`Role`], and `bundle.json` with their hashes and history.
//!
//! [`Bundle::open`] validates everything before any engine sees a byte: the manifest, sizes, hashes, the ONNX files'
//! structure, and that the files belong together. Engines are then given what [`crate::onnx`] writes of the validated
//! models, never the files' own bytes.

pub mod keys;
pub mod triton;

mod broken;
mod codebook;
mod contract;
mod foreign;
mod json;
mod limits;
mod manifest;
mod open;
mod role;
mod together;
mod write;

pub use contract::{IMAGE, Sizes, read_model};
pub(crate) use foreign::Foreign;
pub use manifest::{FileEntry, Made, Manifest, SCHEMA_VERSION, Verification, Vocabulary};
pub use open::{Bundle, MANIFEST};
pub use role::Role;
pub use write::BundleWriter;
