//! Spaces of feature vectors, and how far samples are from real slices in them.

use ndarray::{Array2, ArrayView2, Axis};
use serde::Serialize;

use crate::metrics::{frechet, jackknife_by_group, median_distance, mmd, precision};

/// A manifold is the union of balls around its vectors, each as large as the distance to this nearest neighbour.
const NEIGHBOURS: usize = 3;

/// A figure and its 95% interval for other subjects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    /// The figure.
    pub(super) value: f64,
    /// The low and the high end of the interval, by the jackknife; `None` where there is only one subject.
    pub(super) interval: Option<[f64; 2]>,
}

impl Estimate {
    /// The first of two distances, divided by the second. The interval is that of the ratio's logarithm.
    pub(super) fn ratio(cases: &[Option<u32>], apart: impl Fn(&[usize]) -> [f64; 2]) -> Self {
        let log = Self::of(cases, |kept| {
            let [above, below] = apart(kept);
            (above / below).ln()
        });
        Self { value: log.value.exp(), interval: log.interval.map(|ends| ends.map(f64::exp)) }
    }

    /// A statistic of items that belong to the subjects `cases`; it is computed from the items whose numbers it is
    /// given.
    pub(super) fn of(cases: &[Option<u32>], statistic: impl Fn(&[usize]) -> f64) -> Self {
        let all: Vec<usize> = (0..cases.len()).collect();
        Self { value: statistic(&all), interval: jackknife_by_group(cases, &statistic) }
    }
}

/// Vectors `[n, d]` of samples, of held-out real slices and of training slices. Row i of each is of the same slice
/// position.
pub(super) struct Space<'a> {
    pub(super) samples: Array2<f64>,
    pub(super) real: Array2<f64>,
    pub(super) seen: Array2<f64>,
    /// The subjects of the real slices.
    pub(super) cases: &'a [Option<u32>],
}

impl Space<'_> {
    /// The space of other vectors of the same images, which `to` makes of these.
    pub(super) fn map(&self, to: impl Fn(&Array2<f64>) -> Array2<f64>) -> Self {
        let [samples, real, seen] = [&self.samples, &self.real, &self.seen].map(to);
        Self { samples, real, seen, cases: self.cases }
    }

    /// The distance of samples to real slices, divided by the distance of training slices to real slices.
    fn ratio(&self, apart: impl Fn(ArrayView2<'_, f64>, ArrayView2<'_, f64>) -> f64) -> Estimate {
        Estimate::ratio(self.cases, |kept| {
            let [samples, real, seen] = [&self.samples, &self.real, &self.seen].map(|set| set.select(Axis(0), kept));
            [apart(samples.view(), real.view()), apart(seen.view(), real.view())]
        })
    }

    fn frechet_ratio(&self) -> Estimate {
        self.ratio(frechet)
    }

    fn mmd_ratio(&self) -> Estimate {
        let width = median_distance(self.real.view());
        self.ratio(|a, b| mmd(a, b, width))
    }

    /// The share of samples in the manifold of real slices.
    fn precision(&self) -> Estimate {
        self.share(&self.samples, &self.real)
    }

    /// The share of real slices in the manifold of samples.
    fn recall(&self) -> Estimate {
        self.share(&self.real, &self.samples)
    }

    /// The precision of training slices: that of real slices of other subjects.
    fn real_precision(&self) -> f64 {
        precision(self.seen.view(), self.real.view(), NEIGHBOURS)
    }

    /// The recall of training slices.
    fn real_recall(&self) -> f64 {
        precision(self.real.view(), self.seen.view(), NEIGHBOURS)
    }

    /// The share of the vectors `inside` that are in a manifold.
    fn share(&self, inside: &Array2<f64>, manifold: &Array2<f64>) -> Estimate {
        let share = Estimate::of(self.cases, |kept| {
            precision(inside.select(Axis(0), kept).view(), manifold.select(Axis(0), kept).view(), NEIGHBOURS)
        });
        Estimate { interval: share.interval.map(|ends| ends.map(|end| end.clamp(0.0, 1.0))), ..share }
    }
}

/// Frechet distances between distributions of feature vectors: that of samples to held-out real slices, divided by that
/// of training slices to the same slices. 1 is what other real slices reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Frechet {
    /// The ratio for mean and deviation of each channel of the encoder's latents.
    pub encoder_ratio: f64,
    /// The 95% interval of `encoder_ratio` for other subjects.
    pub encoder_interval: Option<[f64; 2]>,
    /// The ratio for the principal components of small pictures.
    pub pca_ratio: f64,
    /// The 95% interval of `pca_ratio` for other subjects.
    pub pca_interval: Option<[f64; 2]>,
}

impl Frechet {
    pub(super) fn of(encoder: &Space<'_>, pca: &Space<'_>) -> Self {
        let [encoder, pca] = [encoder, pca].map(Space::frechet_ratio);
        Self {
            encoder_ratio: encoder.value,
            encoder_interval: encoder.interval,
            pca_ratio: pca.value,
            pca_interval: pca.interval,
        }
    }
}

/// A distance, and how samples and real slices cover each other, by the encoder's features.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Manifolds {
    /// The maximum mean discrepancy (Gretton et al. 2012), as a ratio like those of [`Frechet`].
    pub mmd_ratio: f64,
    /// The 95% interval of `mmd_ratio` for other subjects.
    pub mmd_interval: Option<[f64; 2]>,
    /// The share of samples in the manifold of held-out real slices (Kynkäänniemi et al. 2019).
    pub precision: f64,
    /// The 95% interval of `precision` for other subjects.
    pub precision_interval: Option<[f64; 2]>,
    /// The share of held-out real slices in the manifold of samples.
    pub recall: f64,
    /// The 95% interval of `recall` for other subjects.
    pub recall_interval: Option<[f64; 2]>,
    /// The precision of training slices in the place of samples: what real slices reach.
    pub real_precision: f64,
    /// The recall of training slices in the place of samples.
    pub real_recall: f64,
}

impl Manifolds {
    pub(super) fn of(encoder: &Space<'_>) -> Self {
        let (mmd, precision, recall) = (encoder.mmd_ratio(), encoder.precision(), encoder.recall());
        Self {
            mmd_ratio: mmd.value,
            mmd_interval: mmd.interval,
            precision: precision.value,
            precision_interval: precision.interval,
            recall: recall.value,
            recall_interval: recall.interval,
            real_precision: encoder.real_precision(),
            real_recall: encoder.real_recall(),
        }
    }
}
