//! A model's stored tensors as tensors to compute with.

use half::{bf16, f16};
use ndarray::ArrayD;

use super::tensor::{Tensor, each_type};
use crate::onnx::{self, DataType};

/// A number or truth value of a stored tensor.
trait Element: Clone {
    /// The element of these little-endian bytes, as many as it takes.
    fn read(bytes: &[u8]) -> Self;
}

macro_rules! numbers {
    ($($element:ident)*) => {$(
        impl Element for $element {
            fn read(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<Self>()];
                own.copy_from_slice(bytes);
                Self::from_le_bytes(own)
            }
        }
    )*};
}
numbers!(f32 f64 f16 bf16 i64 i32 i16 i8 u64 u32 u16 u8);

impl Element for bool {
    fn read(bytes: &[u8]) -> Self {
        bytes != [0]
    }
}

macro_rules! repeated {
    ($($variant:ident $element:ident),*) => {
        /// A stored tensor, repeated to a shape along its axes of size 1. `None` where it cannot be, or is of a type that
        /// tensors here do not hold.
        pub(super) fn repeated(stored: &onnx::Tensor, shape: &[usize]) -> Option<Tensor> {
            match stored.dtype {
                $(DataType::$variant => {
                    let values = stored.data.chunks_exact(size_of::<$element>()).map(<$element as Element>::read).collect();
                    let stored = ArrayD::from_shape_vec(stored.dims.clone(), values).ok()?;
                    let repeated = stored.broadcast(shape)?.as_standard_layout().into_owned();
                    Some(Tensor::$variant(repeated))
                })*
                _ => None,
            }
        }
    };
}
each_type!(repeated);

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use ndarray::arr2;

    use super::*;

    #[test]
    fn stored_values_are_read_and_repeated() {
        let stored = |dtype, dims: &[usize], data: &[u8]| onnx::Tensor {
            dtype,
            dims: dims.to_vec(),
            data: Bytes::copy_from_slice(data),
        };
        let halves = stored(DataType::F16, &[1, 2], &[0, 0x3c, 0, 0xc0]);
        let [one, two] = [f16::from_f32(1.0), f16::from_f32(-2.0)];
        assert_eq!(repeated(&halves, &[2, 2]), Some(Tensor::F16(arr2(&[[one, two]; 2]).into_dyn())));
        assert_eq!(repeated(&halves, &[2, 3]), None);
        let truth = stored(DataType::Bool, &[2, 1], &[0, 1]);
        assert_eq!(repeated(&truth, &[2, 2]), Some(Tensor::Bool(arr2(&[[false; 2], [true; 2]]).into_dyn())));
        let longs = stored(DataType::I64, &[1], &(-7_i64).to_le_bytes());
        assert_eq!(repeated(&longs, &[1]), Some(Tensor::I64(ndarray::arr1(&[-7]).into_dyn())));
        assert_eq!(repeated(&stored(DataType::C64, &[1], &[0; 8]), &[1]), None);
        assert_eq!(
            repeated(&stored(DataType::F32, &[1, 0], &[]), &[4, 0]),
            Some(Tensor::F32(ArrayD::zeros(vec![4, 0])))
        );
    }
}
