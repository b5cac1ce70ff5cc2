//! How well the prior predicts the codes of real slices, beside simpler models.

use ndarray::s;
use serde::Serialize;

use super::sets::Set;
use crate::Result;
use crate::metrics::{CodeHistograms, interval_by_group, percentile};
use crate::runtime::Oasis;

/// After so many grids it is asked whether to go on.
const STRIDE: usize = 64;

/// Mean bits a code that a model needs for the codes of real slices (its cross-entropy), and how many single slices
/// stand out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BitsPerCode {
    /// What the prior needs for the training slices.
    pub train: f64,
    /// What the prior needs for the validation slices.
    pub validate: f64,
    /// What the prior needs for the test slices.
    pub test: f64,
    /// The 95% interval of `test` for other subjects.
    pub test_interval: Option<[f64; 2]>,
    /// What a model needs that draws all codes with the same probability: log2 K.
    pub uniform: f64,
    /// What the shares of the codes in the training slices need for the test slices.
    pub order0: f64,
    /// What the shares of the codes at each position in the training slices need for the test slices
    /// ([`CodeHistograms`]).
    pub per_position: f64,
    /// The share of training slices that the prior knows by heart: they need less than half the bits of the median test
    /// slice. (Yeom et al. 2018, "Privacy Risk in Machine Learning", tell training data by such a threshold of the
    /// loss.)
    pub known_by_heart: f64,
    /// The same share of the validation slices, none of which the prior has seen.
    pub real_known_by_heart: f64,
}

impl BitsPerCode {
    /// Measures the training, validation and test slices. `go_on` is called every now and then, and its error ends the
    /// work.
    ///
    /// # Errors
    /// Those of the engine and of `go_on`.
    pub(super) fn of(oasis: &Oasis, sets: [&Set; 3], go_on: &mut dyn FnMut() -> Result<()>) -> Result<Self> {
        let mut each = |set: &Set| -> Result<Vec<(Option<u32>, f64)>> {
            let mut bits = Vec::with_capacity(set.len());
            for first in (0..set.len()).step_by(STRIDE) {
                go_on()?;
                let end = (first + STRIDE).min(set.len());
                let codes = set.codes.slice(s![first..end, .., ..]);
                let some = oasis.bits_per_code(codes, set.condition.slice(s![first..end, ..]))?;
                bits.extend(set.cases[first..end].iter().copied().zip(some));
            }
            Ok(bits)
        };
        let [train, validate, test] = [each(sets[0])?, each(sets[1])?, each(sets[2])?];
        let mean = |bits: &[(Option<u32>, f64)]| bits.iter().map(|(_, bits)| bits).sum::<f64>() / bits.len() as f64;
        let [seen, chosen, held_out] = sets.map(|set| set.codes.view());
        let usual: Vec<f64> = test.iter().map(|(_, bits)| *bits).collect();
        let few = 0.5 * percentile(&usual, 50.0).expect("there are test slices");
        let below = |bits: &[(Option<u32>, f64)]| {
            bits.iter().filter(|(_, bits)| *bits < few).count() as f64 / bits.len() as f64
        };
        let histograms = CodeHistograms::fit(seen, chosen, oasis.sizes().codebook_size);
        Ok(Self {
            train: mean(&train),
            validate: mean(&validate),
            test: mean(&test),
            test_interval: interval_by_group(&test),
            uniform: histograms.uniform(),
            order0: histograms.order0(held_out),
            per_position: histograms.per_position(held_out),
            known_by_heart: below(&train),
            real_known_by_heart: below(&validate),
        })
    }
}
