//! Tensors to and from Burn's.

use burn::tensor::TensorData;
use half::{bf16, f16};
use ndarray::ArrayD;

use crate::engine::{Tensor, TensorView, each_type};
use crate::onnx::DataType;

macro_rules! convert {
    ($($variant:ident $element:ident),*) => {
        /// A copy of the tensor, since Burn owns what it computes with.
        pub(super) fn to_burn(view: &TensorView<'_>) -> TensorData {
            let shape = view.shape().to_vec();
            match view {
                $(TensorView::$variant(array) => match array.as_slice() {
                    Some(values) => TensorData::new(values.to_vec(), shape),
                    None => TensorData::new(array.iter().copied().collect::<Vec<$element>>(), shape),
                },)*
            }
        }

        /// The tensor with elements of type `dtype`, copied only where it has another type.
        pub(super) fn from_burn(data: TensorData, dtype: DataType) -> Result<Tensor, String> {
            let shape: Vec<usize> = data.shape().iter().copied().collect();
            match dtype {
                $(DataType::$variant => {
                    let values = data.try_into_vec_as::<$element>().map_err(|why| why.to_string())?;
                    ArrayD::from_shape_vec(shape, values).map(Tensor::$variant).map_err(|why| why.to_string())
                })*
                _ => Err(format!("an output of {dtype} cannot be read")),
            }
        }
    };
}
each_type!(convert);
