//! What passes between the program that imports models and the test that runs them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use burn::backend::DType;
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use oasis::export::Case;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Loads an imported model and runs it.
pub type Run = fn(&Device, Vec<TensorData>) -> Vec<TensorData>;

/// Why a model was not imported, by name; nothing where it was.
pub type Imports = BTreeMap<String, Option<String>>;

/// What is known of the networks: `expected.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Those that must be imported and give Burn's results.
    pub runs: Vec<String>,
    /// Those that are imported to code that does not compile, and why. They are left out of the test.
    #[serde(default)]
    pub does_not_compile: BTreeMap<String, String>,
    /// Those that fail in another way, and how.
    #[serde(default)]
    pub fails: BTreeMap<String, String>,
}

impl Expected {
    /// The file that is checked in.
    ///
    /// # Errors
    ///
    /// Where it is not as it should be.
    pub fn read() -> Result<Self> {
        toml::from_str(include_str!("../expected.toml")).context("expected.toml")
    }
}

/// Inputs and outputs of a model, in its order: `NAME.json` beside `NAME.onnx`.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredCase {
    pub inputs: Vec<StoredTensor>,
    pub expected: Vec<StoredTensor>,
}

/// A tensor by name. Truth values are 0 and 1, what is not a number is null.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredTensor {
    pub name: String,
    /// `f32`, `i64` or `bool`.
    pub dtype: String,
    pub shape: Vec<usize>,
    pub values: Vec<Option<f64>>,
}

impl From<Case> for StoredCase {
    fn from(case: Case) -> Self {
        let stored = |tensors: Vec<(String, TensorData)>| tensors.into_iter().map(StoredTensor::new).collect();
        Self { inputs: stored(case.inputs), expected: stored(case.expected) }
    }
}

impl StoredTensor {
    fn new((name, data): (String, TensorData)) -> Self {
        let dtype = match data.dtype() {
            dtype if dtype.is_bool() => "bool",
            dtype if dtype.is_float() => "f32",
            _ => "i64",
        };
        let shape = data.shape().iter().copied().collect();
        let values = match dtype {
            "bool" => data.iter::<bool>().map(|value| Some(f64::from(u8::from(value)))).collect(),
            _ => data.iter::<f64>().map(|value| value.is_finite().then_some(value)).collect(),
        };
        Self { name, dtype: dtype.into(), shape, values }
    }

    /// The tensor in Burn's terms.
    ///
    /// # Errors
    ///
    /// For another element type.
    pub fn data(&self) -> Result<TensorData> {
        let values = self.values.iter().map(|value| value.unwrap_or(f64::NAN));
        let shape = self.shape.clone();
        Ok(match self.dtype.as_str() {
            "f32" => TensorData::new(values.map(|value| value as f32).collect::<Vec<_>>(), shape),
            "i64" => TensorData::new(values.map(|value| value as i64).collect::<Vec<_>>(), shape),
            "bool" => TensorData::new(values.map(|value| value != 0.0).collect::<Vec<_>>(), shape),
            other => bail!("{}: no tensors of {other}", self.name),
        })
    }
}

/// Reads a JSON file.
///
/// # Errors
///
/// Where there is none, or another one.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

/// A tensor that a generated `forward` takes.
pub trait Input {
    fn input(data: TensorData, device: &Device) -> Self;
}

impl<const D: usize> Input for Tensor<D> {
    fn input(data: TensorData, device: &Device) -> Self {
        Self::from_data(data, device)
    }
}

impl<const D: usize> Input for Tensor<D, Int> {
    fn input(data: TensorData, device: &Device) -> Self {
        Self::from_data(data, (device, DType::I64))
    }
}

impl<const D: usize> Input for Tensor<D, Bool> {
    fn input(data: TensorData, device: &Device) -> Self {
        Self::from_data(data, device)
    }
}

/// The next input of a generated `forward`.
///
/// # Panics
///
/// Where there is none.
pub fn take<T: Input>(inputs: &mut impl Iterator<Item = TensorData>, device: &Device) -> T {
    T::input(inputs.next().expect("a value for every input"), device)
}

/// What a generated `forward` returns.
pub trait Outputs {
    fn outputs(self) -> Vec<TensorData>;
}

macro_rules! tensor_outputs {
    ($($kind:ty),+) => {$(
        impl<const D: usize> Outputs for Tensor<D, $kind> {
            fn outputs(self) -> Vec<TensorData> {
                vec![self.into_data()]
            }
        }
    )+};
}

tensor_outputs!(burn::tensor::Float, Int, Bool);

macro_rules! tuple_outputs {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Outputs),+> Outputs for ($($name,)+) {
            fn outputs(self) -> Vec<TensorData> {
                [$(self.$index.outputs()),+].concat()
            }
        }
    };
}

tuple_outputs!(A 0, B 1);
tuple_outputs!(A 0, B 1, C 2);
tuple_outputs!(A 0, B 1, C 2, D 3);
