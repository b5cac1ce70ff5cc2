//! The imported graphs, and how generated code is called without knowing its types.

use std::vec::IntoIter;

use burn::tensor::{Bool, Device, Float, Int, Tensor, TensorData};

/// A graph with its weights: inputs in the graph's order to outputs in the graph's order.
pub(super) type Network = Box<dyn Fn(&Device, Vec<TensorData>) -> Result<Vec<TensorData>, String> + Send + Sync>;

/// A graph that was imported when this crate was built.
pub(super) struct Imported {
    /// The ONNX file's name without `.onnx`.
    pub(super) role: &'static str,
    /// The SHA-256 of the ONNX file, in lower-case hexadecimal.
    pub(super) sha256: &'static str,
    /// Loads the embedded weights to a device; panics where Burn cannot.
    pub(super) load: fn(&Device) -> Network,
}

mod imported {
    use burn::tensor::Device;

    use super::{Imported, Network, network};

    include!(concat!(env!("OUT_DIR"), "/burn_engine.rs"));
}

pub(super) use imported::NETWORKS;

/// A generated module and its `forward`.
fn network<M, I>(model: M, forward: impl Forward<M, I> + Send + Sync + 'static) -> Network
where
    M: Send + Sync + 'static,
{
    Box::new(move |device: &Device, inputs: Vec<TensorData>| {
        let mut inputs = inputs.into_iter();
        let outputs = forward.apply(&model, device, &mut inputs)?;
        match inputs.next() {
            None => Ok(outputs),
            Some(_) => Err("the imported graph has fewer inputs".to_owned()),
        }
    })
}

/// A `forward` of a module `M` that takes the inputs `I`, a tuple.
trait Forward<M, I> {
    fn apply(&self, model: &M, device: &Device, inputs: &mut IntoIter<TensorData>) -> Result<Vec<TensorData>, String>;
}

/// What a generated `forward` takes.
trait Input: Sized {
    fn input(data: TensorData, device: &Device) -> Result<Self, String>;

    fn take(inputs: &mut IntoIter<TensorData>, device: &Device) -> Result<Self, String> {
        Self::input(inputs.next().ok_or("the imported graph has more inputs")?, device)
    }
}

/// What a generated `forward` gives.
trait Outputs {
    fn read(self, outputs: &mut Vec<TensorData>) -> Result<(), String>;
}

macro_rules! tensors {
    ($($kind:ident)+) => {$(
        impl<const D: usize> Input for Tensor<D, $kind> {
            fn input(data: TensorData, device: &Device) -> Result<Self, String> {
                let dtype = data.dtype();
                Ok(Self::from_data(data, (device, dtype)))
            }
        }

        impl<const D: usize> Outputs for Tensor<D, $kind> {
            fn read(self, outputs: &mut Vec<TensorData>) -> Result<(), String> {
                outputs.push(self.try_into_data().map_err(|why| format!("{why:?}"))?);
                Ok(())
            }
        }
    )+};
}
tensors!(Float Int Bool);

/// Tensors without dimensions are numbers to burn-onnx.
macro_rules! numbers {
    ($($element:ident)+) => {$(
        impl Input for $element {
            fn input(data: TensorData, _: &Device) -> Result<Self, String> {
                let values = data.try_into_vec_as::<Self>().map_err(|why| why.to_string())?;
                values.first().copied().ok_or_else(|| "a number is needed".to_owned())
            }
        }

        impl Outputs for $element {
            fn read(self, outputs: &mut Vec<TensorData>) -> Result<(), String> {
                outputs.push(TensorData::new(vec![self], Vec::<usize>::new()));
                Ok(())
            }
        }
    )+};
}
numbers!(f32 i64 bool);

macro_rules! forward {
    ($($input:ident)+) => {
        impl<M, R, F, $($input),+> Forward<M, ($($input,)+)> for F
        where
            F: Fn(&M, $($input),+) -> R,
            R: Outputs,
            $($input: Input,)+
        {
            fn apply(
                &self,
                model: &M,
                device: &Device,
                inputs: &mut IntoIter<TensorData>,
            ) -> Result<Vec<TensorData>, String> {
                let mut outputs = Vec::new();
                self(model, $($input::take(inputs, device)?),+).read(&mut outputs)?;
                Ok(outputs)
            }
        }
    };
}

macro_rules! tuple {
    ($($output:ident)+) => {
        impl<$($output: Outputs),+> Outputs for ($($output,)+) {
            #[allow(non_snake_case)]
            fn read(self, outputs: &mut Vec<TensorData>) -> Result<(), String> {
                let ($($output,)+) = self;
                $($output.read(outputs)?;)+
                Ok(())
            }
        }
    };
}

/// Hands a macro a list of names, then the list without its first, and so on.
macro_rules! each_length {
    ($apply:ident) => {};
    ($apply:ident $first:ident $($rest:ident)*) => {
        $apply!($first $($rest)*);
        each_length!($apply $($rest)*);
    };
}
each_length!(forward A B C D E G H I J K L N O P Q S);
each_length!(tuple A B C D E G H I J K L N O P Q S);
