//! Choosing a code from logits.

use std::cmp::Ordering;

use crate::{Error, ErrorKind, Result};

/// How a code is drawn from logits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Logits are divided by it; 0 takes the likeliest code, the first of equals.
    pub temperature: f64,
    /// Only the likeliest so many codes may be drawn.
    pub top_k: Option<usize>,
    /// Only the likeliest codes that together reach this probability may be drawn.
    pub top_p: Option<f64>,
}

impl Default for Choice {
    /// Draws from the model's own distribution.
    fn default() -> Self {
        Self { temperature: 1.0, top_k: None, top_p: None }
    }
}

impl Choice {
    /// Checks the numbers for a codebook of `codes`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a temperature that is negative or not finite, a `top_k` outside `1..=codes`, a `top_p`
    /// outside `(0, 1]`.
    pub fn check(&self, codes: usize) -> Result<()> {
        let refuse = |flag: &str, found: &dyn std::fmt::Display, expected: &str| {
            let why = format!("found {found}, expected {expected}");
            Err(Error::new(ErrorKind::Usage, "cannot sample", flag, why).hint(format!("give {flag} {expected}")))
        };
        if !self.temperature.is_finite() || self.temperature < 0.0 {
            return refuse("--temperature", &self.temperature, "a number from 0 on");
        }
        match (self.top_k, self.top_p) {
            (Some(k), _) if !(1..=codes).contains(&k) => refuse("--top-k", &k, &format!("a number from 1 to {codes}")),
            (_, Some(p)) if !(p > 0.0 && p <= 1.0) => refuse("--top-p", &p, "a number above 0 and up to 1"),
            _ => Ok(()),
        }
    }

    /// The code that `uniform`, in `[0, 1)`, picks by the inverse of the cumulated probabilities, in f64, with codes in
    /// the order of their number. `None` where a logit is NaN or `+inf`, or none is finite.
    pub fn pick(&self, logits: impl Iterator<Item = f32>, uniform: f64) -> Option<usize> {
        let mut weights: Vec<f64> = logits.map(f64::from).collect();
        if weights.iter().any(|logit| logit.is_nan() || *logit == f64::INFINITY) {
            return None;
        }
        let (best, &max) = weights.iter().enumerate().max_by(|(i, a), (j, b)| a.total_cmp(b).then(j.cmp(i)))?;
        if max == f64::NEG_INFINITY {
            return None;
        }
        if self.temperature == 0.0 {
            return Some(best);
        }
        for weight in &mut weights {
            *weight = ((*weight - max) / self.temperature).exp();
        }
        self.filter(&mut weights);
        let total: f64 = weights.iter().sum();
        let mut left = uniform * total;
        let mut last = best;
        for (code, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            last = code;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        Some(last)
    }

    /// Sets to zero the weights that `top_k` and then `top_p` leave out; of equals, the first are kept.
    fn filter(&self, weights: &mut [f64]) {
        let keep_k = self.top_k.unwrap_or(weights.len());
        let keep_p = self.top_p.unwrap_or(1.0);
        if keep_k >= weights.len() && keep_p >= 1.0 {
            return;
        }
        let mut order: Vec<usize> = (0..weights.len()).collect();
        let likelier = |i: &usize, j: &usize| -> Ordering { weights[*j].total_cmp(&weights[*i]).then(i.cmp(j)) };
        order.sort_unstable_by(likelier);
        let kept = &order[..keep_k.min(order.len())];
        let total: f64 = kept.iter().map(|&code| weights[code]).sum();
        let mut reached = 0.0;
        let mut count = 0;
        while count < kept.len() && (count == 0 || reached < keep_p * total) {
            reached += weights[kept[count]];
            count += 1;
        }
        for &code in &order[count..] {
            weights[code] = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 4] = [0.0, 2.0, 1.0, 2.0];

    fn shares(choice: Choice) -> [f64; 4] {
        let mut counts = [0.0; 4];
        for i in 0..10_000 {
            let code = choice.pick(LOGITS.into_iter(), (f64::from(i) + 0.5) / 10_000.0).unwrap();
            counts[code] += 1.0 / 10_000.0;
        }
        counts
    }

    #[test]
    fn shares_are_the_softmax() {
        let total: f64 = LOGITS.iter().map(|&logit| f64::from(logit).exp()).sum();
        let found = shares(Choice::default());
        for (share, logit) in found.iter().zip(LOGITS) {
            assert!((share - f64::from(logit).exp() / total).abs() < 2e-4);
        }
    }

    #[test]
    fn cold_and_filtered_choices() {
        let cold = Choice { temperature: 0.0, ..Choice::default() };
        assert_eq!(cold.pick(LOGITS.into_iter(), 0.99), Some(1));
        let top_1 = Choice { top_k: Some(1), ..Choice::default() };
        assert_eq!(shares(top_1)[1], shares(cold)[1]);
        let top_2 = shares(Choice { top_k: Some(2), ..Choice::default() });
        assert!((top_2[1] - 0.5).abs() < 1e-3 && (top_2[3] - 0.5).abs() < 1e-3);
        let top_p = shares(Choice { top_p: Some(0.5), ..Choice::default() });
        assert!(top_p[0] == 0.0 && top_p[2] == 0.0 && top_p[3] > 0.4);
        let all = Choice { top_p: Some(1.0), top_k: Some(4), ..Choice::default() };
        assert_eq!(shares(all), shares(Choice::default()));
    }

    #[test]
    fn logits_that_are_no_numbers_are_refused() {
        let choice = Choice::default();
        assert_eq!(choice.pick([0.0, f32::NAN].into_iter(), 0.1), None);
        assert_eq!(choice.pick([0.0, f32::INFINITY].into_iter(), 0.1), None);
        assert_eq!(choice.pick([f32::NEG_INFINITY; 2].into_iter(), 0.1), None);
        assert_eq!(choice.pick([f32::NEG_INFINITY, 0.0].into_iter(), 0.0), Some(1));
    }

    #[test]
    fn numbers_outside_their_range_are_refused() {
        let bad = [
            Choice { temperature: -1.0, ..Choice::default() },
            Choice { temperature: f64::NAN, ..Choice::default() },
            Choice { top_k: Some(0), ..Choice::default() },
            Choice { top_k: Some(5), ..Choice::default() },
            Choice { top_p: Some(0.0), ..Choice::default() },
            Choice { top_p: Some(1.1), ..Choice::default() },
            Choice { top_p: Some(f64::NAN), ..Choice::default() },
        ];
        for choice in bad {
            assert_eq!(choice.check(4).unwrap_err().kind(), ErrorKind::Usage, "{choice:?}");
        }
        assert!(Choice { top_k: Some(4), top_p: Some(1.0), temperature: 0.0 }.check(4).is_ok());
    }
}
