//! The values that go into and come out of a session.

use half::{bf16, f16};
use ndarray::{ArrayBase, ArrayD, ArrayViewD, Data, Dimension};

use crate::bundle::onnx::ElementType;
use crate::{Error, ErrorKind, Result};

/// Hands a macro every element type: the variant's name, the Rust type and the number ONNX gives it.
macro_rules! each_type {
    ($apply:ident) => {
        $apply! {
            F32 f32 1, F64 f64 11, F16 f16 10, Bf16 bf16 16,
            I64 i64 7, I32 i32 6, I16 i16 5, I8 i8 3,
            U64 u64 13, U32 u32 12, U16 u16 4, U8 u8 2, Bool bool 9
        }
    };
}
#[cfg(any(feature = "ort", feature = "export"))]
pub(crate) use each_type;

macro_rules! tensors {
    ($($variant:ident $element:ident $number:literal),*) => {
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

        impl Tensor {
            /// A view of it.
            pub fn view(&self) -> TensorView<'_> {
                match self {
                    $(Self::$variant(array) => TensorView::$variant(array.view()),)*
                }
            }

            /// Its shape.
            pub fn shape(&self) -> &[usize] {
                match self {
                    $(Self::$variant(array) => array.shape(),)*
                }
            }

            /// Joins tensors of one type along their first dimension.
            ///
            /// # Errors
            /// [`ErrorKind::Model`] where they differ in type or in the other dimensions, or there is none.
            pub fn concatenate(name: &str, parts: Vec<Self>) -> Result<Self> {
                let fail = |why: &dyn std::fmt::Display| Error::new(ErrorKind::Model, "cannot join tensors", name, why);
                match parts.first() {
                    $(Some(Self::$variant(_)) => {
                        let views = parts.iter().map(|part| match part {
                            Self::$variant(array) => Ok(array.view()),
                            other => Err(wrong_type(name, other.view().dtype(), ElementType($number))),
                        });
                        let views = views.collect::<Result<Vec<_>>>()?;
                        let all = ndarray::concatenate(ndarray::Axis(0), &views);
                        Ok(Self::$variant(all.map_err(|why| fail(&why))?))
                    })*
                    None => Err(fail(&"there is none")),
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
            pub fn dtype(&self) -> ElementType {
                match self {
                    $(Self::$variant(_) => ElementType($number),)*
                }
            }

            /// A copy of it.
            pub fn to_tensor(&self) -> Tensor {
                match self {
                    $(Self::$variant(array) => Tensor::$variant(array.to_owned()),)*
                }
            }

            /// The part of `count` entries from `start` on along the first dimension.
            ///
            /// # Panics
            /// Where the dimension is shorter, or there is none.
            #[must_use]
            pub fn part(&self, start: usize, count: usize) -> TensorView<'_> {
                let range = ndarray::Slice::from(start..start + count);
                match self {
                    $(Self::$variant(array) => TensorView::$variant(array.slice_axis(ndarray::Axis(0), range)),)*
                }
            }
        }
    };
}
each_type!(tensors);

impl Tensor {
    /// Its floats; `name` is what an error calls it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where it holds another type.
    pub fn into_f32(self, name: &str) -> Result<ArrayD<f32>> {
        match self {
            Self::F32(array) => Ok(array),
            other => Err(wrong_type(name, other.view().dtype(), ElementType::F32)),
        }
    }

    /// Its integers; `name` is what an error calls it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where it holds another type.
    pub fn into_i64(self, name: &str) -> Result<ArrayD<i64>> {
        match self {
            Self::I64(array) => Ok(array),
            other => Err(wrong_type(name, other.view().dtype(), ElementType::I64)),
        }
    }
}

fn wrong_type(name: &str, found: ElementType, expected: ElementType) -> Error {
    let why = format!("found {found}, expected {expected}");
    Error::new(ErrorKind::Model, "wrong type of tensor", name, why)
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
