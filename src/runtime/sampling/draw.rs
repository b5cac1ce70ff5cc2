//! Drawing a code from logits.

use std::f64::consts::LN_2;

use super::choice::{CLOSE, Choice};
use super::field::Field;
use super::noise::Noise;

/// How much too low, by rounding, the quick bound of a code's Gumbel number may be.
const SLACK: f32 = 1e-3;
/// The largest factor that logits are multiplied by: beyond it, float errors of the logits outweigh any Gumbel number.
const COLDEST: f64 = 1e9;

/// A code that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The code.
    pub(crate) code: usize,
    /// Whether float errors of the logits could have led to another code: the runner-up is within 1e-4 of it, in units
    /// of the logits, or `top_k` or `top_p` cut between logits as near as that.
    pub(crate) close: bool,
}

impl Choice {
    /// Draws a code with the probability that the softmax gives it, by the Gumbel-max trick (Gumbel 1954): to each logit,
    /// divided by the temperature, a random number of its own is added, and the greatest sum wins. `None` where a logit
    /// is NaN or `+inf`, or none is finite.
    ///
    /// The number added to the logit of code i is `-ln(-ln((n + 0.5) / 2^32))`, n being number i of `noise`.
    pub(crate) fn draw(&self, logits: &[f32], noise: Noise) -> Option<Chosen> {
        let max = maximum(logits)?;
        let field = Field::new(self, logits, max);
        let cold = self.temperature == 0.0;
        let scale = if cold { 1.0 } else { (1.0 / self.temperature).min(COLDEST) };
        let numbers = if cold { Vec::new() } else { noise.numbers(logits.len()) };
        let score = |code: usize| {
            let logit = (f64::from(logits[code]) - f64::from(max)) * scale;
            if cold { logit } else { logit + gumbel(numbers[code]) }
        };
        let margin = CLOSE * scale;

        let mut bounds: Vec<f32> = logits.iter().map(|logit| (logit - max) * scale as f32 + SLACK).collect();
        for (bound, number) in bounds.iter_mut().zip(&numbers) {
            *bound += gumbel_bound(*number);
        }
        let mut winner = (0..logits.len())
            .filter(|code| field.keeps(*code))
            .max_by(|a, b| bounds[*a].total_cmp(&bounds[*b]).then(b.cmp(a)))?;
        let mut best = score(winner);
        // The best of the other codes that may be in the field.
        let mut rival = f64::NEG_INFINITY;
        for code in 0..logits.len() {
            if f64::from(bounds[code]) < best - margin || code == winner || !field.may_keep(logits[code]) {
                continue;
            }
            let found = score(code);
            if field.keeps(code) && (found > best || found == best && code < winner) {
                rival = rival.max(best);
                (winner, best) = (code, found);
            } else {
                rival = rival.max(found);
            }
        }
        Some(Chosen { code: winner, close: best - rival < margin || !field.surely_keeps(logits[winner]) })
    }
}

/// The greatest logit; `None` where one is NaN or `+inf`, or none is finite.
fn maximum(logits: &[f32]) -> Option<f32> {
    let mut lanes = [f32::NEG_INFINITY; 16];
    let mut no_nan = true;
    let mut chunks = logits.chunks_exact(16);
    for chunk in &mut chunks {
        for (lane, logit) in lanes.iter_mut().zip(chunk) {
            *lane = if *logit > *lane { *logit } else { *lane };
            no_nan &= !logit.is_nan();
        }
    }
    let rest = chunks.remainder();
    no_nan &= !rest.iter().any(|logit| logit.is_nan());
    let max = lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max);
    (no_nan && max.is_finite()).then_some(max)
}

/// The Gumbel number of 32 random bits.
fn gumbel(number: u32) -> f64 {
    -(-((f64::from(number) + 0.5) / 4_294_967_296.0).ln()).ln()
}

/// An upper bound of the Gumbel number of 32 random bits, close where that is large: `-ln(-ln u) <= -ln(1 - u)`, and
/// `log2(y)` is at least what the bits of the float y, read as a fixed-point number, say.
fn gumbel_bound(number: u32) -> f32 {
    let tail = (!number >> 8) as i32 as f32 * (1.0 / 16_777_216.0);
    LN_2 as f32 * (127.0 - tail.to_bits() as i32 as f32 * (1.0 / 8_388_608.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 4] = [0.0, 2.0, 1.0, 2.0];
    const DRAWS: u16 = 40_000;

    fn noise(at: u16) -> Noise {
        Noise::new(1, 2, at, 3)
    }

    fn shares(choice: Choice) -> [f64; 4] {
        let mut counts = [0.0; 4];
        for at in 0..DRAWS {
            counts[choice.draw(&LOGITS, noise(at)).unwrap().code] += 1.0 / f64::from(DRAWS);
        }
        counts
    }

    #[test]
    fn shares_are_the_softmax() {
        for temperature in [0.5, 1.0, 3.0] {
            let weights = LOGITS.map(|logit| (f64::from(logit) / temperature).exp());
            let found = shares(Choice::default().temperature(temperature));
            for (share, weight) in found.iter().zip(weights) {
                let expected = weight / weights.iter().sum::<f64>();
                let deviation = (expected * (1.0 - expected) / f64::from(DRAWS)).sqrt();
                assert!((share - expected).abs() < 4.0 * deviation, "{share} {expected} at {temperature}");
            }
        }
    }

    #[test]
    fn the_quick_bound_is_a_bound() {
        let ends = [0, 1, 255, 256, u32::MAX - 256, u32::MAX - 255, u32::MAX - 1, u32::MAX];
        for number in ends.into_iter().chain((0..=u32::MAX).step_by(65_521)) {
            assert!(f64::from(gumbel_bound(number) + SLACK) > gumbel(number), "{number}");
        }
    }

    /// Against every score, as it is defined.
    #[test]
    fn the_best_score_wins_and_close_draws_are_marked() {
        let mut close = 0;
        for at in 0..2000 {
            let numbers = noise(at).numbers(300);
            let logits: Vec<f32> = noise(at + 2000).numbers(300).iter().map(|n| *n as f32 / 5e8).collect();
            let mut scores: Vec<(f64, usize)> =
                (0..300).map(|code| (f64::from(logits[code]) / 0.7 + gumbel(numbers[code]), code)).collect();
            scores.sort_by(|a, b| b.0.total_cmp(&a.0));
            let choice = Choice::default().temperature(0.7);
            let chosen = choice.draw(&logits, noise(at)).unwrap();
            assert_eq!(chosen.code, scores[0].1);
            assert_eq!(chosen.close, scores[0].0 - scores[1].0 < CLOSE / 0.7);
            close += usize::from(chosen.close);
        }
        assert!(close < 5, "{close}");
    }

    #[test]
    fn cold_and_filtered_choices() {
        let cold = Choice::default().temperature(0.0);
        let chosen = cold.draw(&LOGITS, noise(0));
        assert_eq!(chosen, Some(Chosen { code: 1, close: true }), "the first of equals, which is close");
        assert_eq!(cold.draw(&[0.0, 1.0, 2.0], noise(0)), Some(Chosen { code: 2, close: false }));
        let top_1 = Choice::default().top_k(1);
        assert!((shares(top_1)[1] - 1.0).abs() < 1e-9);
        let top_2 = shares(Choice::default().top_k(2));
        assert!((top_2[1] - 0.5).abs() < 1e-2 && (top_2[3] - 0.5).abs() < 1e-2, "{top_2:?}");
        let top_p = shares(Choice::default().top_p(0.5));
        assert!(top_p[0] == 0.0 && top_p[2] == 0.0 && top_p[3] > 0.4, "{top_p:?}");
        let all = Choice::default().top_p(1.0).top_k(4);
        assert_eq!(shares(all), shares(Choice::default()));
    }

    #[test]
    fn nan_and_infinite_logits_are_refused() {
        let choice = Choice::default();
        let draw = |logits: &[f32]| choice.draw(logits, noise(0)).map(|chosen| chosen.code);
        assert_eq!(draw(&[0.0, f32::NAN]), None);
        assert_eq!(draw(&[0.0, f32::INFINITY]), None);
        assert_eq!(draw(&[f32::NEG_INFINITY; 2]), None);
        assert_eq!(draw(&[f32::NEG_INFINITY, 0.0]), Some(1));
        let mut long = [0.0; 40];
        long[3] = f32::NAN;
        assert_eq!(draw(&long), None);
    }
}
