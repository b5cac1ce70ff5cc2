//! Checking a model against the module it came from.

use burn::backend::{TensorData, bf16, f16};
use ndarray::{ArrayD, IxDyn};

use super::boundary::{AxisUse, resize};
use super::compare::{Comparison, Tolerance, compare};
use super::constant::DataType;
use super::exported::Exported;
use crate::engine::{Engine, Session, Tensor, each_type};
use crate::onnx::ModelFile;
use crate::{Error, ErrorKind, Result};

/// Inputs, and what Burn makes of them. Integers are i64, truth values native bools.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Case {
    /// Names and values, in the model's order.
    pub inputs: Vec<(String, TensorData)>,
    /// Names and values, in the model's order.
    pub expected: Vec<(String, TensorData)>,
}

impl Exported {
    /// `n` random inputs with the results Burn computes for them, at lengths of the dynamic axes that were not
    /// recorded. The same seed gives the same inputs.
    pub fn cases(&self, n: usize, seed: u64) -> Vec<Case> {
        (0..n).map(|number| self.made(&self.unseen(number), Random::new(seed, number as u64))).collect()
    }

    /// Random inputs at chosen lengths of the dynamic axes, with the results Burn computes for them. An axis that is
    /// not named keeps its length in the sample.
    pub fn case(&self, lengths: &[(&str, usize)], seed: u64) -> Case {
        let length = |axis: &AxisUse| lengths.iter().find(|(name, _)| *name == axis.name).map(|(_, length)| *length);
        let sizes: Vec<usize> = self.reference.axes.iter().map(|axis| length(axis).unwrap_or(axis.size)).collect();
        self.made(&sizes, Random::new(seed, 0))
    }

    /// Lengths of the dynamic axes that no recording has.
    fn unseen(&self, number: usize) -> Vec<usize> {
        let unseen = |(index, axis): (usize, &AxisUse)| {
            let traced = |size: &usize| self.reference.traced.iter().any(|t| t[index] == *size);
            let step = if axis.free { 1 } else { axis.size.max(1) };
            let mut unseen = (1..).map(|k| k * step).filter(|size| !traced(size));
            unseen.nth(number % 4).unwrap_or(step)
        };
        self.reference.axes.iter().enumerate().map(unseen).collect()
    }

    fn made(&self, sizes: &[usize], mut random: Random) -> Case {
        let reference = &self.reference;
        let shaped = resize(&reference.sample, &reference.axes, sizes);
        let inputs: Vec<(String, TensorData)> = self
            .inputs()
            .iter()
            .zip(&shaped)
            .zip(&reference.sample)
            .map(|((port, shaped), sample)| {
                let shape = shaped.shape().clone();
                let count = shape.num_elements();
                let data = match port.dtype {
                    DataType::Bool => {
                        let values: Vec<bool> = (0..count).map(|_| random.next() & 1 == 1).collect();
                        TensorData::new(values, shape)
                    }
                    DataType::I64 => {
                        let range = reference.int_ranges.get(&port.name).cloned();
                        let range = range.unwrap_or_else(|| {
                            let values = || sample.iter::<i64>();
                            values().min().unwrap_or(0)..values().max().unwrap_or(0) + 1
                        });
                        let span = (range.end - range.start).max(1) as u64;
                        let values: Vec<i64> =
                            (0..count).map(|_| range.start + (random.next() % span) as i64).collect();
                        TensorData::new(values, shape)
                    }
                    _ => {
                        let range = reference.float_ranges.get(&port.name).cloned().unwrap_or(0.0..1.0);
                        let values: Vec<f64> =
                            (0..count).map(|_| range.start + random.unit() * (range.end - range.start)).collect();
                        TensorData::new(values, shape).convert_dtype(shaped.dtype())
                    }
                };
                (port.name.clone(), data)
            })
            .collect();
        let results = (reference.run)(inputs.iter().map(|(_, data)| data.clone()).collect());
        let names = self.outputs().iter().map(|port| port.name.clone());
        Case { inputs, expected: names.zip(results).collect() }
    }

    /// How far an engine may be from Burn: as close as the narrowest float the forward pass computes with allows.
    pub fn tolerance(&self) -> Tolerance {
        let has = |dtype| self.operations().iter().any(|operation| operation.dtype == dtype);
        match (has(DataType::Bf16), has(DataType::F16)) {
            (true, _) => Tolerance { atol: 2e-2, rtol: 2e-2 },
            (_, true) => Tolerance { atol: 2e-3, rtol: 5e-3 },
            _ => Tolerance::default(),
        }
    }

    /// Runs `n` random cases through an engine and compares with Burn, within [`Self::tolerance`]: one comparison an
    /// output, over all cases.
    ///
    /// ```
    /// # #[cfg(feature = "train")] {
    /// # use burn::{module::Module, nn::LinearConfig, tensor::{Device, Tensor}};
    /// use oasis::runtime::{Backend, EngineOptions, engine};
    ///
    /// # let device = Device::flex();
    /// # let net = LinearConfig::new(4, 2).init(&device);
    /// let exported = oasis::export::Exporter::new()
    ///     .export(&net, Tensor::<2>::zeros([3, 4], &device), |net, x| net.forward(x))?;
    /// let tract = engine(Backend::Tract, &EngineOptions::default())?;
    /// assert!(exported.verify(tract.as_ref(), 3)?.iter().all(|output| output.pass()));
    /// # }
    /// # Ok::<(), oasis::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the engine cannot run here, or cannot load or run the model; [`ErrorKind::Check`] for a wrong number or
    /// shape of outputs. Values that are too far apart are no error: see [`Comparison::pass`].
    pub fn verify(&self, engine: &dyn Engine, n: usize) -> Result<Vec<Comparison>> {
        let session = self.load(engine)?;
        self.verify_with(n, 0, self.tolerance(), |inputs| run(session.as_ref(), inputs))
    }

    /// Runs an engine on named inputs and gives the outputs in the model's order.
    ///
    /// # Errors
    ///
    /// Where the engine cannot run here, or cannot load or run the model.
    pub fn run(&self, engine: &dyn Engine, inputs: &[(String, TensorData)]) -> Result<Vec<TensorData>> {
        run(self.load(engine)?.as_ref(), inputs)
    }

    fn load(&self, engine: &dyn Engine) -> Result<Box<dyn Session>> {
        engine.load(&ModelFile::read(self.name(), self.bytes().to_vec())?)
    }

    /// [`Self::verify`] with any way to run the model: `engine` takes the named inputs and returns the outputs in the
    /// model's order. The same seed gives the same cases.
    ///
    /// # Errors
    ///
    /// What the engine returns; [`ErrorKind::Check`] for a wrong number or shape of outputs.
    pub fn verify_with(
        &self,
        n: usize,
        seed: u64,
        tolerance: Tolerance,
        mut engine: impl FnMut(&[(String, TensorData)]) -> Result<Vec<TensorData>>,
    ) -> Result<Vec<Comparison>> {
        let mut worst: Vec<Comparison> = Vec::new();
        for case in self.cases(n, seed) {
            let results = engine(&case.inputs)?;
            for (index, comparison) in case.compare(&results, tolerance)?.into_iter().enumerate() {
                match worst.get_mut(index) {
                    Some(known) => known.merge(&comparison),
                    None => worst.push(comparison),
                }
            }
        }
        Ok(worst)
    }
}

impl Case {
    /// Compares outputs, in the model's order, with what Burn expects.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Check`] for a wrong number or shape of outputs.
    pub fn compare(&self, outputs: &[TensorData], tolerance: Tolerance) -> Result<Vec<Comparison>> {
        if outputs.len() != self.expected.len() {
            let why = format!("{} outputs instead of {}", outputs.len(), self.expected.len());
            return Err(Error::new(ErrorKind::Check, "wrong output", "model", why));
        }
        let pairs = self.expected.iter().zip(outputs);
        pairs.map(|((name, expected), actual)| compare(name, expected, actual, tolerance)).collect()
    }
}

macro_rules! convert {
    ($($variant:ident $element:ident),*) => {
        fn tensor(data: &TensorData) -> Result<Tensor> {
            let fail = |why: String| Error::new(ErrorKind::Check, "cannot pass on", "a tensor of Burn", why);
            let shape = IxDyn(data.shape().as_slice());
            let dtype = DataType::from_burn(data.dtype()).ok_or_else(|| fail("it is quantised".into()))?;
            match dtype {
                $(DataType::$variant => {
                    let values = data.iter::<$element>().collect();
                    ArrayD::from_shape_vec(shape, values).map(Tensor::$variant).map_err(|why| fail(why.to_string()))
                })*
            }
        }

        fn data(tensor: Tensor) -> TensorData {
            match tensor {
                $(Tensor::$variant(array) => {
                    let shape = array.shape().to_vec();
                    TensorData::new(array.iter().copied().collect::<Vec<$element>>(), shape)
                })*
            }
        }
    };
}
each_type!(convert);

/// Runs a loaded model on Burn's tensors, by input names, and gives its outputs in the model's order.
///
/// # Errors
///
/// [`ErrorKind::Check`] for a quantised tensor, and what the session returns.
pub fn run(session: &dyn Session, inputs: &[(String, TensorData)]) -> Result<Vec<TensorData>> {
    let tensors = inputs.iter().map(|(name, data)| Ok((name.as_str(), tensor(data)?))).collect::<Result<Vec<_>>>()?;
    let views: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor.view())).collect();
    Ok(session.run(&views)?.into_iter().map(|(_, tensor)| data(tensor)).collect())
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn new(seed: u64, number: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly spread over 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
