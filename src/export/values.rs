//! The tensors that an exported forward pass takes and returns.

use burn::backend::capture::{CaptureBackend, TensorId};
use burn::backend::{DType, TensorData};
use burn::tensor::{Bool, Device, Float, Int, Tensor};

use super::constant::onnx_type;
use crate::onnx::DataType;

/// The shape and element type of one sample tensor.
#[derive(Debug, Clone, PartialEq)]
#[doc(hidden)]
pub struct Spec {
    pub dims: Vec<usize>,
    pub dtype: DType,
}

impl Spec {
    /// The element type that the model declares. Integers of every width are i64 there.
    pub(crate) fn declared(&self) -> Option<DataType> {
        match self.dtype {
            dtype if dtype.is_int() || dtype.is_uint() => Some(DataType::I64),
            dtype => onnx_type(dtype),
        }
    }
}

/// A tensor, or a tuple or vector of tensors: what a forward pass takes and returns.
///
/// Implemented for float, int and bool [`Tensor`]s of every rank, for tuples of one to eight values, for vectors, and
/// for any nesting of these. The tensors, from left to right, are the model's inputs or outputs in that order.
pub trait Values: Clone {
    #[doc(hidden)]
    fn specs(&self, out: &mut Vec<Spec>);
    #[doc(hidden)]
    fn to_capture(&self, device: &Device) -> Self;
    #[doc(hidden)]
    fn ids(&self, out: &mut Vec<Result<TensorId, String>>);
    #[doc(hidden)]
    fn data(&self, out: &mut Vec<TensorData>);
    #[doc(hidden)]
    fn rebuilt(&self, data: &mut dyn Iterator<Item = TensorData>) -> Self;
}

macro_rules! tensor_values {
    ($kind:ty, |$tensor:ident, $device:ident| $capture:expr, |$data:ident| $plain:expr) => {
        impl<const D: usize> Values for Tensor<D, $kind> {
            fn specs(&self, out: &mut Vec<Spec>) {
                out.push(Spec { dims: self.dims().to_vec(), dtype: self.dtype() });
            }

            fn to_capture(&self, $device: &Device) -> Self {
                let $tensor = self.clone().without_autodiff();
                $capture
            }

            fn ids(&self, out: &mut Vec<Result<TensorId, String>>) {
                out.push(
                    self.clone()
                        .try_into_primitive::<CaptureBackend>()
                        .map(|primitive| primitive.id())
                        .map_err(|error| format!("{error:?}")),
                );
            }

            fn data(&self, out: &mut Vec<TensorData>) {
                let $data = self.to_data();
                out.push($plain);
            }

            fn rebuilt(&self, data: &mut dyn Iterator<Item = TensorData>) -> Self {
                let data = data.next().expect("a value for every sample tensor");
                Tensor::from_data(data, (&self.device(), self.dtype()))
            }
        }
    };
}

tensor_values!(Float, |tensor, device| tensor.to_device(device), |data| data);
tensor_values!(
    Int,
    |tensor, device| Tensor::from_data(tensor.to_data().convert::<i64>(), (device, DType::I64)),
    |data| data.convert::<i64>()
);
tensor_values!(Bool, |tensor, device| tensor.to_device(device), |data| data.convert::<bool>());

impl<T: Values> Values for Vec<T> {
    fn specs(&self, out: &mut Vec<Spec>) {
        self.iter().for_each(|value| value.specs(out));
    }

    fn to_capture(&self, device: &Device) -> Self {
        self.iter().map(|value| value.to_capture(device)).collect()
    }

    fn ids(&self, out: &mut Vec<Result<TensorId, String>>) {
        self.iter().for_each(|value| value.ids(out));
    }

    fn data(&self, out: &mut Vec<TensorData>) {
        self.iter().for_each(|value| value.data(out));
    }

    fn rebuilt(&self, data: &mut dyn Iterator<Item = TensorData>) -> Self {
        self.iter().map(|value| value.rebuilt(data)).collect()
    }
}

macro_rules! tuple_values {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Values),+> Values for ($($name,)+) {
            fn specs(&self, out: &mut Vec<Spec>) {
                $(self.$index.specs(out);)+
            }

            fn to_capture(&self, device: &Device) -> Self {
                ($(self.$index.to_capture(device),)+)
            }

            fn ids(&self, out: &mut Vec<Result<TensorId, String>>) {
                $(self.$index.ids(out);)+
            }

            fn data(&self, out: &mut Vec<TensorData>) {
                $(self.$index.data(out);)+
            }

            fn rebuilt(&self, data: &mut dyn Iterator<Item = TensorData>) -> Self {
                ($(self.$index.rebuilt(data),)+)
            }
        }
    };
}

tuple_values!(A 0);
tuple_values!(A 0, B 1);
tuple_values!(A 0, B 1, C 2);
tuple_values!(A 0, B 1, C 2, D 3);
tuple_values!(A 0, B 1, C 2, D 3, E 4);
tuple_values!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple_values!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple_values!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

/// Data of the same shape and type in which every value is another one.
pub(crate) fn altered(data: &TensorData) -> TensorData {
    let (dtype, shape) = (data.dtype(), data.shape().clone());
    if dtype.is_float() {
        let values: Vec<f64> = data.iter::<f64>().map(|value| 0.5 * value + 0.37).collect();
        TensorData::new(values, shape).convert_dtype(dtype)
    } else if dtype.is_bool() {
        TensorData::new(data.iter::<bool>().map(|value| !value).collect::<Vec<bool>>(), shape)
    } else {
        let values: Vec<i64> = data.iter::<i64>().map(|value| value ^ 1).collect();
        TensorData::new(values, shape).convert_dtype(dtype)
    }
}

/// The data with one axis of length `size`: repeated where it is longer than before, cut off where it is shorter.
pub(crate) fn resize_axis(data: &TensorData, axis: usize, size: usize) -> TensorData {
    let dims: Vec<usize> = data.shape().iter().copied().collect();
    let outer: usize = dims[..axis].iter().product();
    if dims[axis] == 0 {
        let mut new_dims = dims;
        new_dims[axis] = size;
        let bytes = new_dims.iter().product::<usize>() * data.dtype().size();
        return TensorData::from_bytes_vec(vec![0; bytes], new_dims, data.dtype());
    }
    let bytes = data.as_bytes();
    let row = bytes.len().checked_div(outer * dims[axis]).unwrap_or(0);
    let mut resized = Vec::with_capacity(outer * size * row);
    for block in 0..outer {
        for i in 0..size {
            let at = (block * dims[axis] + i % dims[axis].max(1)) * row;
            resized.extend_from_slice(&bytes[at..at + row]);
        }
    }
    let mut new_dims = dims;
    new_dims[axis] = size;
    TensorData::from_bytes_vec(resized, new_dims, data.dtype())
}
