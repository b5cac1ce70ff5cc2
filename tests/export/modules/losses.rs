//! Losses, which are functions of their inputs as any other.

use burn::nn::loss::{
    BinaryCrossEntropyLossConfig, CosineEmbeddingLossConfig, CrossEntropyLossConfig, GaussianNLLLossConfig,
    HingeEmbeddingLossConfig, HuberLossConfig, KLDivLossConfig, LpLoss, LpLossConfig, MarginRankingLossConfig, MseLoss,
    MultiMarginLossConfig, RNNTLossConfig, Reduction, SmoothL1LossConfig, SoftMarginLoss, TripletMarginLossConfig,
};
use burn::tensor::{Device, Int, Tensor};

use super::several;
use crate::common::{floats, ints};

const UNIT: std::ops::Range<f64> = -1.0..1.0;
/// Away from the ends, where logarithms are steep.
const LIKELY: std::ops::Range<f64> = 0.05..0.95;

type Pair = (Tensor<2>, Tensor<2>);
type Triple = (Tensor<2>, Tensor<2>, Tensor<2>);
type Classes = (Tensor<2>, Tensor<1, Int>);

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        nn_binary_cross_entropy,
        nn_cosine_embedding,
        nn_cross_entropy,
        nn_gaussian_nll,
        nn_hinge_embedding,
        nn_huber,
        nn_kl_divergence,
        nn_kl_divergence_by_batch,
        nn_lp,
        nn_margin_ranking,
        nn_mse,
        nn_multi_margin,
        nn_rnnt,
        nn_smooth_l1,
        nn_soft_margin,
        nn_triplet_margin
    ]
}

fn pair() -> Pair {
    (floats([4, 3]), floats([4, 3]))
}

fn triple() -> Triple {
    (floats([4, 3]), floats([4, 3]), floats([4, 3]))
}

/// Scores of five classes, and the classes.
fn classes() -> Classes {
    (floats([6, 5]), ints([6], 5))
}

fn nn_binary_cross_entropy() {
    let weights = Some(vec![0.5, 1.0, 2.0]);
    let config = BinaryCrossEntropyLossConfig::new;
    let cases = [
        ("nn_bce", config()),
        ("nn_bce_logits", config().with_logits(true)),
        ("nn_bce_weights", config().with_weights(weights)),
        ("nn_bce_smoothing", config().with_smoothing(Some(0.1)).with_logits(true)),
    ];
    for (name, config) in cases {
        let sample = (floats([4, 3]), ints([4, 3], 2));
        several(name, config.init(&Device::flex()), sample, LIKELY, |m, (x, y): (Tensor<2>, Tensor<2, Int>)| {
            m.forward(x, y)
        });
    }
}

fn nn_cosine_embedding() {
    let loss = CosineEmbeddingLossConfig::new().with_margin(0.2).init();
    let sample = (floats([4, 3]), floats([4, 3]), ints([4], 2));
    several("nn_cosine_embedding", loss, sample, UNIT, |m, (a, b, y): (Tensor<2>, Tensor<2>, Tensor<1, Int>)| {
        let y = y * 2 - 1;
        (m.forward(a.clone(), b.clone(), y.clone()), m.forward_no_reduction(a, b, y))
    });
}

fn nn_cross_entropy() {
    let config = CrossEntropyLossConfig::new;
    let weights = || Some(vec![0.5, 1.0, 2.0, 1.5, 0.7]);
    let cases = [
        ("nn_cross_entropy", config()),
        ("nn_cross_entropy_probabilities", config().with_logits(false)),
        ("nn_cross_entropy_weights", config().with_weights(weights())),
        ("nn_cross_entropy_padding", config().with_pad_tokens(Some(vec![1, 3]))),
        ("nn_cross_entropy_smoothing", config().with_smoothing(Some(0.1))),
        ("nn_cross_entropy_settings", config().with_smoothing(Some(0.1)).with_weights(weights()).with_logits(false)),
    ];
    for (name, config) in cases {
        let loss = config.init(&Device::flex());
        several(name, loss, classes(), LIKELY, |m, (x, y): Classes| m.forward(x, y));
    }
}

fn nn_gaussian_nll() {
    for (name, full) in [("nn_gaussian_nll", false), ("nn_gaussian_nll_full", true)] {
        let loss = GaussianNLLLossConfig::new().with_full(full).init();
        several(name, loss, triple(), LIKELY, |m, (x, y, variance): Triple| m.forward(x, y, variance, Reduction::Mean));
    }
}

fn nn_hinge_embedding() {
    let loss = HingeEmbeddingLossConfig::new().with_margin(0.5).init();
    several("nn_hinge_embedding", loss, pair(), UNIT, |m, (x, y): Pair| {
        let y = y.sign();
        (m.forward(x.clone(), y.clone(), Reduction::Sum), m.forward_no_reduction(x, y))
    });
}

fn nn_huber() {
    several("nn_huber", HuberLossConfig::new(0.5).init(), pair(), UNIT, |m, (x, y): Pair| {
        (m.forward(x.clone(), y.clone(), Reduction::Mean), m.forward_no_reduction(x, y))
    });
}

/// The mean over a batch divides by its length.
fn nn_kl_divergence_by_batch() {
    let loss = KLDivLossConfig::new().init();
    several("nn_kl_divergence_by_batch", loss, pair(), LIKELY, |m, (x, y): Pair| m.forward(x, y, Reduction::BatchMean));
}

fn nn_kl_divergence() {
    for (name, log_target) in [("nn_kl_divergence", false), ("nn_kl_divergence_of_logarithms", true)] {
        let loss = KLDivLossConfig::new().with_log_target(log_target).init();
        several(name, loss, pair(), LIKELY, |m, (x, y): Pair| {
            (m.forward(x.clone(), y.clone(), Reduction::Sum), m.forward(x, y, Reduction::Mean))
        });
    }
}

fn nn_lp() {
    let cases =
        [("nn_l1", LpLossConfig::l1()), ("nn_l2", LpLossConfig::l2()), ("nn_l3", LpLossConfig::new(3.0).init())];
    for (name, loss) in cases {
        several(name, loss, pair(), UNIT, |m: &LpLoss, (x, y): Pair| {
            (m.forward(x.clone(), y.clone(), Reduction::Mean), m.forward_reduce_dims(x, y, &[1_usize]))
        });
    }
}

fn nn_margin_ranking() {
    let loss = MarginRankingLossConfig::new().with_margin(0.3).init();
    several("nn_margin_ranking", loss, triple(), UNIT, |m, (a, b, y): Triple| {
        let y = y.sign();
        (m.forward(a.clone(), b.clone(), y.clone(), Reduction::Mean), m.forward_no_reduction(a, b, y))
    });
}

fn nn_mse() {
    several("nn_mse", MseLoss::new(), pair(), UNIT, |m, (x, y): Pair| {
        (m.forward(x.clone(), y.clone(), Reduction::Auto), m.forward_no_reduction(x, y))
    });
}

fn nn_multi_margin() {
    for (name, p) in [("nn_multi_margin", 1), ("nn_multi_margin_squared", 2)] {
        let loss = MultiMarginLossConfig::new().with_margin(0.8).with_p(p).init();
        several(name, loss, classes(), UNIT, |m, (x, y): Classes| {
            (m.forward(x.clone(), y.clone(), Reduction::Mean), m.forward_no_reduction(x, y))
        });
    }
}

/// Three steps, up to two of four labels.
fn nn_rnnt() {
    type Lengths = (Tensor<4>, Tensor<2, Int>, Tensor<1, Int>, Tensor<1, Int>);
    let sample = (floats([2, 3, 3, 4]), ints([2, 2], 4), ints([2], 3), ints([2], 3));
    let loss = RNNTLossConfig::new().init();
    several("nn_rnnt", loss, sample, UNIT, |m, (logits, targets, steps, labels): Lengths| {
        m.forward(logits, targets, steps + 1, labels)
    });
}

fn nn_smooth_l1() {
    let loss = SmoothL1LossConfig::new().with_beta(0.5).init();
    several("nn_smooth_l1", loss, pair(), UNIT, |m, (x, y): Pair| {
        (m.forward(x.clone(), y.clone()), m.forward_with_reduction(x, y, Reduction::Mean))
    });
}

fn nn_soft_margin() {
    several("nn_soft_margin", SoftMarginLoss::new(), pair(), UNIT, |m, (x, y): Pair| {
        let y = y.sign();
        (m.forward(x.clone(), y.clone(), Reduction::Mean), m.forward_no_reduction(x, y))
    });
}

fn nn_triplet_margin() {
    for (name, p) in [("nn_triplet_margin", 2.0), ("nn_triplet_margin_l1", 1.0)] {
        let loss = TripletMarginLossConfig::new().with_margin(0.5).with_p(p).init();
        several(name, loss, triple(), UNIT, |m, (anchor, near, far): Triple| {
            let each = m.forward_no_reduction(anchor.clone(), near.clone(), far.clone());
            (m.forward(anchor, near, far, Reduction::Mean), each)
        });
    }
}
