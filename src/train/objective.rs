//! What the training loop needs to know of a model.

use burn::module::Module;
use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer};
use burn::tensor::Tensor;
use rand::rngs::StdRng;

use crate::model::preset::{OptimizerKind, Schedule};

/// The part of a training that is the same for every model.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The optimiser.
    pub optimizer: OptimizerKind,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Its course.
    pub schedule: Schedule,
    /// Decoupled weight decay (`adamw`).
    pub weight_decay: f64,
    /// Samples a step.
    pub batch: usize,
    /// Passes over the samples.
    pub epochs: usize,
}

impl Recipe {
    /// The optimiser, fresh.
    pub fn optimizer(&self) -> ModuleOptimizer {
        match self.optimizer {
            OptimizerKind::Adam => AdamConfig::new().with_epsilon(1e-7).init(),
            OptimizerKind::Adamw => {
                AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(self.weight_decay as f32).init()
            }
        }
    }
}

/// What a validation found.
#[derive(Debug, Clone)]
pub struct Validation {
    /// The figure that chooses the best epoch: higher is better.
    pub score: f64,
    /// Named figures for the history, in the order of [`Objective::columns`].
    pub values: Vec<f64>,
}

/// A model's loss and validation; the loop does the rest.
pub trait Objective {
    /// The model.
    type Model: Module;
    /// What [`Objective::update`] needs of the forward pass.
    type Trace;

    /// The common part of the training.
    fn recipe(&self) -> Recipe;

    /// Names of [`Validation::values`].
    fn columns(&self) -> &'static [&'static str];

    /// Number of training samples.
    fn samples(&self) -> usize;

    /// The loss over the samples `indices`.
    fn loss(&self, model: &Self::Model, indices: &[usize], rng: &mut StdRng) -> (Tensor<1>, Self::Trace);

    /// What changes in the model after an optimiser step, outside of its gradients. `step` counts
    /// from 0 over the whole training.
    fn update(&self, model: Self::Model, trace: Self::Trace, step: usize) -> Self::Model;

    /// How good the model is on slices that it is not trained on. The model is without gradients.
    fn validate(&self, model: &Self::Model) -> Validation;
}
