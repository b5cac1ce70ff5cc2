//! Whether two tensors agree.

use serde::Serialize;

/// Most that two values may differ by: `atol + rtol * |b|`, where b is the reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tolerance {
    /// Absolute part.
    pub atol: f64,
    /// Part relative to the reference.
    pub rtol: f64,
}

impl Tolerance {
    /// CPU engines: 1e-5 and 1e-4.
    pub const CPU: Tolerance = Tolerance::new(1e-5, 1e-4);
    /// The prior's logits on CPU engines: 1e-4 and 1e-4.
    pub const CPU_LOGITS: Tolerance = Tolerance::new(1e-4, 1e-4);
    /// CUDA with TF32 off: 1e-4 and 1e-3.
    pub const CUDA: Tolerance = Tolerance::new(1e-4, 1e-3);

    /// Both parts.
    pub const fn new(atol: f64, rtol: f64) -> Self {
        Self { atol, rtol }
    }
}

/// How far two tensors are apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Largest |a-b|; NaN when any is (null in JSON).
    pub max_abs: f64,
    /// Mean |a-b|; NaN when any is (null in JSON). 0 for empty tensors.
    pub mean_abs: f64,
    /// The tolerance's absolute part.
    pub atol: f64,
    /// The tolerance's relative part.
    pub rtol: f64,
    /// Every value is within the tolerance, none is NaN.
    pub pass: bool,
    /// Values compared.
    #[serde(skip)]
    pub count: usize,
    /// Values outside the tolerance or NaN.
    #[serde(skip)]
    pub outside: usize,
    /// Index of the first of the values farthest past the tolerance, or of the first NaN.
    #[serde(skip)]
    pub worst: Option<usize>,
}

impl Difference {
    /// Both differences as one, as if their tensors had been compared end to end; the tolerance is that of `self`.
    #[must_use]
    pub fn merge(self, other: Difference) -> Difference {
        let count = self.count + other.count;
        let sum = self.mean_abs * self.count as f64 + other.mean_abs * other.count as f64;
        let max_abs =
            if self.max_abs.is_nan() || other.max_abs.is_nan() { f64::NAN } else { self.max_abs.max(other.max_abs) };
        Difference {
            max_abs,
            mean_abs: if count == 0 { 0.0 } else { sum / count as f64 },
            pass: self.pass && other.pass,
            count,
            outside: self.outside + other.outside,
            worst: self.worst.or_else(|| other.worst.map(|worst| worst + self.count)),
            ..self
        }
    }
}

/// Compares `a` with the reference `b`, value by value. Equal infinities agree; NaN agrees with nothing, itself
/// included.
///
/// # Panics
/// If the lengths differ.
pub fn compare(a: &[f32], b: &[f32], tolerance: Tolerance) -> Difference {
    assert_eq!(a.len(), b.len(), "tensors of one size");
    let Tolerance { atol, rtol } = tolerance;
    let (mut max_abs, mut sum, mut outside) = (0.0f64, 0.0f64, 0usize);
    let mut worst: Option<(usize, f64)> = None;
    let mut nan = false;
    for (index, (&a, &b)) in a.iter().zip(b).enumerate() {
        let apart = if a == b { 0.0 } else { (f64::from(a) - f64::from(b)).abs() };
        nan |= apart.is_nan();
        max_abs = max_abs.max(apart);
        sum += apart;
        let past = apart - (atol + rtol * f64::from(b).abs());
        // An infinite reference would allow everything: only its equal agrees with it.
        let agrees = apart == 0.0 || (past <= 0.0 && b.is_finite());
        if !agrees {
            outside += 1;
            let past = if past.is_nan() { f64::INFINITY } else { past };
            if worst.is_none_or(|(_, most)| past > most) {
                worst = Some((index, past));
            }
        }
    }
    let mean_abs = if a.is_empty() { 0.0 } else { sum / a.len() as f64 };
    Difference {
        max_abs: if nan { f64::NAN } else { max_abs },
        mean_abs,
        atol,
        rtol,
        pass: outside == 0,
        count: a.len(),
        outside,
        worst: worst.map(|(index, _)| index),
    }
}
