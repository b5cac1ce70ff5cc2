//! What engines are given, and what they give back.

use burn::backend::TensorData;
use burn::tensor::Element;
use ndarray::{ArrayD, IxDyn};

use super::constant::{from_data, onnx_type};
use crate::engine::{Engine, Session, Tensor};
use crate::onnx::{self, DataType, Model, ModelFile};
use crate::{Error, ErrorKind, Result};

/// A model, loaded by an engine.
pub(crate) fn load(engine: &dyn Engine, model: &Model) -> Result<Box<dyn Session>> {
    engine.load(&ModelFile::from_model(&model.graph.name, model.clone())?)
}

/// Burn's named tensors for an engine.
///
/// # Errors
///
/// Those of [`to_engine`].
pub(crate) fn named_tensors(inputs: &[(String, TensorData)]) -> Result<Vec<(&str, Tensor)>> {
    inputs.iter().map(|(name, data)| Ok((name.as_str(), to_engine(data)?))).collect()
}

/// Burn's tensor for an engine.
pub(crate) fn to_engine(data: &TensorData) -> Result<Tensor> {
    let unknown = || refused(data, "ONNX has no element type for it");
    Ok(match onnx_type(data.dtype()).ok_or_else(unknown)? {
        DataType::F32 => Tensor::F32(array(data)?),
        DataType::F64 => Tensor::F64(array(data)?),
        DataType::F16 => Tensor::F16(array(data)?),
        DataType::Bf16 => Tensor::Bf16(array(data)?),
        DataType::I64 => Tensor::I64(array(data)?),
        DataType::I32 => Tensor::I32(array(data)?),
        DataType::I16 => Tensor::I16(array(data)?),
        DataType::I8 => Tensor::I8(array(data)?),
        DataType::U64 => Tensor::U64(array(data)?),
        DataType::U32 => Tensor::U32(array(data)?),
        DataType::U16 => Tensor::U16(array(data)?),
        DataType::U8 => Tensor::U8(array(data)?),
        DataType::Bool => Tensor::Bool(array(data)?),
        _ => return Err(unknown()),
    })
}

/// An engine's tensor for Burn.
pub(crate) fn to_burn(tensor: &Tensor) -> TensorData {
    match tensor {
        Tensor::F32(array) => data(array),
        Tensor::F64(array) => data(array),
        Tensor::F16(array) => data(array),
        Tensor::Bf16(array) => data(array),
        Tensor::I64(array) => data(array),
        Tensor::I32(array) => data(array),
        Tensor::I16(array) => data(array),
        Tensor::I8(array) => data(array),
        Tensor::U64(array) => data(array),
        Tensor::U32(array) => data(array),
        Tensor::U16(array) => data(array),
        Tensor::U8(array) => data(array),
        Tensor::Bool(array) => data(array),
    }
}

/// An engine's tensor for a model.
pub(crate) fn to_model(tensor: &Tensor) -> Option<onnx::Tensor> {
    from_data(&to_burn(tensor))
}

fn array<T: Element>(data: &TensorData) -> Result<ArrayD<T>> {
    let shape = IxDyn(data.shape().as_slice());
    ArrayD::from_shape_vec(shape, data.iter::<T>().collect()).map_err(|why| refused(data, &why.to_string()))
}

fn data<T: Element>(array: &ArrayD<T>) -> TensorData {
    TensorData::new(array.iter().copied().collect::<Vec<T>>(), array.shape().to_vec())
}

fn refused(data: &TensorData, why: &str) -> Error {
    let tensor = format!("a tensor of {:?}", data.dtype());
    Error::new(ErrorKind::Check, "cannot run the model on", tensor, why)
}
