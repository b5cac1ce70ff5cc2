//! Random inputs of a model, and what Burn makes of them.

use std::ops::RangeInclusive;

use burn::backend::TensorData;

use super::boundary::{AxisUse, resize};
use super::compare::{Comparison, Tolerance, compare};
use super::draw::{Floats, bools, floats, ints};
use super::exported::Exported;
use super::quiet::panic_as_error;
use crate::onnx::DataType;
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
        self.compared(outputs, |_| tolerance)
    }

    /// [`Self::compare`] with a tolerance for the values of each output.
    pub(super) fn compared(
        &self,
        outputs: &[TensorData],
        tolerance: impl Fn(&TensorData) -> Tolerance,
    ) -> Result<Vec<Comparison>> {
        if outputs.len() != self.expected.len() {
            let why = format!("{} outputs instead of {}", outputs.len(), self.expected.len());
            return Err(Error::new(ErrorKind::Check, "wrong output", "model", why));
        }
        let pairs = self.expected.iter().zip(outputs);
        pairs.map(|((name, expected), actual)| compare(name, expected, actual, tolerance(expected))).collect()
    }
}

impl Exported {
    /// `n` random inputs with the results Burn computes for them, at lengths of the dynamic axes that were not
    /// recorded. The same seed gives the same inputs.
    ///
    /// Floats are drawn from the range that [`float_range`](super::Exporter::float_range) gives; those of an input
    /// without one are around zero in the first case, of few values that come again and again in the second (where Burn
    /// defines the order of equal values), of either sign and up to 64 in the third, and not all finite in the fourth
    /// (where the forward pass is arithmetic that defines it), and so on in turn. Integers are drawn from
    /// [`Self::int_range`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Model`] where the forward pass panics on such an input in Burn.
    pub fn cases(&self, n: usize, seed: u64) -> Result<Vec<Case>> {
        (0..n).map(|number| self.made(&self.unseen(number), seed, number)).collect()
    }

    /// Random inputs at chosen lengths of the dynamic axes, with the results Burn computes for them. An axis that is
    /// not named keeps its length in the sample.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] for a name that no dynamic axis has; [`ErrorKind::Model`] where the forward pass panics on
    /// such an input in Burn.
    pub fn case(&self, lengths: &[(&str, usize)], seed: u64) -> Result<Case> {
        if let Some((name, _)) = lengths.iter().find(|(name, _)| !self.axes().contains(name)) {
            let why = match self.axes().is_empty() {
                true => format!("there is no dynamic axis {name}; no axis is dynamic"),
                false => format!("there is no dynamic axis {name}; the axes are {}", self.axes().join(", ")),
            };
            return Err(Error::new(ErrorKind::Usage, "cannot make a case", self.name(), why));
        }
        let length = |axis: &AxisUse| lengths.iter().find(|(name, _)| *name == axis.name).map(|(_, length)| *length);
        let sizes: Vec<usize> = self.reference.axes.iter().map(|axis| length(axis).unwrap_or(axis.size)).collect();
        self.made(&sizes, seed, 0)
    }

    /// The names of the dynamic axes.
    pub fn axes(&self) -> Vec<&str> {
        self.reference.axes.iter().map(|axis| axis.name.as_str()).collect()
    }

    /// The integers that [`Self::cases`] draws for an input: those that
    /// [`Exporter::int_range`](super::Exporter::int_range) gave. Where it gave none, it is not known what the input may
    /// hold, and they are those between the sample's least and greatest ([`Self::assumed_ranges`]).
    pub fn int_range(&self, input: &str) -> Option<RangeInclusive<i64>> {
        let at = self.inputs().iter().position(|port| port.name == input && port.dtype == DataType::I64)?;
        if let Some(range) = self.reference.int_ranges.get(input) {
            return Some(range.start..=range.end - 1);
        }
        let values = || self.reference.sample[at].iter::<i64>();
        Some(values().min().unwrap_or(0)..=values().max().unwrap_or(0))
    }

    /// The integer inputs of which nobody said what they may hold, and what is drawn for them instead.
    pub fn assumed_ranges(&self) -> Vec<(&str, RangeInclusive<i64>)> {
        let unknown = self.inputs().iter().filter(|port| !self.reference.int_ranges.contains_key(&port.name));
        unknown.filter_map(|port| Some((port.name.as_str(), self.int_range(&port.name)?))).collect()
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

    /// Case `number` of a seed, at these lengths.
    fn made(&self, sizes: &[usize], seed: u64, number: usize) -> Result<Case> {
        let reference = &self.reference;
        let mut random = SplitMix::new(seed.wrapping_mul(0x9e37_79b9).wrapping_add(number as u64));
        let kind = Floats::of(number, self.operations());
        let shaped = resize(&reference.sample, &reference.axes, sizes);
        let drawn = self.inputs().iter().zip(&shaped).map(|(port, shaped)| {
            let shape: Vec<usize> = shaped.shape().iter().copied().collect();
            let data = match port.dtype {
                DataType::Bool => bools(&shape, &mut random),
                DataType::I64 => ints(&shape, &self.int_range(&port.name).unwrap_or(0..=0), &mut random),
                _ => floats(&shape, kind, reference.float_ranges.get(&port.name), &mut random)
                    .convert_dtype(shaped.dtype()),
            };
            (port.name.clone(), data)
        });
        let inputs: Vec<(String, TensorData)> = drawn.collect();
        let values = inputs.iter().map(|(_, data)| data.clone()).collect();
        let results = panic_as_error(|| (reference.run)(values)).map_err(|panic| {
            let lengths = reference.axes.iter().zip(sizes).map(|(axis, size)| format!("{} {size}, ", axis.name));
            let inputs: Vec<String> = inputs.iter().map(|(name, data)| summary(name, data)).collect();
            let (lengths, inputs) = (lengths.collect::<String>(), inputs.join(", "));
            let why = format!("it panicked on case {number} of seed {seed} ({lengths}{inputs}): {panic}");
            Error::new(ErrorKind::Model, "cannot run the forward pass in Burn", self.name(), why)
                .hint("say what the inputs may hold with `int_range` and `float_range`")
                .hint("a forward pass that takes certain lengths alone is checked with `case`")
        })?;
        let names = self.outputs().iter().map(|port| port.name.clone());
        Ok(Case { inputs, expected: names.zip(results).collect() })
    }
}

/// A tensor's name, shape, and least and greatest value.
fn summary(name: &str, data: &TensorData) -> String {
    let dims: Vec<usize> = data.shape().iter().copied().collect();
    let least = data.iter::<f64>().fold(f64::INFINITY, f64::min);
    let most = data.iter::<f64>().fold(f64::NEG_INFINITY, f64::max);
    match data.num_elements() {
        0 => format!("{name} {dims:?}"),
        _ => format!("{name} {dims:?} of {least} to {most}"),
    }
}
