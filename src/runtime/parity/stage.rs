//! Gathering the differences of a stage.

use ndarray::Array4;

use super::limits::Bound;
use super::report::StageReport;

/// The larger of two numbers; NaN where one of them is.
pub(super) fn worse(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Gathers the differences of a stage.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    report: StageReport,
    sum: f64,
    count: usize,
}

impl Stage {
    /// No differences so far.
    pub(super) fn new(Bound { atol, rtol }: Bound) -> Self {
        let report = StageReport { max_abs: 0.0, mean_abs: 0.0, atol, rtol, max_levels: None, pass: true };
        Self { report, sum: 0.0, count: 0 }
    }

    /// How many differences were added.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Adds a difference, and whether it is within the limit.
    pub(super) fn add_one(&mut self, difference: f64, pass: bool) {
        self.count += 1;
        self.sum += difference;
        self.report.max_abs = worse(self.report.max_abs, difference);
        self.report.pass &= pass;
    }

    /// Adds the differences of two lists of values.
    pub(super) fn add(&mut self, a: impl Iterator<Item = f32>, b: impl Iterator<Item = f32>) {
        for (a, b) in a.zip(b) {
            let (a, b) = (f64::from(a), f64::from(b));
            let difference = (a - b).abs();
            // False for NaN.
            let pass = difference <= self.report.atol + self.report.rtol * b.abs();
            self.add_one(difference, pass);
        }
    }

    /// Adds the differences of images, whose 8-bit grey levels may be at most one apart.
    pub(super) fn add_images(&mut self, a: &Array4<f32>, b: &Array4<f32>) {
        self.add(a.iter().copied(), b.iter().copied());
        let level = |value: &f32| (value * 255.0).round().clamp(0.0, 255.0) as u8;
        let apart = a.iter().zip(b).map(|(a, b)| level(a).abs_diff(level(b))).max().unwrap_or(0);
        let apart = self.report.max_levels.unwrap_or(0).max(apart);
        self.report.max_levels = Some(apart);
        self.report.pass &= apart <= 1;
    }

    /// What was found.
    pub(super) fn report(mut self) -> StageReport {
        self.report.mean_abs = if self.count == 0 { 0.0 } else { self.sum / self.count as f64 };
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Bound = Bound { atol: 1.0, rtol: 1.0 };

    #[test]
    fn not_a_number_fails_a_stage() {
        let mut stage = Stage::new(WIDE);
        stage.add([1.0, f32::NAN, 1.0].into_iter(), [1.0, f32::NAN, 1.0].into_iter());
        let report = stage.report();
        assert!(!report.pass && report.max_abs.is_nan());
    }

    #[test]
    fn tolerance_is_absolute_and_relative() {
        let of = |a: f32, b: f32| {
            let mut stage = Stage::new(Bound { atol: 1e-5, rtol: 1e-4 });
            stage.add([a].into_iter(), [b].into_iter());
            stage.report().pass
        };
        assert!(of(0.0, 0.9e-5) && !of(0.0, 1.1e-5) && of(10.0, 10.0009) && !of(10.0, 10.0012));
    }

    #[test]
    fn images_two_levels_apart_fail() {
        let image = |value: f32| Array4::from_elem((1, 1, 1, 1), value / 255.0);
        let mut stage = Stage::new(WIDE);
        stage.add_images(&image(3.4), &image(3.6));
        assert_eq!(stage.clone().report().max_levels, Some(1));
        assert!(stage.clone().report().pass);
        stage.add_images(&image(3.4), &image(4.6));
        assert!(!stage.report().pass);
    }
}
