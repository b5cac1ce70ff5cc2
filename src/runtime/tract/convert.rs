//! Tensors to and from tract's.

use tract_onnx::prelude::*;

use crate::Result as OasisResult;
use crate::engine::{Tensor as Value, TensorView as View, TensorViewMut as ViewMut};
use crate::onnx::DataType;

/// The error for an element type that tract does not have.
pub(super) fn no_type(dtype: DataType) -> TractError {
    TractError::msg(format!("tract has no tensors of {dtype}"))
}

macro_rules! convert {
    ($($variant:ident $element:ident),*) => {
        pub(super) fn datum_type(dtype: DataType) -> Option<DatumType> {
            match dtype {
                $(DataType::$variant => Some(<$element>::datum_type()),)*
                _ => None,
            }
        }

        pub(super) fn to_tract(view: &View<'_>) -> TractResult<Tensor> {
            let shape = view.shape();
            match view {
                View::Bf16(_) => Err(no_type(view.dtype())),
                $(View::$variant(array) => match array.as_slice() {
                    Some(values) => Tensor::from_shape(shape, values),
                    None => Tensor::from_shape(shape, &array.iter().copied().collect::<Vec<_>>()),
                },)*
            }
        }

        /// A view of a tensor of one of these types.
        pub(super) fn view(tensor: &Tensor) -> TractResult<View<'_>> {
            $(if Some(tensor.datum_type()) == datum_type(DataType::$variant) {
                return Ok(View::$variant(tensor.to_plain_array_view::<$element>()?));
            })*
            Err(TractError::msg(format!("a tensor of {:?}", tensor.datum_type())))
        }

        /// The type by ONNX's number; `None` for one of tract's own.
        pub(super) fn element_type(dtype: DatumType) -> Option<DataType> {
            [$(DataType::$variant),*].into_iter().find(|number| datum_type(*number) == Some(dtype))
        }

        /// Copies a value into a buffer; `name` is what an error calls it.
        pub(super) fn write_into(value: TValue, name: &str, buffer: &mut ViewMut<'_>) -> TractResult<OasisResult<()>> {
            if value.datum_type() != datum_type(buffer.dtype()).unwrap_or(DatumType::TDim)
                || value.shape() != buffer.shape()
            {
                return Ok(buffer.assign(name, &from_tract(value)?.view()));
            }
            match buffer {
                $(ViewMut::$variant(array) => array.assign(&value.to_plain_array_view::<$element>()?),)*
                ViewMut::Bf16(_) => return Err(no_type(buffer.dtype())),
            }
            Ok(Ok(()))
        }

        pub(super) fn from_tract(value: TValue) -> TractResult<Value> {
            let tensor = value.into_tensor();
            let shape = tensor.shape().to_vec();
            $(if Some(tensor.datum_type()) == datum_type(DataType::$variant) {
                let values = tensor.to_plain_array_view::<$element>()?.iter().copied().collect();
                return Ok(Value::$variant(ndarray::ArrayD::from_shape_vec(shape, values)?));
            })*
            let tensor = tensor.cast_to::<i64>()?;
            let values = tensor.to_plain_array_view::<i64>()?.iter().copied().collect();
            Ok(Value::I64(ndarray::ArrayD::from_shape_vec(shape, values)?))
        }
    };
}
convert! {
    F32 f32, F64 f64, F16 f16, I64 i64, I32 i32, I16 i16, I8 i8, U64 u64, U32 u32, U16 u16, U8 u8, Bool bool
}
