//! The values that go into and come out of a session.

use ndarray::{ArrayBase, ArrayD, ArrayViewD, Data, Dimension};

use crate::bundle::onnx::ElementType;
use crate::{Error, ErrorKind, Result};

/// An owned tensor.
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    /// 32-bit floats.
    F32(ArrayD<f32>),
    /// 64-bit signed integers.
    I64(ArrayD<i64>),
}

/// A borrowed tensor.
#[derive(Debug, Clone, PartialEq)]
pub enum TensorView<'a> {
    /// 32-bit floats.
    F32(ArrayViewD<'a, f32>),
    /// 64-bit signed integers.
    I64(ArrayViewD<'a, i64>),
}

impl Tensor {
    /// A view of it.
    pub fn view(&self) -> TensorView<'_> {
        match self {
            Self::F32(array) => TensorView::F32(array.view()),
            Self::I64(array) => TensorView::I64(array.view()),
        }
    }

    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(array) => array.shape(),
            Self::I64(array) => array.shape(),
        }
    }

    /// Its floats; `name` is what an error calls it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where it holds integers.
    pub fn into_f32(self, name: &str) -> Result<ArrayD<f32>> {
        match self {
            Self::F32(array) => Ok(array),
            Self::I64(_) => Err(wrong_type(name, "i64", "f32")),
        }
    }

    /// Its integers; `name` is what an error calls it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where it holds floats.
    pub fn into_i64(self, name: &str) -> Result<ArrayD<i64>> {
        match self {
            Self::I64(array) => Ok(array),
            Self::F32(_) => Err(wrong_type(name, "f32", "i64")),
        }
    }

    /// Joins tensors of one type along their first dimension.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where they differ in type or in the other dimensions, or there is none.
    pub fn concatenate(name: &str, parts: Vec<Self>) -> Result<Self> {
        let fail = |why: &dyn std::fmt::Display| Error::new(ErrorKind::Model, "cannot join tensors", name, why);
        if parts.len() == 1 {
            return Ok(parts.into_iter().next().expect("one part"));
        }
        match parts.first() {
            Some(Self::F32(_)) => {
                let parts: Vec<_> = parts.into_iter().map(|part| part.into_f32(name)).collect::<Result<_>>()?;
                let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
                let all = ndarray::concatenate(ndarray::Axis(0), &views);
                Ok(Self::F32(all.map_err(|why| fail(&why))?))
            }
            Some(Self::I64(_)) => {
                let parts: Vec<_> = parts.into_iter().map(|part| part.into_i64(name)).collect::<Result<_>>()?;
                let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
                let all = ndarray::concatenate(ndarray::Axis(0), &views);
                Ok(Self::I64(all.map_err(|why| fail(&why))?))
            }
            None => Err(fail(&"there is none")),
        }
    }
}

fn wrong_type(name: &str, found: &str, expected: &str) -> Error {
    let why = format!("found {found}, expected {expected}");
    Error::new(ErrorKind::Model, "wrong type of tensor", name, why)
}

impl<'a> TensorView<'a> {
    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(array) => array.shape(),
            Self::I64(array) => array.shape(),
        }
    }

    /// Its element type.
    pub fn dtype(&self) -> ElementType {
        match self {
            Self::F32(_) => ElementType::F32,
            Self::I64(_) => ElementType::I64,
        }
    }

    /// A copy of it.
    pub fn to_tensor(&self) -> Tensor {
        match self {
            Self::F32(array) => Tensor::F32(array.to_owned()),
            Self::I64(array) => Tensor::I64(array.to_owned()),
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
            Self::F32(array) => TensorView::F32(array.slice_axis(ndarray::Axis(0), range)),
            Self::I64(array) => TensorView::I64(array.slice_axis(ndarray::Axis(0), range)),
        }
    }
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
