//! What is known of a tensor before a model is run.

use super::num::Num;
use crate::onnx::dtype::DataType;
use crate::onnx::tensor::Tensor;

/// Tensors of more elements than this are known by their shape alone: no shape or padding has as many.
pub(super) const FEW: usize = 32;

/// The elements of a small tensor, as far as they are known.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Data {
    #[default]
    Unknown,
    Ints(Vec<Num>),
    Floats(Vec<f64>),
}

/// What is known of a tensor.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Value {
    pub dims: Vec<Num>,
    pub data: Data,
}

impl Value {
    /// A tensor of that shape and unknown elements.
    pub fn new(dims: impl Into<Vec<Num>>) -> Self {
        Self { dims: dims.into(), data: Data::Unknown }
    }

    /// A tensor of that shape and those elements; they are forgotten where there are many, or not as many as the shape says.
    pub fn of_ints(dims: impl Into<Vec<Num>>, ints: Vec<Num>) -> Self {
        let dims = dims.into();
        let fits = ints.len() <= FEW && Num::product(&dims) == Some(Num::fixed(ints.len() as i64));
        Self { dims, data: if fits { Data::Ints(ints) } else { Data::Unknown } }
    }

    /// A stored tensor. Only integers of 64 bits are followed: sums of narrower ones wrap around.
    pub fn stored(tensor: &Tensor) -> Self {
        let dims: Vec<Num> =
            tensor.dims.iter().map(|size| Num::fixed(i64::try_from(*size).unwrap_or(i64::MAX))).collect();
        let few = tensor.elements().is_some_and(|count| count <= FEW);
        let data = match tensor.dtype {
            DataType::I64 if few => {
                Data::Ints(tensor.data.as_chunks().0.iter().map(|n| Num::fixed(i64::from_le_bytes(*n))).collect())
            }
            DataType::F32 if few => {
                Data::Floats(tensor.data.as_chunks().0.iter().map(|n| f32::from_le_bytes(*n).into()).collect())
            }
            _ => Data::Unknown,
        };
        Self { dims, data }
    }

    /// Its elements, where they are known integers.
    pub fn ints(&self) -> Option<&[Num]> {
        match &self.data {
            Data::Ints(ints) => Some(ints),
            _ => None,
        }
    }

    /// How many elements it has for a batch of one; `None` where 63 bits do not hold the number.
    pub fn elements(&self) -> Option<u64> {
        let of_one: Vec<_> = self.dims.iter().map(|dim| Num::fixed(dim.of_one())).collect();
        Num::product(&of_one)?.of_one().try_into().ok()
    }
}
