//! How a code is chosen from logits.

use crate::{Error, ErrorKind, Result, Subject};

/// Logits that differ by less than this may change their order from engine to engine.
pub(super) const CLOSE: f64 = 1e-4;

/// How a code is drawn from logits. The default draws from the model's own distribution.
///
/// ```
/// use oasis::runtime::Choice;
/// let choice = Choice::default().temperature(0.8).top_k(64);
/// assert!(choice.check(512).is_ok() && choice.check(32).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Choice {
    /// Logits are divided by it; 0 takes the likeliest code, the first of several that are equally likely.
    pub temperature: f64,
    /// Only this many of the likeliest codes may be drawn.
    pub top_k: Option<usize>,
    /// Only the fewest likeliest codes whose probabilities add up to this may be drawn.
    pub top_p: Option<f64>,
}

impl Default for Choice {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: None, top_p: None }
    }
}

impl Choice {
    /// The same with another temperature.
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = temperature;
        self
    }

    /// The same with another `top_k`.
    #[must_use]
    pub fn top_k(mut self, codes: impl Into<Option<usize>>) -> Self {
        self.top_k = codes.into();
        self
    }

    /// The same with another `top_p`.
    #[must_use]
    pub fn top_p(mut self, probability: impl Into<Option<f64>>) -> Self {
        self.top_p = probability.into();
        self
    }

    /// Checks the numbers for a codebook of `codes` codes.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a temperature that is negative or not finite, a `top_k` outside `1..=codes`, a `top_p`
    /// outside `(0, 1]`.
    pub fn check(&self, codes: usize) -> Result<()> {
        let refuse = |setting: &str, found: &dyn std::fmt::Display, expected: &str| {
            let why = format!("found {found}, expected {expected}");
            Err(Error::new(ErrorKind::Usage, "cannot sample", Subject::setting(setting), why)
                .hint(format!("set `{setting}` to {expected}")))
        };
        if !self.temperature.is_finite() || self.temperature < 0.0 {
            return refuse("temperature", &self.temperature, "a number from 0 on");
        }
        match (self.top_k, self.top_p) {
            (Some(k), _) if !(1..=codes).contains(&k) => refuse("top_k", &k, &format!("a number from 1 to {codes}")),
            (_, Some(p)) if !(p > 0.0 && p <= 1.0) => refuse("top_p", &p, "a number above 0 and up to 1"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_their_range_are_refused() {
        let good = Choice::default();
        let bad = [
            (good.temperature(-1.0), "temperature", "found -1, expected a number from 0 on"),
            (good.temperature(f64::NAN), "temperature", "found NaN, expected a number from 0 on"),
            (good.top_k(0), "top_k", "found 0, expected a number from 1 to 4"),
            (good.top_k(5), "top_k", "found 5, expected a number from 1 to 4"),
            (good.top_p(0.0), "top_p", "found 0, expected a number above 0 and up to 1"),
            (good.top_p(1.1), "top_p", "found 1.1, expected a number above 0 and up to 1"),
            (good.top_p(f64::NAN), "top_p", "found NaN, expected a number above 0 and up to 1"),
        ];
        for (choice, setting, why) in bad {
            let error = choice.check(4).unwrap_err();
            assert_eq!((error.kind(), error.why()), (ErrorKind::Usage, why), "{choice:?}");
            assert_eq!(error.subject(), &Subject::setting(setting), "{choice:?}");
        }
        assert!(good.temperature(0.0).top_k(4).top_p(1.0).check(4).is_ok());
    }
}
