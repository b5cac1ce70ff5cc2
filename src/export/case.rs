//! Random inputs of a model, and what Burn makes of them.

use burn::backend::TensorData;

use super::boundary::{AxisUse, resize};
use super::compare::{Comparison, Tolerance, compare};
use super::exported::Exported;
use crate::onnx::{DataType, Port};
use crate::random::SplitMix;
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

impl Exported {
    /// `n` random inputs with the results Burn computes for them, at lengths of the dynamic axes that were not
    /// recorded. The same seed gives the same inputs.
    pub fn cases(&self, n: usize, seed: u64) -> Vec<Case> {
        (0..n).map(|number| self.made(&self.unseen(number), random(seed, number as u64))).collect()
    }

    /// Random inputs at chosen lengths of the dynamic axes, with the results Burn computes for them. An axis that is
    /// not named keeps its length in the sample.
    pub fn case(&self, lengths: &[(&str, usize)], seed: u64) -> Case {
        let length = |axis: &AxisUse| lengths.iter().find(|(name, _)| *name == axis.name).map(|(_, length)| *length);
        let sizes: Vec<usize> = self.reference.axes.iter().map(|axis| length(axis).unwrap_or(axis.size)).collect();
        self.made(&sizes, random(seed, 0))
    }

    /// Lengths of the dynamic axes that no recording has: short ones, then some of the middle, then large ones.
    fn unseen(&self, number: usize) -> Vec<usize> {
        let unseen = |(index, axis): (usize, &AxisUse)| {
            let traced: Vec<usize> = self.reference.traced.iter().map(|sizes| sizes[index]).collect();
            let (least, most) = (traced.iter().min().copied(), traced.iter().max().copied());
            let (least, most) = (least.unwrap_or(1), most.unwrap_or(1));
            let target = match (number % 4, axis.free) {
                (0, _) => least,
                (1, _) => axis.size + axis.size / 2,
                (2, true) => most / 2,
                (2, false) => 3 * axis.size + 2,
                (_, true) => 2 * most,
                (_, false) => most + most / 4,
            };
            // A batch may be as short as one wants, and any axis longer than in all recordings.
            let from = if axis.free { 1 } else { least };
            let fits = |length: &usize| axis.limits.allow(*length) && !traced.contains(length);
            let wide = most.max(target) + axis.limits.multiple * (traced.len() + 4);
            let above = (target.max(from)..=wide).find(fits);
            above.or_else(|| (from..target).rev().find(fits)).unwrap_or(axis.size)
        };
        self.reference.axes.iter().enumerate().map(unseen).collect()
    }

    fn made(&self, sizes: &[usize], mut random: SplitMix) -> Case {
        let reference = &self.reference;
        let shaped = resize(&reference.sample, &reference.axes, sizes);
        let mut inputs = Vec::new();
        for ((port, shaped), sample) in self.inputs().iter().zip(&shaped).zip(&reference.sample) {
            inputs.push((port.name.clone(), self.drawn(port, shaped, sample, &mut random)));
        }
        let results = (reference.run)(inputs.iter().map(|(_, data)| data.clone()).collect());
        let names = self.outputs().iter().map(|port| port.name.clone());
        Case { inputs, expected: names.zip(results).collect() }
    }

    /// Random values of the shape and type of `shaped`, within the range of the input.
    fn drawn(&self, port: &Port, shaped: &TensorData, sample: &TensorData, random: &mut SplitMix) -> TensorData {
        let shape = shaped.shape().clone();
        let count = shape.num_elements();
        match port.dtype {
            DataType::Bool => {
                let values: Vec<bool> = (0..count).map(|_| random.next() & 1 == 1).collect();
                TensorData::new(values, shape)
            }
            DataType::I64 => {
                let range = self.reference.int_ranges.get(&port.name).cloned();
                let range = range.unwrap_or_else(|| {
                    let values = || sample.iter::<i64>();
                    values().min().unwrap_or(0)..values().max().unwrap_or(0) + 1
                });
                let span = (range.end - range.start).max(1) as u64;
                let values: Vec<i64> = (0..count).map(|_| range.start + (random.next() % span) as i64).collect();
                TensorData::new(values, shape)
            }
            _ => {
                let range = self.reference.float_ranges.get(&port.name).cloned().unwrap_or(0.0..1.0);
                let values: Vec<f64> = (0..count).map(|_| random.range(range.start, range.end)).collect();
                TensorData::new(values, shape).convert_dtype(shaped.dtype())
            }
        }
    }
}

/// The numbers that make up a case.
fn random(seed: u64, number: u64) -> SplitMix {
    SplitMix::new(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number))
}
