//! Stored tensors of Burn's values.

use burn::backend::ir::ScalarIr;
use burn::backend::{DType, TensorData, bf16, f16};

use crate::onnx::{DataType, Tensor};

/// The ONNX type that holds a Burn type; none for quantised types.
pub(crate) fn onnx_type(dtype: DType) -> Option<DataType> {
    Some(match dtype {
        DType::F32 | DType::Flex32 => DataType::F32,
        DType::F64 => DataType::F64,
        DType::F16 => DataType::F16,
        DType::BF16 => DataType::Bf16,
        DType::I64 => DataType::I64,
        DType::I32 => DataType::I32,
        DType::I16 => DataType::I16,
        DType::I8 => DataType::I8,
        DType::U64 => DataType::U64,
        DType::U32 => DataType::U32,
        DType::U16 => DataType::U16,
        DType::U8 => DataType::U8,
        DType::Bool(_) => DataType::Bool,
        DType::QFloat(_) => return None,
    })
}

/// The values of a Burn tensor; none for quantised ones.
pub(crate) fn from_data(data: &TensorData) -> Option<Tensor> {
    let dtype = onnx_type(data.dtype())?;
    let dims = data.shape().iter().copied().collect();
    let data = match dtype {
        DataType::Bool => data.iter::<bool>().map(u8::from).collect(),
        _ => data.as_bytes().to_vec().into(),
    };
    Some(Tensor { dtype, dims, data })
}

/// A one-dimensional i64 tensor: shapes, axes, bounds.
pub(crate) fn i64s(values: &[i64]) -> Tensor {
    of(DataType::I64, &[values.len()], values.iter().flat_map(|v| v.to_le_bytes()))
}

/// A tensor of 32-bit floats.
pub(crate) fn f32s(dims: &[usize], values: &[f32]) -> Tensor {
    of(DataType::F32, dims, values.iter().flat_map(|v| v.to_le_bytes()))
}

/// A tensor of truth values.
pub(crate) fn bools(dims: &[usize], values: &[bool]) -> Tensor {
    of(DataType::Bool, dims, values.iter().map(|v| u8::from(*v)))
}

/// A tensor of the elements with these bytes.
pub(crate) fn of(dtype: DataType, dims: &[usize], bytes: impl Iterator<Item = u8>) -> Tensor {
    Tensor { dtype, dims: dims.to_vec(), data: bytes.collect() }
}

/// A tensor without dimensions.
pub(crate) fn scalar(dtype: DataType, value: ScalarIr) -> Tensor {
    Tensor { dtype, dims: Vec::new(), data: scalar_bytes(dtype, value).into() }
}

/// A tensor with one element and one dimension, as `ConstantOfShape` wants its value.
pub(crate) fn single(dtype: DataType, value: ScalarIr) -> Tensor {
    Tensor { dims: vec![1], ..scalar(dtype, value) }
}

/// The same values in 16 bits, where the tensor holds 32-bit floats that all fit exactly.
pub(crate) fn halved(tensor: &Tensor) -> Option<Tensor> {
    if tensor.dtype != DataType::F32 {
        return None;
    }
    let mut bytes = Vec::with_capacity(tensor.data.len() / 2);
    for wide in tensor.data.as_chunks::<4>().0 {
        let wide = f32::from_le_bytes(*wide);
        let half = f16::from_f32(wide);
        if half.to_f32().to_bits() != wide.to_bits() {
            return None;
        }
        bytes.extend(half.to_le_bytes());
    }
    Some(Tensor { dtype: DataType::F16, dims: tensor.dims.clone(), data: bytes.into() })
}

/// How many elements the exporter's own tensor holds.
pub(crate) fn elements(tensor: &Tensor) -> usize {
    tensor.dims.iter().product()
}

/// A number's bytes; a type that Burn does not have has none.
fn scalar_bytes(dtype: DataType, value: ScalarIr) -> Vec<u8> {
    match dtype {
        DataType::F32 => value.elem::<f32>().to_le_bytes().to_vec(),
        DataType::F64 => value.elem::<f64>().to_le_bytes().to_vec(),
        DataType::F16 => value.elem::<f16>().to_le_bytes().to_vec(),
        DataType::Bf16 => value.elem::<bf16>().to_le_bytes().to_vec(),
        DataType::I64 => value.elem::<i64>().to_le_bytes().to_vec(),
        DataType::I32 => value.elem::<i32>().to_le_bytes().to_vec(),
        DataType::I16 => value.elem::<i16>().to_le_bytes().to_vec(),
        DataType::I8 => value.elem::<i8>().to_le_bytes().to_vec(),
        DataType::U64 => value.elem::<u64>().to_le_bytes().to_vec(),
        DataType::U32 => value.elem::<u32>().to_le_bytes().to_vec(),
        DataType::U16 => value.elem::<u16>().to_le_bytes().to_vec(),
        DataType::U8 => value.elem::<u8>().to_le_bytes().to_vec(),
        DataType::Bool => vec![u8::from(value.elem::<bool>())],
        _ => Vec::new(),
    }
}
