//! Tensors to and from ONNX Runtime's.

use half::{bf16, f16};
use ort::session::{IoBinding, SessionInputValue};
use ort::value::{DynValue, TensorRef, TensorRefMut};

use super::text;
use crate::bundle::onnx::ElementType;
use crate::runtime::tensor::{Tensor, TensorView, TensorViewMut, each_type};

macro_rules! whole {
    ($($variant:ident $element:ident $number:literal),*) => {
        pub(super) enum Whole<'a> {
            $($variant(ndarray::CowArray<'a, $element, ndarray::IxDyn>),)*
        }

        /// The tensor in one piece, copied only where it is not.
        pub(super) fn standard<'a>(view: &'a TensorView<'_>) -> Whole<'a> {
            match view {
                $(TensorView::$variant(array) => Whole::$variant(array.as_standard_layout()),)*
            }
        }

        pub(super) fn value<'a>(whole: &'a Whole<'_>) -> Result<SessionInputValue<'a>, String> {
            Ok(match whole {
                // A reference cannot hold an empty tensor.
                $(Whole::$variant(array) if array.is_empty() => {
                    ort::value::Tensor::from_array((array.shape(), Vec::<$element>::new())).map_err(text)?.into()
                })*
                $(Whole::$variant(array) => TensorRef::from_array_view(array.view()).map_err(text)?.into(),)*
            })
        }

        /// A copy of a tensor, as an input to bind. What is borrowed `ort` would copy itself, through a session of its own
        /// behind a lock on which callers at once can wait for each other for ever (2.0.0-rc.15).
        pub(super) fn copied(view: &TensorView<'_>) -> Result<DynValue, String> {
            match view {
                $(TensorView::$variant(array) => {
                    let values = array.as_slice().map_or_else(|| array.iter().copied().collect(), <[$element]>::to_vec);
                    Ok(ort::value::Tensor::from_array((array.shape(), values)).map_err(text)?.into_dyn())
                })*
            }
        }

        /// Lets an output be written straight into a buffer; says whether it can be, in one piece and not empty.
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

        pub(super) fn owned(value: &DynValue, dtype: ElementType) -> Result<Tensor, String> {
            match dtype.0 {
                $($number => Ok(Tensor::$variant(value.try_extract_array::<$element>().map_err(text)?.to_owned())),)*
                _ => Err(format!("an output of {dtype} cannot be read")),
            }
        }
    };
}
each_type!(whole);
