//! What the prior and simpler models need for the codes of real slices.

use ndarray::s;
use serde::Serialize;

use super::sets::Set;
use crate::Result;
use crate::metrics::{CodeHistograms, interval_by_group, percentile};
use crate::runtime::Oasis;

/// Grids between two looks at whether to go on.
const STRIDE: usize = 64;

/// Mean bits a code, and how many single slices stand out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BitsPerCode {
    /// By the prior, of the training slices.
    pub train: f64,
    /// Of the validation slices.
    pub validate: f64,
    /// Of the test slices.
    pub test: f64,
    /// The 95% interval of that for other subjects.
    pub test_interval: Option<[f64; 2]>,
    /// Every code as likely: log2 K.
    pub uniform: f64,
    /// Of the test slices, by the codes' shares in training.
    pub order0: f64,
    /// Of the test slices, by the codes' shares at each place in training ([`CodeHistograms`]).
    pub per_position: f64,
    /// Share of training slices that take less than half the bits of the median test slice: what the prior has learned by
    /// heart. (Yeom et al. 2018, "Privacy Risk in Machine Learning", tell members by such a threshold of the loss.)
    pub known_by_heart: f64,
    /// The same of validation slices, of which it can know none.
    pub real_known_by_heart: f64,
}

impl BitsPerCode {
    /// Of the training, validation and test slices.
    ///
    /// # Errors
    /// Those of the engine and of `go_on`, which is asked now and then.
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
