//! Tensors to and from ONNX Runtime's.

use half::{bf16, f16};
use ort::memory::Allocator;
use ort::session::{IoBinding, SessionInputValue};
use ort::value::{DynValue, TensorRef, TensorRefMut};

use super::text::text;
use crate::engine::{Tensor, TensorView, TensorViewMut, each_type};
use crate::onnx::DataType;

macro_rules! whole {
    ($($variant:ident $element:ident),*) => {
        /// A tensor in one contiguous piece.
        pub(super) enum Whole<'a> {
            $($variant(ndarray::CowArray<'a, $element, ndarray::IxDyn>),)*
        }

        /// The tensor in one contiguous piece, copied only where it is not contiguous.
        pub(super) fn standard<'a>(view: &'a TensorView<'_>) -> Whole<'a> {
            match view {
                $(TensorView::$variant(array) => Whole::$variant(array.as_standard_layout()),)*
            }
        }

        /// The tensor as an input of a session.
        pub(super) fn value<'a>(whole: &'a Whole<'_>) -> Result<SessionInputValue<'a>, String> {
            Ok(match whole {
                // A reference cannot hold an empty tensor.
                $(Whole::$variant(array) if array.is_empty() => {
                    ort::value::Tensor::from_array((array.shape(), Vec::<$element>::new())).map_err(text)?.into()
                })*
                $(Whole::$variant(array) => TensorRef::from_array_view(array.view()).map_err(text)?.into(),)*
            })
        }

        /// A copy of a tensor, as an input to bind. `ort` 2.0.0-rc.15 would copy a borrowed tensor itself, through a session
        /// of its own behind a lock, on which two callers can wait for each other for ever.
        pub(super) fn copied(view: &TensorView<'_>) -> Result<DynValue, String> {
            match view {
                $(TensorView::$variant(array) => {
                    let values = array.as_slice().map_or_else(|| array.iter().copied().collect(), <[$element]>::to_vec);
                    Ok(ort::value::Tensor::from_array((array.shape(), values)).map_err(text)?.into_dyn())
                })*
            }
        }

        /// Binds an output to a buffer. `false` where it cannot be: the buffer is not contiguous, or empty.
        pub(super) fn bind_output(
            binding: &mut IoBinding,
            name: &str,
            buffer: &mut TensorViewMut<'_>,
        ) -> Result<bool, String> {
            match buffer {
                $(TensorViewMut::$variant(array) => {
                    let shape = array.shape().to_vec();
                    let Some(values) = array.as_slice_mut().filter(|values| !values.is_empty()) else {
                        return Ok(false);
                    };
                    let tensor = TensorRefMut::from_array_view_mut((shape, values)).map_err(text)?;
                    binding.bind_output(name, tensor).map_err(text)?;
                })*
            }
            Ok(true)
        }

        /// A tensor of zeros in memory of ONNX Runtime, which an output can be bound to.
        pub(super) fn room(dtype: DataType, shape: &[usize]) -> Result<DynValue, String> {
            let allocator = Allocator::default();
            match dtype {
                $(DataType::$variant => {
                    Ok(ort::value::Tensor::<$element>::new(&allocator, shape.to_vec()).map_err(text)?.into_dyn())
                })*
                _ => Err(format!("no tensor of {dtype} can be made")),
            }
        }

        /// A view of a tensor, which is of type `dtype`.
        pub(super) fn view(value: &DynValue, dtype: DataType) -> Result<TensorView<'_>, String> {
            // An empty tensor may lie nowhere.
            let empty = value.dtype().tensor_shape().filter(|shape| shape.contains(&0)).map(|shape| shape.to_ixdyn());
            match (dtype, empty) {
                $(
                    (DataType::$variant, None) => {
                        Ok(TensorView::$variant(value.try_extract_array::<$element>().map_err(text)?))
                    }
                    (DataType::$variant, Some(shape)) => {
                        let none: &[$element] = &[];
                        let view = ndarray::ArrayViewD::from_shape(shape, none).map_err(|why| why.to_string())?;
                        Ok(TensorView::$variant(view))
                    }
                )*
                _ => Err(format!("an output of {dtype} cannot be read")),
            }
        }

        /// A copy of an output, which is of type `dtype`.
        pub(super) fn owned(value: &DynValue, dtype: DataType) -> Result<Tensor, String> {
            Ok(match view(value, dtype)? {
                $(TensorView::$variant(array) => Tensor::$variant(array.to_owned()),)*
            })
        }
    };
}
each_type!(whole);
