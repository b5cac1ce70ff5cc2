//! The prior's objective: predict every code from the codes before it.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::Rng;
use rand::rngs::StdRng;

use super::images::Images;
use super::objective::{Objective, Validation};
use crate::model::condition::{ANY_CLASS, ANY_POSITION};
use crate::model::preset::{PriorTraining, Recipe};
use crate::model::{Prior, Vqvae};

/// Grids in a forward pass, when slices are encoded and in a validation.
const BATCH: usize = 16;

/// Grids of codes with their conditions.
#[derive(Debug, Clone, Default)]
pub(super) struct CodeGrids {
    codes: Vec<Vec<i64>>,
    conditions: Vec<[i64; 2]>,
    grid: [usize; 2],
}

impl CodeGrids {
    /// Encodes slices with a trained VQ-VAE; with `mirror`, each slice a second time with left and right exchanged.
    /// Before each batch `go_on` is told its size and asked whether to go on; `None` where it says no.
    pub(super) fn encode(
        model: &Vqvae,
        images: &Images,
        conditions: &[[i64; 2]],
        mirror: bool,
        device: &Device,
        mut go_on: impl FnMut(usize) -> bool,
    ) -> Option<Self> {
        let mut grids = Self::default();
        for mirrored in [false, true].into_iter().take(1 + usize::from(mirror)) {
            let indices: Vec<usize> = (0..images.len()).collect();
            for chunk in indices.chunks(BATCH) {
                if !go_on(chunk.len()) {
                    return None;
                }
                let codes = model.encode(images.frames(chunk, mirrored, device));
                let [_, height, width] = codes.dims();
                grids.grid = [height, width];
                let values: Vec<i64> = codes.into_data().iter::<i64>().collect();
                grids.codes.extend(values.chunks(height * width).map(<[i64]>::to_vec));
                grids.conditions.extend(chunk.iter().map(|&index| conditions[index]));
            }
        }
        Some(grids)
    }

    /// How many grids there are.
    fn len(&self) -> usize {
        self.codes.len()
    }

    /// The codes `[batch, h, w]` of the grids at `indices`, and `conditions` as `[batch, 2]`.
    fn batch(&self, indices: &[usize], conditions: Vec<[i64; 2]>) -> (TensorData, TensorData) {
        let [height, width] = self.grid;
        let values: Vec<i64> = indices.iter().flat_map(|&index| self.codes[index].iter().copied()).collect();
        let codes = TensorData::new(values, [indices.len(), height, width]);
        (codes, TensorData::new(conditions.into_flattened(), [indices.len(), 2]))
    }
}

/// Trains a [`Prior`] on grids of codes.
pub(super) struct PriorObjective {
    training: PriorTraining,
    train: CodeGrids,
    validate: CodeGrids,
    device: Device,
}

impl PriorObjective {
    /// Trains on `train` and validates on `validate`; `device` has autodiff.
    pub(super) fn new(training: PriorTraining, train: CodeGrids, validate: CodeGrids, device: Device) -> Self {
        Self { training, train, validate, device }
    }
}

impl Objective for PriorObjective {
    const SECTION: &'static str = "prior_training";

    type Model = Prior;
    /// Codes and conditions.
    type Batch = (TensorData, TensorData);
    type Trace = ();

    fn recipe(&self) -> &Recipe {
        &self.training.recipe
    }

    fn columns(&self) -> &'static [&'static str] {
        &["validate_bits_per_code"]
    }

    fn samples(&self) -> usize {
        self.train.len()
    }

    fn batch(&self, indices: &[usize], rng: &mut StdRng) -> Self::Batch {
        let drop = self.training.condition_dropout;
        let mut condition = |index: usize| {
            let [position, class] = self.train.conditions[index];
            [
                if rng.random_bool(drop) { ANY_POSITION } else { position },
                if rng.random_bool(drop) { ANY_CLASS } else { class },
            ]
        };
        let conditions = indices.iter().map(|&index| condition(index)).collect();
        self.train.batch(indices, conditions)
    }

    fn loss(&self, model: &Prior, batch: Self::Batch) -> (Tensor<1>, ()) {
        (cross_entropy(model, batch, &self.device), ())
    }

    fn update(&self, model: Prior, (): &(), _step: usize) -> Prior {
        model
    }

    fn figures(&self, loss: f64, (): &()) -> Vec<(&'static str, f64)> {
        vec![("bits/code", loss / std::f64::consts::LN_2)]
    }

    fn validate(&self, model: &Prior) -> Validation {
        let device = self.device.clone().without_autodiff();
        let indices: Vec<usize> = (0..self.validate.len()).collect();
        let mut total = 0.0;
        for chunk in indices.chunks(BATCH) {
            let conditions = chunk.iter().map(|&index| self.validate.conditions[index]).collect();
            let nats = cross_entropy(model, self.validate.batch(chunk, conditions), &device);
            total += nats.into_scalar::<f64>() * chunk.len() as f64;
        }
        let bits = total / indices.len() as f64 / std::f64::consts::LN_2;
        Validation { score: -bits, values: vec![bits] }
    }
}

/// The mean negative log-likelihood of the codes at all positions, in nats a code.
fn cross_entropy(model: &Prior, (codes, conditions): (TensorData, TensorData), device: &Device) -> Tensor<1> {
    let codes = Tensor::<3, Int>::from_data(codes, device);
    let condition = Tensor::from_data(conditions, device);
    let rows = codes.dims().iter().product::<usize>();
    let logits = model.forward(codes.clone(), condition);
    let size = logits.dims()[1];
    let logits = logits.permute([0, 2, 3, 1]).reshape([rows, size]);
    log_softmax(logits, 1).gather(1, codes.reshape([rows, 1])).mean().neg()
}
