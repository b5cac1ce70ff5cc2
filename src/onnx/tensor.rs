//! Tensors stored in a model.

use bytes::Bytes;

use super::dtype::DataType;

/// A tensor of known values. A clone shares them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tensor {
    /// The element type.
    pub dtype: DataType,
    /// The shape.
    pub dims: Vec<usize>,
    /// The elements, little-endian, last dimension fastest.
    pub data: Bytes,
}

impl Tensor {
    /// How many elements the shape has; `None` where a `usize` does not hold the number.
    pub fn elements(&self) -> Option<usize> {
        self.dims.iter().try_fold(1_usize, |product, size| product.checked_mul(*size))
    }
}
