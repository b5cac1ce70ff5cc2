//! A small network, trained from scratch, that tells two kinds of images apart (Lopez-Paz and Oquab 2017, "Revisiting
//! Classifier Two-Sample Tests").

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::loss::{BinaryCrossEntropyLoss, BinaryCrossEntropyLossConfig};
use burn::nn::{GroupNorm, GroupNormConfig, Linear, LinearConfig};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};
use ndarray::{Array3, ArrayView2, Axis};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use crate::model::layers::conv_strided;

const EPOCHS: usize = 12;
const BATCH: usize = 16;
const LEARNING_RATE: f64 = 2e-3;
/// Rows and columns of the first convolution's patches.
const PATCH: usize = 4;
/// Channels of the convolutions, and groups of their norms.
const WIDTHS: [usize; 3] = [32, 48, 64];
const GROUPS: usize = 8;
/// Roughly the mean and the deviation of a brain's pixels, by which the input is standardised.
const GREY: [f32; 2] = [0.3, 0.3];

/// The two kinds of images `[n, h, w]`.
#[derive(Clone, Copy)]
pub(super) struct Kinds<'a> {
    pub(super) samples: &'a Array3<f32>,
    pub(super) real: &'a Array3<f32>,
}

impl<'a> Kinds<'a> {
    /// The image with the number `index`, and whether it is a sample: the samples have the first numbers.
    fn image(self, index: usize) -> (ArrayView2<'a, f32>, bool) {
        match index.checked_sub(self.samples.len_of(Axis(0))) {
            None => (self.samples.index_axis(Axis(0), index), true),
            Some(index) => (self.real.index_axis(Axis(0), index), false),
        }
    }

    /// How many images there are.
    pub(super) fn len(self) -> usize {
        self.samples.len_of(Axis(0)) + self.real.len_of(Axis(0))
    }
}

/// A patch convolution and two of stride 2, each with a group norm, then mean and maximum over all positions.
#[derive(Module, Debug)]
struct Network {
    convs: Vec<Conv2d>,
    norms: Vec<GroupNorm>,
    out: Linear,
}

impl Network {
    fn new(device: &Device) -> Self {
        let first = conv_strided([1, WIDTHS[0]], [PATCH; 2], [PATCH; 2], [0; 4], device);
        let halve = |pair: &[usize]| conv_strided([pair[0], pair[1]], [3; 2], [2; 2], [1; 4], device);
        Self {
            convs: std::iter::once(first).chain(WIDTHS.windows(2).map(halve)).collect(),
            norms: WIDTHS.map(|width| GroupNormConfig::new(GROUPS, width).init(device)).into(),
            out: LinearConfig::new(2 * WIDTHS[WIDTHS.len() - 1], 1).init(device),
        }
    }

    /// Images `[n, 1, h, w]` to logits `[n, 1]`.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let mut x = (images - GREY[0]) / GREY[1];
        for (conv, norm) in self.convs.iter().zip(&self.norms) {
            x = relu(norm.forward(conv.forward(x)));
        }
        let [n, channels, height, width] = x.dims();
        let places = x.reshape([n, channels, height * width]);
        let pooled = Tensor::cat(vec![places.clone().mean_dim(2), places.max_dim(2)], 1);
        self.out.forward(pooled.reshape([n, 2 * channels]))
    }
}

/// A network that has learned to tell samples from real slices.
pub(super) struct Classifier {
    model: Network,
    device: Device,
}

impl Classifier {
    /// Trains on the images with the numbers `chosen`, mirrored at random. `stop` is asked before every epoch whether
    /// to stop; `None` where it says yes.
    pub(super) fn train(
        kinds: Kinds<'_>,
        mut chosen: Vec<usize>,
        seed: u64,
        stop: &mut dyn FnMut() -> bool,
    ) -> Option<Self> {
        let device = Device::flex().autodiff();
        let mut rng = StdRng::seed_from_u64(seed);
        device.seed(rng.random());
        let mut model = Network::new(&device);
        let mut optimizer = AdamWConfig::new().with_weight_decay(1e-3).init();
        let loss: BinaryCrossEntropyLoss = BinaryCrossEntropyLossConfig::new().with_logits(true).init(&device);
        let steps = EPOCHS * chosen.len().div_ceil(BATCH);
        let mut step = 0;
        for _ in 0..EPOCHS {
            if stop() {
                return None;
            }
            chosen.shuffle(&mut rng);
            for batch in chosen.chunks(BATCH) {
                let mirror: Vec<bool> = batch.iter().map(|_| rng.random()).collect();
                let images = stack(batch.iter().map(|index| kinds.image(*index).0), &mirror, &device);
                let wanted: Vec<i64> = batch.iter().map(|index| i64::from(kinds.image(*index).1)).collect();
                let wanted = Tensor::<1, Int>::from_data(TensorData::new(wanted, [batch.len()]), &device);
                let loss = loss.forward(model.forward(images).reshape([batch.len()]), wanted);
                let gradients = GradientsParams::from_grads(loss.backward(), &model);
                let rate = LEARNING_RATE * 0.5 * (1.0 + (std::f64::consts::PI * step as f64 / steps as f64).cos());
                model = optimizer.step(rate, model, gradients);
                step += 1;
            }
        }
        Some(Self { model: model.valid(), device: Device::flex() })
    }

    /// For each of the images with the numbers `chosen`, whether it is put into the right set.
    pub(super) fn right(&self, kinds: Kinds<'_>, chosen: &[usize]) -> Vec<bool> {
        let mut right = Vec::with_capacity(chosen.len());
        for batch in chosen.chunks(BATCH) {
            let images = batch.iter().map(|index| kinds.image(*index).0);
            let logits = self.model.forward(stack(images, &vec![false; batch.len()], &self.device)).into_data();
            right.extend(batch.iter().zip(logits.iter::<f32>()).map(|(at, logit)| (logit > 0.0) == kinds.image(*at).1));
        }
        right
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Stripes of a random phase and slope, `fine` ones with every other column brighter.
    fn stripes(seed: u64, fine: bool) -> Array3<f32> {
        let mut rng = StdRng::seed_from_u64(seed);
        let phases: Vec<[f32; 2]> = (0..96).map(|_| [6.0 * rng.random::<f32>(), 0.3 * rng.random::<f32>()]).collect();
        Array3::from_shape_fn((96, 64, 48), |(index, y, x)| {
            let [phase, slope] = phases[index];
            let brighter = if fine && x % 2 == 0 { 0.3 } else { 0.0 };
            0.5 + 0.3 * (phase + slope * y as f32 + 0.2 * x as f32).sin() + brighter
        })
    }

    /// The share of 64 images of either kind that is told right after learning from 128.
    fn told(samples: &Array3<f32>) -> f64 {
        let real = stripes(1, false);
        let kinds = Kinds { samples, real: &real };
        let (tested, learned): (Vec<usize>, Vec<usize>) = (0..kinds.len()).partition(|index| index % 3 == 0);
        let right = Classifier::train(kinds, learned, 3, &mut || false).unwrap().right(kinds, &tested);
        right.iter().filter(|right| **right).count() as f64 / right.len() as f64
    }

    #[test]
    fn only_what_differs_is_told_apart() {
        let (other, same) = (told(&stripes(2, true)), told(&stripes(2, false)));
        assert!(other > 0.95, "{other}");
        assert!(same > 0.25 && same < 0.75, "{same}");
        assert_eq!(told(&stripes(2, false)), same, "the seed decides");
    }

    #[test]
    fn training_stops_when_told_to() {
        let images = stripes(1, false);
        let kinds = Kinds { samples: &images, real: &images };
        assert!(Classifier::train(kinds, vec![0, 100], 3, &mut || true).is_none());
    }
}
