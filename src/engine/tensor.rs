//! The values that go into and come out of a session.

use half::{bf16, f16};
use ndarray::{ArrayBase, ArrayD, ArrayViewD, ArrayViewMutD, Data, DataMut, Dimension};

use crate::onnx::DataType;
use crate::{Error, ErrorKind, Result, Subject};

/// Hands a macro every element type that tensors here hold: the name of its variant, as in [`DataType`], and its Rust
/// type.
macro_rules! each_type {
    ($apply:ident) => {
        $apply! {
            F32 f32, F64 f64, F16 f16, Bf16 bf16, I64 i64, I32 i32, I16 i16, I8 i8,
            U64 u64, U32 u32, U16 u16, U8 u8, Bool bool
        }
    };
}
pub(crate) use each_type;

macro_rules! tensors {
    ($($variant:ident $element:ident),*) => {
        /// An owned tensor.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Tensor {
            $(#[doc = concat!("Elements of type `", stringify!($element), "`.")] $variant(ArrayD<$element>),)*
        }

        /// A borrowed tensor.
        #[derive(Debug, Clone, PartialEq)]
        pub enum TensorView<'a> {
            $(#[doc = concat!("Elements of type `", stringify!($element), "`.")] $variant(ArrayViewD<'a, $element>),)*
        }

        /// A borrowed tensor to write into.
        #[derive(Debug)]
        pub enum TensorViewMut<'a> {
            $(#[doc = concat!("Elements of type `", stringify!($element), "`.")]
            $variant(ArrayViewMutD<'a, $element>),)*
        }

        impl Tensor {
            /// A tensor of zeros; `None` for an element type that no tensor here holds.
            pub fn zeros(dtype: DataType, shape: &[usize]) -> Option<Self> {
                match dtype {
                    $(DataType::$variant => Some(Self::$variant(ArrayD::default(shape))),)*
                    _ => None,
                }
            }

            /// A view of it.
            pub fn view(&self) -> TensorView<'_> {
                match self {
                    $(Self::$variant(array) => TensorView::$variant(array.view()),)*
                }
            }

            /// A view of it to write into.
            pub fn view_mut(&mut self) -> TensorViewMut<'_> {
                match self {
                    $(Self::$variant(array) => TensorViewMut::$variant(array.view_mut()),)*
                }
            }

            /// Its shape.
            pub fn shape(&self) -> &[usize] {
                match self {
                    $(Self::$variant(array) => array.shape(),)*
                }
            }

            /// Its element type.
            pub fn dtype(&self) -> DataType {
                match self {
                    $(Self::$variant(_) => DataType::$variant,)*
                }
            }
        }

        impl<'a> TensorViewMut<'a> {
            /// Its shape.
            pub fn shape(&self) -> &[usize] {
                match self {
                    $(Self::$variant(array) => array.shape(),)*
                }
            }

            /// Its element type.
            pub fn dtype(&self) -> DataType {
                match self {
                    $(Self::$variant(_) => DataType::$variant,)*
                }
            }

            /// A view of what is in it.
            pub fn view(&self) -> TensorView<'_> {
                match self {
                    $(Self::$variant(array) => TensorView::$variant(array.view()),)*
                }
            }

            /// A view of the same buffer with a shorter lifetime.
            pub fn reborrow(&mut self) -> TensorViewMut<'_> {
                match self {
                    $(Self::$variant(array) => TensorViewMut::$variant(array.view_mut()),)*
                }
            }

            /// Copies `values` into it; `name` is what an error calls it.
            ///
            /// # Errors
            /// [`ErrorKind::Model`] where type or shape differ.
            pub fn assign(&mut self, name: &str, values: &TensorView<'_>) -> Result<()> {
                if self.shape() != values.shape() {
                    return Err(wrong_shape(name, values.shape(), self.shape()));
                }
                match (self, values) {
                    $((Self::$variant(array), TensorView::$variant(values)) => array.assign(values),)*
                    (this, values) => return Err(wrong_type(name, values.dtype(), this.dtype())),
                }
                Ok(())
            }

            /// Its entries along the first dimension, each as a view of its own that keeps that dimension.
            ///
            /// # Panics
            /// Where it has no dimension.
            #[cfg(feature = "tract")]
            pub(crate) fn into_entries(self) -> Vec<TensorViewMut<'a>> {
                match self {
                    $(Self::$variant(array) => {
                        let mut rest = array;
                        let mut entries = Vec::with_capacity(rest.shape()[0]);
                        while rest.shape()[0] > 0 {
                            let (first, others) = rest.split_at(ndarray::Axis(0), 1);
                            entries.push(TensorViewMut::$variant(first));
                            rest = others;
                        }
                        entries
                    })*
                }
            }
        }

        impl TensorView<'_> {
            /// Its shape.
            pub fn shape(&self) -> &[usize] {
                match self {
                    $(Self::$variant(array) => array.shape(),)*
                }
            }

            /// Its element type.
            pub fn dtype(&self) -> DataType {
                match self {
                    $(Self::$variant(_) => DataType::$variant,)*
                }
            }

            /// A view of the same tensor with a shorter lifetime.
            pub fn reborrow(&self) -> TensorView<'_> {
                match self {
                    $(Self::$variant(array) => TensorView::$variant(array.view()),)*
                }
            }

            /// The part of `count` entries from `start` on along the first dimension.
            ///
            /// # Panics
            /// Where the dimension is shorter, or there is none.
            #[cfg(feature = "tract")]
            pub(crate) fn part(&self, start: usize, count: usize) -> TensorView<'_> {
                let range = ndarray::Slice::from(start..start + count);
                match self {
                    $(Self::$variant(array) => TensorView::$variant(array.slice_axis(ndarray::Axis(0), range)),)*
                }
            }
        }
    };
}
each_type!(tensors);

/// The error for a tensor of the wrong shape.
pub(crate) fn wrong_shape(name: &str, found: &[usize], expected: &[usize]) -> Error {
    let why = format!("found {found:?}, expected {expected:?}");
    Error::new(ErrorKind::Model, "wrong shape of tensor", Subject::tensor(name), why)
}

/// The error for a tensor of the wrong element type.
fn wrong_type(name: &str, found: DataType, expected: DataType) -> Error {
    let why = format!("found {found}, expected {expected}");
    Error::new(ErrorKind::Model, "wrong type of tensor", Subject::tensor(name), why)
}

impl<'a> TensorView<'a> {
    /// A view of an array of integers.
    pub fn integers<S: Data<Elem = i64>, D: Dimension>(array: &'a ArrayBase<S, D>) -> Self {
        Self::I64(array.view().into_dyn())
    }

    /// A view of an array of floats.
    pub fn floats<S: Data<Elem = f32>, D: Dimension>(array: &'a ArrayBase<S, D>) -> Self {
        Self::F32(array.view().into_dyn())
    }
}

impl<'a> TensorViewMut<'a> {
    /// A view of an array of integers.
    pub fn integers<S: DataMut<Elem = i64>, D: Dimension>(array: &'a mut ArrayBase<S, D>) -> Self {
        Self::I64(array.view_mut().into_dyn())
    }

    /// A view of an array of floats.
    pub fn floats<S: DataMut<Elem = f32>, D: Dimension>(array: &'a mut ArrayBase<S, D>) -> Self {
        Self::F32(array.view_mut().into_dyn())
    }
}
