//! What Triton is told of one model.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::text::Text;
use crate::bundle::role::Role;
use crate::onnx::{DataType, Dim, ModelFile, Port};
use crate::{Error, ErrorKind, Result};

/// What a model's `config.pbtxt` says; its [`Display`](fmt::Display) is that file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelConfig {
    /// The model's name, which is its folder's.
    pub name: String,
    /// What runs it.
    pub kind: Kind,
    /// The longest batch of a request.
    pub max_batch: u16,
    /// What it reads.
    pub inputs: Vec<Tensor>,
    /// What it makes.
    pub outputs: Vec<Tensor>,
    /// Where it comes from, by metadata key.
    pub parameters: BTreeMap<String, String>,
}

/// What runs a model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// ONNX Runtime, on a graph of the bundle.
    Onnx {
        /// The graph's role.
        role: Role,
        /// How many of it run at once; the server's own choice where `None`.
        instances: Option<u16>,
    },
    /// Other models of the repository, one after the other.
    Ensemble {
        /// The models, in the order that data passes them.
        steps: Vec<Step>,
    },
}

/// One model of an ensemble. Its tensors go by their own names in the ensemble.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The model's name.
    pub model: String,
    /// The tensors that it reads.
    pub inputs: Vec<String>,
    /// The tensors that it makes.
    pub outputs: Vec<String>,
}

/// An input or output of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its element type, such as `TYPE_FP32`.
    pub data_type: &'static str,
    /// Its sizes, the batch left out; -1 where they may differ from call to call.
    pub dims: Vec<i64>,
}

impl ModelConfig {
    /// The platform, as Triton names it.
    pub fn platform(&self) -> &'static str {
        match self.kind {
            Kind::Onnx { .. } => "onnxruntime_onnx",
            Kind::Ensemble { .. } => "ensemble",
        }
    }
}

impl fmt::Display for ModelConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Text::default();
        text.quoted("name", &self.name);
        text.quoted("platform", self.platform());
        if matches!(self.kind, Kind::Onnx { .. }) {
            text.quoted("backend", "onnxruntime");
        }
        text.plain("max_batch_size", self.max_batch);
        text.list("input", &self.inputs, write_tensor);
        text.list("output", &self.outputs, write_tensor);
        match &self.kind {
            Kind::Onnx { instances, .. } => {
                text.message("dynamic_batching", |_| {});
                if let Some(count) = instances {
                    text.list("instance_group", &[*count], |text, count| {
                        text.plain("count", count);
                        text.plain("kind", "KIND_AUTO");
                    });
                }
            }
            Kind::Ensemble { steps } => {
                text.message("ensemble_scheduling", |text| text.list("step", steps, write_step));
            }
        }
        for (key, value) in &self.parameters {
            text.message("parameters", |text| {
                text.quoted("key", key);
                text.message("value", |text| text.quoted("string_value", value));
            });
        }
        f.write_str(&text.finish())
    }
}

fn write_tensor(text: &mut Text, tensor: &Tensor) {
    let dims: Vec<String> = tensor.dims.iter().map(ToString::to_string).collect();
    text.quoted("name", &tensor.name);
    text.plain("data_type", tensor.data_type);
    text.plain("dims", format_args!("[ {} ]", dims.join(", ")));
}

fn write_step(text: &mut Text, step: &Step) {
    text.quoted("model_name", &step.model);
    text.plain("model_version", -1);
    for (field, names) in [("input_map", &step.inputs), ("output_map", &step.outputs)] {
        for name in names {
            text.message(field, |text| {
                text.quoted("key", name);
                text.quoted("value", name);
            });
        }
    }
}

/// The tensors that `ports` of a model declare.
pub(super) fn tensors(file: &ModelFile, ports: &[Port]) -> Result<Vec<Tensor>> {
    ports.iter().map(|port| tensor(file, port)).collect()
}

fn tensor(file: &ModelFile, port: &Port) -> Result<Tensor> {
    let refuse = |expected: &str| {
        let why = format!("found {port}, expected {expected}");
        Error::new(ErrorKind::Model, "cannot serve model", file.name(), why)
            .hint("export the bundle again with `oasis export`")
    };
    let data_type = data_type(port.dtype).ok_or_else(|| refuse("an element type that Triton has"))?;
    let dims = match port.dims().split_first() {
        Some((Dim::Symbol(_), rest)) if !rest.is_empty() => rest,
        _ => return Err(refuse("a batch of any length and at least one more axis")),
    };
    let dims = dims.iter().map(|dim| dim.fixed().map_or(-1, |size| size as i64));
    Ok(Tensor { name: port.name.clone(), data_type, dims: dims.collect() })
}

fn data_type(dtype: DataType) -> Option<&'static str> {
    Some(match dtype {
        DataType::F32 => "TYPE_FP32",
        DataType::U8 => "TYPE_UINT8",
        DataType::I8 => "TYPE_INT8",
        DataType::U16 => "TYPE_UINT16",
        DataType::I16 => "TYPE_INT16",
        DataType::I32 => "TYPE_INT32",
        DataType::I64 => "TYPE_INT64",
        DataType::Text => "TYPE_STRING",
        DataType::Bool => "TYPE_BOOL",
        DataType::F16 => "TYPE_FP16",
        DataType::F64 => "TYPE_FP64",
        DataType::U32 => "TYPE_UINT32",
        DataType::U64 => "TYPE_UINT64",
        DataType::Bf16 => "TYPE_BF16",
        _ => return None,
    })
}
