//! The codes that `top_k` and `top_p` leave to draw from.

use super::choice::{CLOSE, Choice};

/// The codes that may be drawn, and how sure that is under float errors of the logits.
pub(super) struct Field {
    /// Whether each code is kept; empty where all are.
    kept: Vec<bool>,
    /// Codes with at least this logit are kept, whatever the errors.
    sure: f32,
    /// Codes with a smaller logit than this are left out, whatever the errors.
    possible: f32,
}

impl Field {
    /// The likeliest codes: the first `top_k`, and of these the fewest whose share of their probability reaches `top_p`.
    /// Of codes that are equally likely, the first are kept. `max` is the greatest logit.
    pub(super) fn new(choice: &Choice, logits: &[f32], max: f32) -> Self {
        let all = Self { kept: Vec::new(), sure: f32::NEG_INFINITY, possible: f32::NEG_INFINITY };
        let keep_k = choice.top_k.unwrap_or(logits.len()).min(logits.len());
        let keep_p = choice.top_p.unwrap_or(1.0);
        if choice.temperature == 0.0 || keep_k == logits.len() && keep_p >= 1.0 {
            return all;
        }
        let mut order: Vec<usize> = (0..logits.len()).collect();
        order.sort_unstable_by(|i, j| logits[*j].total_cmp(&logits[*i]).then(i.cmp(j)));
        let weight = |code: &usize| ((f64::from(logits[*code]) - f64::from(max)) / choice.temperature).exp();
        let weights: Vec<f64> = order[..keep_k].iter().map(weight).collect();
        let total: f64 = weights.iter().sum();
        let wanted = keep_p * total;
        let (mut reached, mut before, mut count) = (0.0, 0.0, 0);
        while count < keep_k && (count == 0 || keep_p >= 1.0 || reached < wanted) {
            before = reached;
            reached += weights[count];
            count += 1;
        }
        let last = logits[order[count - 1]];
        let next = order.get(count).map_or(f32::NEG_INFINITY, |code| logits[*code]);
        let error = CLOSE / choice.temperature * total;
        let cut_by_share = keep_p < 1.0 && count < keep_k;
        let near = f64::from(last) - f64::from(next) < CLOSE;
        let last_may_go = near || keep_p < 1.0 && count > 1 && wanted - before < error;
        let next_may_come = near || cut_by_share && reached - wanted < error;
        let mut kept = vec![false; logits.len()];
        for &code in &order[..count] {
            kept[code] = true;
        }
        Self {
            kept,
            sure: if last_may_go { last + CLOSE as f32 } else { last },
            possible: if next_may_come { next - CLOSE as f32 } else { last },
        }
    }

    /// Whether a code may be drawn.
    pub(super) fn keeps(&self, code: usize) -> bool {
        self.kept.is_empty() || self.kept[code]
    }

    /// Whether a code with this logit is kept, or could be under other float errors.
    pub(super) fn may_keep(&self, logit: f32) -> bool {
        logit >= self.possible
    }

    /// Whether a code with this logit is kept under any float errors.
    pub(super) fn surely_keeps(&self, logit: f32) -> bool {
        logit >= self.sure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 5] = [1.0, 3.0, 2.0, 2.000_05, -4.0];

    fn field(top_k: Option<usize>, top_p: Option<f64>) -> (Vec<usize>, f32, f32) {
        let field = Field::new(&Choice::default().top_k(top_k).top_p(top_p), &LOGITS, 3.0);
        ((0..5).filter(|code| field.keeps(*code)).collect(), field.sure, field.possible)
    }

    #[test]
    fn a_clear_cut_is_sure() {
        assert_eq!(field(Some(1), None), (vec![1], 3.0, 3.0));
        assert_eq!(field(Some(3), None), (vec![1, 2, 3], 2.0, 2.0));
        assert_eq!(field(None, Some(0.5)), (vec![1], 3.0, 3.0));
        assert_eq!(field(None, None), (vec![0, 1, 2, 3, 4], f32::NEG_INFINITY, f32::NEG_INFINITY));
    }

    #[test]
    fn a_cut_between_near_logits_is_not() {
        let (kept, sure, possible) = field(Some(2), None);
        assert_eq!(kept, [1, 3]);
        assert!(sure > LOGITS[3] && possible < LOGITS[2] && possible > LOGITS[0]);
    }

    #[test]
    fn a_share_that_is_just_reached_is_not() {
        let weights = LOGITS.map(|logit| f64::from(logit - 3.0).exp());
        let share = weights[1] / weights.iter().sum::<f64>();
        let (kept, _, possible) = field(None, Some(share - 1e-6));
        assert_eq!(kept, [1]);
        assert!(possible < LOGITS[3], "the next may come");
        let (kept, sure, _) = field(None, Some(share + 1e-6));
        assert_eq!(kept, [1, 3]);
        assert!(sure > LOGITS[3], "the last may go");
    }
}
