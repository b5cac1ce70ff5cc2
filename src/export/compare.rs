//! The difference between an engine's outputs and Burn's.

use burn::backend::TensorData;

use crate::{Error, ErrorKind, Result};

/// How much a float `a` may differ from Burn's `b`: `|a - b| <= atol + rtol * |b|`. Integers and booleans must be equal.
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
    Ok(Comparison { output: output.into(), max_abs, mean_abs: sum / elements.max(1) as f64, elements, outside })
}
