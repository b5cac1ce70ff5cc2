//! A trained model on disk: one ONNX file a role, and `bundle.json` with their hashes and history.
//!
//! [`Bundle::open`] validates everything before any engine sees a byte: the manifest, sizes, hashes, the ONNX files'
//! structure, and that the files belong together.

pub mod keys;
pub mod onnx;
pub mod triton;

mod codebook;
mod contract;
mod graph;
mod inspect;
mod manifest;
mod open;
mod together;
mod wire;
mod write;

pub use contract::{IMAGE, IR_VERSIONS, OPSETS, Sizes};
pub use graph::{Graph, Role, sha256};
pub use inspect::{FileSummary, Layer, inspect_file};
pub use manifest::{FileEntry, Made, Manifest, SCHEMA_VERSION, Verification, Vocabulary};
pub use open::{Bundle, MANIFEST, MAX_FILE_BYTES, MAX_MANIFEST_BYTES};
pub use write::BundleWriter;
