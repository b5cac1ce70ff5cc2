//! Checking a model against the module it came from.

use burn::backend::TensorData;

use super::api::resize;
use super::constant::DataType;
use super::exported::Exported;
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

/// How far floats may be apart: `|a - b| <= atol + rtol * |b|`, `b` being Burn's. All else must be equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// The absolute part.
    pub atol: f64,
    /// The part that grows with the expected value.
    pub rtol: f64,
}

impl Default for Tolerance {
    /// 1e-5 and 1e-4: what engines on a CPU keep.
    fn default() -> Self {
        Self { atol: 1e-5, rtol: 1e-4 }
    }
}

/// How an output compares with what Burn expects.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The output's name.
    pub output: String,
    /// The largest difference; infinite where one side alone is not a number.
    pub max_abs: f64,
    /// The mean difference.
    pub mean_abs: f64,
    /// How many elements there are.
    pub elements: usize,
    /// How many are further apart than allowed.
    pub outside: usize,
}

impl Comparison {
    /// Whether every element is within the tolerance.
    pub fn pass(&self) -> bool {
        self.outside == 0
    }

    fn merge(&mut self, other: &Self) {
        let total = self.elements + other.elements;
        let sum = self.mean_abs * self.elements as f64 + other.mean_abs * other.elements as f64;
        self.max_abs = self.max_abs.max(other.max_abs);
        self.mean_abs = sum / total.max(1) as f64;
        self.elements = total;
        self.outside += other.outside;
    }
}

/// Compares one output.
///
/// # Errors
///
/// [`ErrorKind::Check`] where the shapes differ.
pub fn compare(output: &str, expected: &TensorData, actual: &TensorData, tolerance: Tolerance) -> Result<Comparison> {
    if expected.shape() != actual.shape() {
        let why = format!("the shape is {} instead of {}", actual.shape(), expected.shape());
        return Err(Error::new(ErrorKind::Check, "wrong output", output, why));
    }
    let exact = !expected.dtype().is_float();
    let (mut max_abs, mut sum) = (0.0f64, 0.0);
    let (mut elements, mut outside) = (0usize, 0usize);
    for (b, a) in expected.iter::<f64>().zip(actual.iter::<f64>()) {
        let distance = match a == b {
            true => 0.0,
            false if a.is_nan() || b.is_nan() => f64::INFINITY,
            false => (a - b).abs(),
        };
        let allowed = if exact { 0.0 } else { tolerance.atol + tolerance.rtol * b.abs() };
        max_abs = max_abs.max(distance);
        sum += distance;
        elements += 1;
        outside += usize::from(distance > allowed);
    }
    Ok(Comparison { output: output.into(), max_abs, mean_abs: sum / elements.max(1) as f64, elements, outside })
}

impl Exported {
    /// `n` random inputs with the results Burn computes for them, at lengths of the dynamic axes that were not
    /// recorded. The same seed gives the same inputs.
    pub fn cases(&self, n: usize, seed: u64) -> Vec<Case> {
        (0..n).map(|number| self.case(number, seed)).collect()
    }

    fn case(&self, number: usize, seed: u64) -> Case {
        let reference = &self.reference;
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number as u64));
        let sizes: Vec<usize> = reference
            .axes
            .iter()
            .enumerate()
            .map(|(index, axis)| {
                let traced = |size: &usize| reference.traced.iter().any(|t| t[index] == *size);
                let step = if axis.free { 1 } else { axis.size.max(1) };
                let mut unseen = (1..).map(|k| k * step).filter(|size| !traced(size));
                unseen.nth(number % 4).unwrap_or(step)
            })
            .collect();
        let shaped = resize(&reference.sample, &reference.axes, &sizes);
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

    /// Runs `n` random cases through an engine and compares: one comparison an output, over all cases.
    ///
    /// `engine` takes the named inputs and returns the outputs in the model's order.
    ///
    /// # Errors
    ///
    /// What the engine returns; [`ErrorKind::Check`] for a wrong number or shape of outputs. Values that are too far
    /// apart are no error: see [`Comparison::pass`].
    pub fn verify(
        &self,
        n: usize,
        seed: u64,
        tolerance: Tolerance,
        mut engine: impl FnMut(&[(String, TensorData)]) -> Result<Vec<TensorData>>,
    ) -> Result<Vec<Comparison>> {
        let mut worst: Vec<Comparison> = Vec::new();
        for case in self.cases(n, seed) {
            let results = engine(&case.inputs)?;
            if results.len() != case.expected.len() {
                let why = format!("{} outputs instead of {}", results.len(), case.expected.len());
                return Err(Error::new(ErrorKind::Check, "wrong output", "model", why));
            }
            for (index, ((name, expected), actual)) in case.expected.iter().zip(&results).enumerate() {
                let comparison = compare(name, expected, actual, tolerance)?;
                match worst.get_mut(index) {
                    Some(known) => known.merge(&comparison),
                    None => worst.push(comparison),
                }
            }
        }
        Ok(worst)
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
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
