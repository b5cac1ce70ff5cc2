//! The difference between an engine's outputs and Burn's.

use std::fmt;
use std::ops::RangeInclusive;

use burn::backend::TensorData;

use crate::{Error, ErrorKind, Result};

/// How much a float `a` may differ from Burn's `b`: `|a - b| <= atol + rtol * |b|`. Integers and booleans must be
/// equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// The absolute part.
    pub atol: f64,
    /// The part that grows with the expected value.
    pub rtol: f64,
}

impl Default for Tolerance {
    /// 1e-5 and 1e-4, which engines on a CPU stay within.
    fn default() -> Self {
        Self { atol: 1e-5, rtol: 1e-4 }
    }
}

impl Tolerance {
    /// The tolerance for an output of these values: `atol` is that of values around 1, and is multiplied by the size of
    /// the values where they are larger. Their size is the lower quartile of their magnitudes, zeros left out, so that a
    /// few huge values, as masks put them in, do not excuse the others.
    #[must_use]
    pub fn scaled(self, expected: &TensorData) -> Self {
        if !expected.dtype().is_float() {
            return self;
        }
        let mut sizes: Vec<f64> = expected.iter::<f64>().map(f64::abs).filter(|x| x.is_finite() && *x > 0.0).collect();
        if sizes.is_empty() {
            return self;
        }
        let quartile = (sizes.len() - 1) / 4;
        let (_, size, _) = sizes.select_nth_unstable_by(quartile, f64::total_cmp);
        Self { atol: self.atol * size.max(1.0), ..self }
    }
}

/// The difference between one output of an engine and Burn's.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The output's name.
    pub output: String,
    /// The largest difference; infinite where only one of the two is NaN or infinite.
    pub max_abs: f64,
    /// The mean difference.
    pub mean_abs: f64,
    /// How many elements there are.
    pub elements: usize,
    /// How many elements differ by more than the tolerance.
    pub outside: usize,
    /// The integer inputs of which it is not known what they may hold, each with what was drawn for it instead.
    pub assumed: Vec<(String, RangeInclusive<i64>)>,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { output, max_abs, elements, outside, .. } = self;
        match outside {
            0 => write!(f, "{output}: {elements} elements, at most {max_abs:.1e} away from Burn")?,
            _ => write!(f, "{output}: {outside} of {elements} elements are too far from Burn, up to {max_abs:.1e}")?,
        }
        for (input, range) in &self.assumed {
            write!(
                f,
                "; {input} was drawn from {} to {} as in the sample, since its int_range is not known",
                range.start(),
                range.end()
            )?;
        }
        Ok(())
    }
}

impl Comparison {
    /// Whether every element is within the tolerance.
    pub fn pass(&self) -> bool {
        self.outside == 0
    }

    /// Adds the elements of another comparison of the same output.
    pub(super) fn merge(&mut self, other: &Self) {
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
    let distance = |a: f64, b: f64| match (a == b || a.is_nan() && b.is_nan(), (a - b).abs()) {
        (true, _) => 0.0,
        (false, distance) if distance.is_nan() => f64::INFINITY,
        (false, distance) => distance,
    };
    let allowed = |b: f64| if b.is_finite() { tolerance.atol + tolerance.rtol * b.abs() } else { 0.0 };
    if expected.shape() != actual.shape() {
        let why = format!("the shape is {} instead of {}", actual.shape(), expected.shape());
        return Err(Error::new(ErrorKind::Check, "wrong output", output, why));
    }
    let pairs: Vec<(f64, f64)> = match expected.dtype().is_float() {
        true => expected.iter::<f64>().zip(actual.iter::<f64>()).map(|(b, a)| (distance(a, b), allowed(b))).collect(),
        false => expected
            .iter::<i64>()
            .zip(actual.iter::<i64>())
            .map(|(b, a)| ((i128::from(a) - i128::from(b)).unsigned_abs() as f64, 0.0))
            .collect(),
    };
    let elements = pairs.len();
    let max_abs = pairs.iter().map(|(distance, _)| *distance).fold(0.0, f64::max);
    let sum: f64 = pairs.iter().map(|(distance, _)| distance).sum();
    let outside = pairs.iter().filter(|(distance, allowed)| distance > allowed).count();
    let mean_abs = sum / elements.max(1) as f64;
    Ok(Comparison { output: output.into(), max_abs, mean_abs, elements, outside, assumed: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tolerance_follows_most_of_the_values() {
        let atol = |values: Vec<f32>| {
            let count = values.len();
            Tolerance { atol: 1e-5, rtol: 0.0 }.scaled(&TensorData::new(values, [count])).atol
        };
        assert_eq!(atol(vec![0.1, -0.5, 0.0, 1.0]), 1e-5);
        assert_eq!(atol(vec![-1e9, -1e9, 0.5, 0.25, -1e9]), 1e-5, "masked values excuse nothing");
        assert!((atol(vec![0.0, 300.0, -200.0, 400.0, f32::INFINITY]) - 2e-3).abs() < 1e-9);
        assert_eq!(atol(vec![]), 1e-5);
    }

    #[test]
    fn a_comparison_says_which_ranges_are_not_known() {
        let data = TensorData::from([1.0f32, 2.0]);
        let mut found = compare("y", &data, &data, Tolerance::default()).expect("equal shapes");
        assert_eq!(found.to_string(), "y: 2 elements, at most 0.0e0 away from Burn");
        found.assumed.push(("codes".into(), 0..=4));
        assert!(
            found
                .to_string()
                .ends_with("; codes was drawn from 0 to 4 as in the sample, since its int_range is not known")
        );
    }
}
