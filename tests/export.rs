//! Every lowering, and small networks, against Burn: on tract, and on ONNX Runtime where `ORT_DYLIB_PATH` names it.
#![cfg(feature = "train")]

#[path = "export/common.rs"]
mod common;
#[path = "export/dynamic.rs"]
mod dynamic;
#[path = "export/engines.rs"]
mod engines;
#[path = "export/errors.rs"]
mod errors;
#[path = "export/layers.rs"]
mod layers;
#[path = "export/nets.rs"]
mod nets;
#[path = "export/numeric.rs"]
mod numeric;
#[path = "export/shapes.rs"]
mod shapes;
