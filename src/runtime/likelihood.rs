//! How likely given codes are under the prior.

use ndarray::{Array1, ArrayView2, ArrayView3, Axis, s};

use super::pipeline::{Oasis, check_shape};
use crate::Result;
use crate::bundle::Sizes;

/// Grids that one pass of the prior takes; more only take more memory.
const TOGETHER: usize = 4;

impl Oasis {
    /// The mean number of bits that the prior spends on a code, for each of the grids `[n, h, w]` under conditions
    /// `[n, 2]`: `-log2` of each code's probability given the codes before it, averaged over the grid.
    ///
    /// # Errors
    /// Those of [`Oasis::prior_logits`].
    pub fn bits_per_code(&self, codes: ArrayView3<'_, i64>, condition: ArrayView2<'_, i64>) -> Result<Array1<f64>> {
        let Sizes { grid: [h, w], .. } = self.sizes();
        let n = codes.dim().0;
        check_shape("condition", condition.shape(), &[Some(n), Some(2)])?;
        let mut bits = Array1::<f64>::zeros(n);
        for first in (0..n).step_by(TOGETHER) {
            let some = first..(first + TOGETHER).min(n);
            let (codes, condition) = (codes.slice(s![some.clone(), .., ..]), condition.slice(s![some.clone(), ..]));
            let logits = self.prior_logits(codes, condition)?;
            for (logits, (codes, bits)) in
                logits.axis_iter(Axis(0)).zip(codes.axis_iter(Axis(0)).zip(bits.slice_mut(s![some])))
            {
                for ((row, column), code) in codes.indexed_iter() {
                    *bits += surprise(&logits.slice(s![.., row, column]).to_vec(), *code as usize) / (h * w) as f64;
                }
            }
        }
        Ok(bits)
    }
}

/// `-log2` of the probability that the softmax of the logits gives to a code, computed in f64.
fn surprise(logits: &[f32], code: usize) -> f64 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f64 = logits.iter().map(|logit| (f64::from(*logit) - f64::from(max)).exp()).sum();
    (total.ln() - (f64::from(logits[code]) - f64::from(max))) / std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::surprise;

    #[test]
    fn surprises_are_those_of_the_softmax() {
        assert!((surprise(&[0.0; 8], 3) - 3.0).abs() < 1e-12);
        let logits = [1000.0, 999.0];
        assert!((surprise(&logits, 1) - (1.0 + 1_f64.exp()).log2()).abs() < 1e-12);
        assert_eq!(surprise(&[0.0, f32::NEG_INFINITY], 1), f64::INFINITY);
        assert!(surprise(&[0.0, f32::NAN], 0).is_nan() && surprise(&[0.0, f32::INFINITY], 0).is_nan());
    }
}
