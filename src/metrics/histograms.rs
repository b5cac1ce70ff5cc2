//! The bits that a code costs without a model of how codes depend on each other: under a uniform distribution, under the
//! shares of the codes in training, and under their shares at each place of the grid.

use ndarray::{Array1, Array3, ArrayView3, Axis};

/// The smoothings to choose from: at each place, the overall shares are added as if they had been seen in so many grids.
const SMOOTHINGS: [f64; 12] = [1.0, 3.0, 5.0, 10.0, 20.0, 40.0, 80.0, 150.0, 300.0, 600.0, 1200.0, 2500.0];

/// The codes of training grids, counted at every place.
#[derive(Debug, Clone)]
pub struct CodeHistograms {
    /// `[h, w, K]`.
    counts: Array3<f64>,
    /// Shares over all places `[K]`; half a count is added to each code, so that none is 0.
    shares: Array1<f64>,
    grids: f64,
    smoothing: f64,
}

impl CodeHistograms {
    /// Counts the codes `[n, h, w]` of `train`, all below `codebook_size`. The smoothing is the one that gives the codes
    /// `[m, h, w]` of `validate` the fewest bits.
    ///
    /// # Panics
    /// If a code is outside the codebook, or there are no grids.
    pub fn fit(train: ArrayView3<'_, i64>, validate: ArrayView3<'_, i64>, codebook_size: usize) -> Self {
        let (grids, h, w) = train.dim();
        assert!(grids > 0 && validate.len_of(Axis(0)) > 0, "at least one grid");
        let mut counts = Array3::<f64>::zeros((h, w, codebook_size));
        for grid in train.axis_iter(Axis(0)) {
            for ((row, column), code) in grid.indexed_iter() {
                counts[[row, column, *code as usize]] += 1.0;
            }
        }
        let mut shares = counts.sum_axis(Axis(0)).sum_axis(Axis(0)) + 0.5;
        shares /= shares.sum();
        let mut fitted = Self { counts, shares, grids: grids as f64, smoothing: 0.0 };
        let cost = |smoothing: f64| Self { smoothing, ..fitted.clone() }.per_position(validate);
        let costs = SMOOTHINGS.map(cost);
        let best = (0..SMOOTHINGS.len()).min_by(|a, b| costs[*a].total_cmp(&costs[*b])).expect("there are smoothings");
        fitted.smoothing = SMOOTHINGS[best];
        fitted
    }

    /// Bits a code where all codes are equally likely: log2 K.
    pub fn uniform(&self) -> f64 {
        (self.shares.len() as f64).log2()
    }

    /// Mean bits a code of grids `[n, h, w]`, where a code has its share in training, over all places.
    pub fn order0(&self, codes: ArrayView3<'_, i64>) -> f64 {
        let total: f64 = codes.iter().map(|code| self.shares[*code as usize].log2()).sum();
        -total / codes.len() as f64
    }

    /// Mean bits a code of grids `[n, h, w]`, where a code has its smoothed share in training at its place.
    pub fn per_position(&self, codes: ArrayView3<'_, i64>) -> f64 {
        let total: f64 = codes
            .indexed_iter()
            .map(|((_, row, column), code)| {
                let code = *code as usize;
                let count = self.counts[[row, column, code]] + self.smoothing * self.shares[code];
                (count / (self.grids + self.smoothing)).log2()
            })
            .sum();
        -total / codes.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;

    use super::*;

    #[test]
    fn places_that_differ_cost_less_by_place() {
        // Left always 0, right 1 or 2 with equal shares.
        let grids = |n: usize| Array3::from_shape_fn((n, 1, 2), |(n, _, x)| (x * (1 + n % 2)) as i64);
        let histograms = CodeHistograms::fit(grids(1000).view(), grids(100).view(), 4);
        assert_eq!(histograms.uniform(), 2.0);
        assert!((histograms.order0(grids(10).view()) - 1.5).abs() < 0.01);
        assert!((histograms.per_position(grids(10).view()) - 0.5).abs() < 0.01);
    }

    #[test]
    fn codes_that_training_never_saw_cost_much_but_not_everything() {
        let train = Array3::zeros((50, 2, 2));
        let histograms = CodeHistograms::fit(train.view(), train.view(), 8);
        let bits = histograms.per_position(Array3::from_elem((1, 2, 2), 5).view());
        assert!(bits.is_finite() && bits > 5.0, "{bits}");
    }
}
