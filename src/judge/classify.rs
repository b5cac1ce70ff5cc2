//! A two-sample test: how well a small network, trained from scratch, tells two sets of images apart on subjects that it
//! was not trained on (Lopez-Paz and Oquab 2017, "Revisiting Classifier Two-Sample Tests"). 0.5 is chance.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor, TensorData};
use ndarray::{Array3, ArrayView2, Axis};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use crate::metrics::interval_by_group;
use crate::model::layers::conv_strided;

/// Parts of the subjects, each held out once.
const FOLDS: usize = 4;
const EPOCHS: usize = 8;
const BATCH: usize = 16;
const LEARNING_RATE: f64 = 2e-3;

/// How well two sets are told apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Told {
    /// Share of held-out images that are put into the right set.
    pub(super) accuracy: f64,
    /// Its 95% interval for other subjects.
    pub(super) interval: [f64; 2],
}

/// A patch convolution and three of stride 2, then the mean over places.
#[derive(Module, Debug)]
struct Classifier {
    patch: Conv2d,
    convs: Vec<Conv2d>,
    out: Linear,
}

impl Classifier {
    fn new(device: &Device) -> Self {
        let widths = [24, 32, 48, 64];
        let halve = |pair: &[usize]| conv_strided([pair[0], pair[1]], [3; 2], [2; 2], [1; 4], device);
        Self {
            patch: conv_strided([1, widths[0]], [4; 2], [4; 2], [0; 4], device),
            convs: widths.windows(2).map(halve).collect(),
            out: LinearConfig::new(widths[3], 1).init(device),
        }
    }

    /// Images `[n, 1, h, w]` to logits `[n, 1]`.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut x = relu(self.patch.forward(images));
        for conv in &self.convs {
            x = relu(conv.forward(x));
        }
        let [n, channels, height, width] = x.dims();
        let pooled = x.reshape([n, channels, height * width]).mean_dim(2).reshape([n, channels]);
        self.out.forward(pooled)
    }
}

/// Tells `samples` from `real`, `[n, h, w]` each; image i of either belongs to subject `cases[i]`. Subjects are held out in
/// four parts, in turn. `stop` is asked before every epoch; `None` where it says so.
pub(super) fn tell_apart(
    samples: &Array3<f32>,
    real: &Array3<f32>,
    cases: &[Option<u32>],
    seed: u64,
    device: &Device,
    mut stop: impl FnMut() -> bool,
) -> Option<Told> {
    let folds = folds(cases);
    let count = cases.len();
    // Images 0.. are samples, count.. are real.
    let image = |index: usize| -> ArrayView2<'_, f32> {
        if index < count { samples.index_axis(Axis(0), index) } else { real.index_axis(Axis(0), index - count) }
    };
    let mut right = vec![0.0; 2 * count];
    for fold in 0..FOLDS {
        let held_out = |index: &usize| folds[index % count] == fold;
        let (tested, mut trained): (Vec<usize>, Vec<usize>) = (0..2 * count).partition(held_out);
        if tested.is_empty() || trained.is_empty() {
            continue;
        }
        let draw = |part: u64| StdRng::seed_from_u64(seed.wrapping_mul(1009).wrapping_add(part));
        let mut rng = draw(fold as u64);
        device.seed(rng.random());
        let mut model = Classifier::new(device);
        let mut optimizer = AdamWConfig::new().with_weight_decay(1e-3).init();
        let steps = EPOCHS * trained.len().div_ceil(BATCH);
        let mut step = 0;
        for _ in 0..EPOCHS {
            if stop() {
                return None;
            }
            trained.shuffle(&mut rng);
            for batch in trained.chunks(BATCH) {
                let mirror: Vec<bool> = batch.iter().map(|_| rng.random()).collect();
                let images = stack(batch.iter().map(|index| image(*index)), &mirror, device);
                let wanted: Vec<f32> = batch.iter().map(|index| f32::from(u8::from(*index < count))).collect();
                let wanted = Tensor::<2>::from_data(TensorData::new(wanted, [batch.len(), 1]), device);
                let chance = sigmoid(model.forward(images)).clamp(1e-6, 1.0 - 1e-6);
                let loss = -(wanted.clone() * chance.clone().log() + (-wanted + 1.0) * (-chance + 1.0).log()).mean();
                let gradients = GradientsParams::from_grads(loss.backward(), &model);
                let rate = LEARNING_RATE * 0.5 * (1.0 + (std::f64::consts::PI * step as f64 / steps as f64).cos());
                model = optimizer.step(rate, model, gradients);
                step += 1;
            }
        }
        let model = model.valid();
        let plain = device.clone().without_autodiff();
        for batch in tested.chunks(BATCH) {
            let images = stack(batch.iter().map(|index| image(*index)), &vec![false; batch.len()], &plain);
            let logits = model.forward(images).into_data();
            for (index, logit) in batch.iter().zip(logits.iter::<f32>()) {
                right[*index] = f64::from(u8::from((logit > 0.0) == (*index < count)));
            }
        }
    }
    let scores: Vec<(Option<u32>, f64)> =
        right.iter().enumerate().map(|(at, right)| (cases[at % count], *right)).collect();
    let accuracy = right.iter().sum::<f64>() / right.len() as f64;
    Some(Told { accuracy, interval: interval_by_group(&scores).unwrap_or([0.0, 1.0]) })
}

/// The part of every image: subjects in turn; an image of no subject counts as one.
fn folds(cases: &[Option<u32>]) -> Vec<usize> {
    let mut known: Vec<u32> = cases.iter().flatten().copied().collect();
    known.sort_unstable();
    known.dedup();
    let part = |(index, case): (usize, &Option<u32>)| match case {
        Some(case) => known.binary_search(case).unwrap_or_default() % FOLDS,
        None => index % FOLDS,
    };
    cases.iter().enumerate().map(part).collect()
}

/// Images `[n, 1, h, w]`, some of them mirrored.
fn stack<'a>(images: impl Iterator<Item = ArrayView2<'a, f32>>, mirror: &[bool], device: &Device) -> Tensor<4> {
    let mut values = Vec::<f32>::new();
    let (mut height, mut width) = (0, 0);
    for (image, mirror) in images.zip(mirror) {
        (height, width) = image.dim();
        for row in image.rows() {
            if *mirror {
                values.extend(row.iter().rev());
            } else {
                values.extend(row.iter());
            }
        }
    }
    Tensor::from_data(TensorData::new(values, [mirror.len(), 1, height, width]), device)
}
