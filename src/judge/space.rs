//! Spaces of feature vectors, and how far samples are from real slices in them.

use ndarray::{Array2, ArrayView2, Axis};

use crate::metrics::{frechet, jackknife_by_group, median_distance, mmd, precision};

/// Neighbours that a manifold reaches to.
const NEIGHBOURS: usize = 3;

/// A figure, and its 95% interval for other subjects by the jackknife; `None` where there is but one subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    /// The figure.
    pub(super) value: f64,
    /// Its interval, low and high.
    pub(super) interval: Option<[f64; 2]>,
}

impl Estimate {
    /// The ratio of two distances; its interval is that of the ratio's logarithm.
    pub(super) fn ratio(cases: &[Option<u32>], apart: impl Fn(&[usize]) -> [f64; 2]) -> Self {
        let log = Self::of(cases, |kept| {
            let [above, below] = apart(kept);
            (above / below).ln()
        });
        Self { value: log.value.exp(), interval: log.interval.map(|ends| ends.map(f64::exp)) }
    }

    /// A statistic of items that belong to subjects, given the numbers of the items that count.
    pub(super) fn of(cases: &[Option<u32>], statistic: impl Fn(&[usize]) -> f64) -> Self {
        let all: Vec<usize> = (0..cases.len()).collect();
        Self { value: statistic(&all), interval: jackknife_by_group(cases, &statistic) }
    }
}

/// Vectors `[n, d]` of samples, of held-out real slices and of training slices; row i of each has the same slice position.
pub(super) struct Space<'a> {
    pub(super) samples: Array2<f64>,
    pub(super) real: Array2<f64>,
    pub(super) seen: Array2<f64>,
    /// The subjects of the real slices.
    pub(super) cases: &'a [Option<u32>],
}

impl Space<'_> {
    /// Another space with vectors of the same images.
    pub(super) fn map(&self, to: impl Fn(&Array2<f64>) -> Array2<f64>) -> Self {
        let [samples, real, seen] = [&self.samples, &self.real, &self.seen].map(to);
        Self { samples, real, seen, cases: self.cases }
    }

    /// How far samples are from real slices, by how far training slices are from these.
    fn ratio(&self, apart: impl Fn(ArrayView2<'_, f64>, ArrayView2<'_, f64>) -> f64) -> Estimate {
        Estimate::ratio(self.cases, |kept| {
            let [samples, real, seen] = [&self.samples, &self.real, &self.seen].map(|set| set.select(Axis(0), kept));
            [apart(samples.view(), real.view()), apart(seen.view(), real.view())]
        })
    }

    pub(super) fn frechet_ratio(&self) -> Estimate {
        self.ratio(frechet)
    }

    pub(super) fn mmd_ratio(&self) -> Estimate {
        let width = median_distance(self.real.view());
        self.ratio(|a, b| mmd(a, b, width))
    }

    /// Share of samples that lie where real slices do.
    pub(super) fn precision(&self) -> Estimate {
        self.share(&self.samples, &self.real)
    }

    /// Share of real slices that lie where samples do.
    pub(super) fn recall(&self) -> Estimate {
        self.share(&self.real, &self.samples)
    }

    /// The precision of training slices: what real slices of other subjects reach.
    pub(super) fn real_precision(&self) -> f64 {
        precision(self.seen.view(), self.real.view(), NEIGHBOURS)
    }

    /// Their recall.
    pub(super) fn real_recall(&self) -> f64 {
        precision(self.real.view(), self.seen.view(), NEIGHBOURS)
    }

    fn share(&self, inside: &Array2<f64>, manifold: &Array2<f64>) -> Estimate {
        let share = Estimate::of(self.cases, |kept| {
            precision(inside.select(Axis(0), kept).view(), manifold.select(Axis(0), kept).view(), NEIGHBOURS)
        });
        Estimate { interval: share.interval.map(|ends| ends.map(|end| end.clamp(0.0, 1.0))), ..share }
    }
}
