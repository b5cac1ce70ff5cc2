//! The tensors that an exported forward pass takes and returns.

use burn::backend::capture::{CaptureBackend, TensorId};
use burn::backend::{DType, TensorData};
use burn::tensor::{Bool, Device, Float, Int, Tensor};

use super::constant::onnx_type;
use crate::onnx::DataType;

/// The shape and element type of one sample tensor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spec {
    pub dims: Vec<usize>,
    pub dtype: DType,
}

impl Spec {
    /// The element type that the model declares. Integers of every width are i64 there.
    pub fn declared(&self) -> Option<DataType> {
        match self.dtype {
            dtype if dtype.is_int() || dtype.is_uint() => Some(DataType::I64),
            dtype => onnx_type(dtype),
        }
    }
}

/// What a forward pass takes or returns: a tensor, or anything that holds tensors.
///
/// Implemented for float, int and bool [`Tensor`]s of every rank; for tuples of up to eight values, arrays, vectors,
/// boxes and options; and for any nesting of these. The tensors, from first to last, are the model's inputs or outputs in
/// that order. `None` has no tensors, and so has `()`.
///
/// A struct has it by [`values!`](crate::values), or by hand:
///
/// ```
/// use burn::tensor::{Int, Tensor};
/// use oasis::export::{Values, Walk};
///
/// #[derive(Clone)]
/// struct Batch {
///     tokens: Tensor<2, Int>,
///     mask: Option<Tensor<2>>,
///     heads: usize,
/// }
///
/// impl Values for Batch {
///     fn walk(&self, walk: &mut Walk<'_>) -> Self {
///         Self { tokens: self.tokens.walk(walk), mask: self.mask.walk(walk), heads: self.heads }
///     }
/// }
/// ```
pub trait Values: Clone {
    /// A copy in whose tensors `walk` has put others, one by one: every field that holds tensors is walked, in one order
    /// always, and the others are copied.
    #[must_use]
    fn walk(&self, walk: &mut Walk<'_>) -> Self;

    /// How many tensors there are.
    fn count(&self) -> usize {
        self.specs().len()
    }

    /// Tensors of other values, on the devices and of the element types of the present ones: with the inputs of a
    /// [`Case`](super::Case), a sample of it.
    ///
    /// # Panics
    ///
    /// Where there are fewer values than tensors.
    #[must_use]
    fn rebuilt(&self, values: &mut dyn Iterator<Item = TensorData>) -> Self {
        self.walk(&mut Walk(Visit::Rebuild(values)))
    }
}

/// A way through the tensors of [`Values`], which sees each of them and may put another one in its place.
pub struct Walk<'a>(Visit<'a>);

enum Visit<'a> {
    Specs(&'a mut Vec<Spec>),
    Device(&'a mut Option<Device>),
    Placeholders(&'a Device),
    Ids(&'a mut Vec<Result<TensorId, String>>),
    Data(&'a mut Vec<TensorData>),
    Rebuild(&'a mut dyn Iterator<Item = TensorData>),
}

/// What the exporter does with the tensors of [`Values`].
pub(crate) trait Tensors: Values {
    /// The shapes and element types.
    fn specs(&self) -> Vec<Spec> {
        let mut specs = Vec::new();
        let _ = self.walk(&mut Walk(Visit::Specs(&mut specs)));
        specs
    }

    /// The device of the first tensor, without autodiff.
    fn device(&self) -> Option<Device> {
        let mut device = None;
        let _ = self.walk(&mut Walk(Visit::Device(&mut device)));
        device
    }

    /// Tensors of the same shapes and types on a capture device, which have no values there.
    fn placeholders(&self, device: &Device) -> Self {
        self.walk(&mut Walk(Visit::Placeholders(device)))
    }

    /// The names of the tensors on their capture device.
    fn ids(&self) -> Vec<Result<TensorId, String>> {
        let mut ids = Vec::new();
        let _ = self.walk(&mut Walk(Visit::Ids(&mut ids)));
        ids
    }

    /// The values, as the model's boundary has them: integers of 64 bits, booleans of Rust.
    fn data(&self) -> Vec<TensorData> {
        let mut data = Vec::new();
        let _ = self.walk(&mut Walk(Visit::Data(&mut data)));
        data
    }
}

impl<T: Values> Tensors for T {}

macro_rules! tensor_values {
    ($kind:ty, |$data:ident| $plain:expr) => {
        impl<const D: usize> Values for Tensor<D, $kind> {
            fn walk(&self, walk: &mut Walk<'_>) -> Self {
                match &mut walk.0 {
                    Visit::Specs(specs) => specs.push(Spec { dims: self.dims().to_vec(), dtype: self.dtype() }),
                    Visit::Device(device) => {
                        device.get_or_insert_with(|| self.device().without_autodiff());
                    }
                    Visit::Placeholders(device) => return Tensor::empty(self.dims(), (*device, self.dtype())),
                    Visit::Ids(ids) => ids.push(
                        self.clone()
                            .try_into_primitive::<CaptureBackend>()
                            .map(|primitive| primitive.id())
                            .map_err(|error| format!("{error:?}")),
                    ),
                    Visit::Data(out) => {
                        let $data = self.to_data();
                        out.push($plain);
                    }
                    Visit::Rebuild(data) => {
                        let data = data.next().expect("a value for every sample tensor");
                        return Tensor::from_data(data, (&self.device(), self.dtype()));
                    }
                }
                self.clone()
            }
        }
    };
}

tensor_values!(Float, |data| data);
tensor_values!(Int, |data| data.convert::<i64>());
tensor_values!(Bool, |data| data.convert::<bool>());

impl Values for () {
    fn walk(&self, _walk: &mut Walk<'_>) -> Self {}
}

impl<T: Values> Values for Vec<T> {
    fn walk(&self, walk: &mut Walk<'_>) -> Self {
        self.iter().map(|value| value.walk(walk)).collect()
    }
}

impl<T: Values, const N: usize> Values for [T; N] {
    fn walk(&self, walk: &mut Walk<'_>) -> Self {
        self.each_ref().map(|value| value.walk(walk))
    }
}

impl<T: Values> Values for Option<T> {
    fn walk(&self, walk: &mut Walk<'_>) -> Self {
        self.as_ref().map(|value| value.walk(walk))
    }
}

impl<T: Values> Values for Box<T> {
    fn walk(&self, walk: &mut Walk<'_>) -> Self {
        Self::new((**self).walk(walk))
    }
}

macro_rules! tuple_values {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Values),+> Values for ($($name,)+) {
            fn walk(&self, walk: &mut Walk<'_>) -> Self {
                ($(self.$index.walk(walk),)+)
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

/// Implements [`Values`](crate::export::Values) for a struct, by the fields that hold tensors, in the order that they have
/// in the model. Other fields are copied.
///
/// ```
/// use burn::tensor::{Int, Tensor};
///
/// #[derive(Clone)]
/// struct Batch {
///     tokens: Tensor<2, Int>,
///     mask: Option<Tensor<2>>,
///     heads: usize,
/// }
///
/// oasis::values!(Batch { tokens, mask });
/// ```
#[macro_export]
macro_rules! values {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::export::Values for $type {
            #[allow(clippy::needless_update)]
            fn walk(&self, walk: &mut $crate::export::Walk<'_>) -> Self {
                Self {
                    $($field: $crate::export::Values::walk(&self.$field, walk),)+
                    ..::core::clone::Clone::clone(self)
                }
            }
        }
    };
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
