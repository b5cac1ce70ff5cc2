//! Tensors stored inside a model, and the element types ONNX and Burn share.

use burn::backend::ir::ScalarIr;
use burn::backend::{DType, TensorData, bf16, f16};

/// The element type of an ONNX tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DataType {
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 16-bit IEEE float.
    F16,
    /// 16-bit brain float.
    Bf16,
    /// 64-bit signed integer.
    I64,
    /// 32-bit signed integer.
    I32,
    /// 16-bit signed integer.
    I16,
    /// 8-bit signed integer.
    I8,
    /// 64-bit unsigned integer.
    U64,
    /// 32-bit unsigned integer.
    U32,
    /// 16-bit unsigned integer.
    U16,
    /// 8-bit unsigned integer.
    U8,
    /// Truth value, one byte each.
    Bool,
}

impl DataType {
    /// The ONNX type that holds a Burn type; nothing for quantised types.
    pub(crate) fn from_burn(dtype: DType) -> Option<Self> {
        Some(match dtype {
            DType::F32 | DType::Flex32 => Self::F32,
            DType::F64 => Self::F64,
            DType::F16 => Self::F16,
            DType::BF16 => Self::Bf16,
            DType::I64 => Self::I64,
            DType::I32 => Self::I32,
            DType::I16 => Self::I16,
            DType::I8 => Self::I8,
            DType::U64 => Self::U64,
            DType::U32 => Self::U32,
            DType::U16 => Self::U16,
            DType::U8 => Self::U8,
            DType::Bool(_) => Self::Bool,
            DType::QFloat(_) => return None,
        })
    }

    /// Every type.
    pub(crate) const ALL: [Self; 13] = [
        Self::F32,
        Self::F64,
        Self::F16,
        Self::Bf16,
        Self::I64,
        Self::I32,
        Self::I16,
        Self::I8,
        Self::U64,
        Self::U32,
        Self::U16,
        Self::U8,
        Self::Bool,
    ];

    /// The number ONNX gives the type in `TensorProto.DataType`.
    pub fn onnx(self) -> i32 {
        match self {
            Self::F32 => 1,
            Self::U8 => 2,
            Self::I8 => 3,
            Self::U16 => 4,
            Self::I16 => 5,
            Self::I32 => 6,
            Self::I64 => 7,
            Self::Bool => 9,
            Self::F16 => 10,
            Self::F64 => 11,
            Self::U32 => 12,
            Self::U64 => 13,
            Self::Bf16 => 16,
        }
    }

    /// Bytes an element takes.
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }

    /// Whether the type holds fractions.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64 | Self::F16 | Self::Bf16)
    }

    /// The short name used in summaries: `f32`, `i64`, `bool`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::I64 => "i64",
            Self::I32 => "i32",
            Self::I16 => "i16",
            Self::I8 => "i8",
            Self::U64 => "u64",
            Self::U32 => "u32",
            Self::U16 => "u16",
            Self::U8 => "u8",
            Self::Bool => "bool",
        }
    }
}

/// A tensor of known values: little-endian elements, last dimension fastest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Constant {
    pub dtype: DataType,
    pub dims: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Constant {
    /// The values of a Burn tensor; nothing for quantised ones.
    pub fn from_data(data: &TensorData) -> Option<Self> {
        let dtype = DataType::from_burn(data.dtype())?;
        let dims = data.shape().iter().copied().collect();
        let bytes = match dtype {
            DataType::Bool => data.iter::<bool>().map(u8::from).collect(),
            _ => data.as_bytes().to_vec(),
        };
        Some(Self { dtype, dims, bytes })
    }

    /// A one-dimensional i64 tensor: shapes, axes, bounds.
    pub fn i64s(values: &[i64]) -> Self {
        Self {
            dtype: DataType::I64,
            dims: vec![values.len()],
            bytes: values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        }
    }

    /// A one-dimensional f32 tensor.
    pub fn f32s(dims: &[usize], values: &[f32]) -> Self {
        Self { dtype: DataType::F32, dims: dims.to_vec(), bytes: values.iter().flat_map(|v| v.to_le_bytes()).collect() }
    }

    /// Truth values.
    pub fn bools(dims: &[usize], values: &[bool]) -> Self {
        Self { dtype: DataType::Bool, dims: dims.to_vec(), bytes: values.iter().map(|v| u8::from(*v)).collect() }
    }

    /// A tensor without dimensions.
    pub fn scalar(dtype: DataType, value: ScalarIr) -> Self {
        Self { dtype, dims: Vec::new(), bytes: scalar_bytes(dtype, value) }
    }

    /// A tensor with one element and one dimension, as `ConstantOfShape` wants its value.
    pub fn single(dtype: DataType, value: ScalarIr) -> Self {
        Self { dims: vec![1], ..Self::scalar(dtype, value) }
    }

    /// The same values in 16 bits, where it holds 32-bit floats that all fit exactly.
    pub fn halved(&self) -> Option<Self> {
        if self.dtype != DataType::F32 {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.bytes.len() / 2);
        for wide in self.bytes.as_chunks::<4>().0 {
            let wide = f32::from_le_bytes(*wide);
            let half = f16::from_f32(wide);
            if half.to_f32().to_bits() != wide.to_bits() {
                return None;
            }
            bytes.extend(half.to_le_bytes());
        }
        Some(Self { dtype: DataType::F16, dims: self.dims.clone(), bytes })
    }

    /// How many elements it holds.
    pub fn elements(&self) -> usize {
        self.dims.iter().product()
    }
}

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
    }
}
