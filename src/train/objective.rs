//! What the training loop needs to know of a model.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::rngs::StdRng;

use crate::model::preset::Recipe;

/// What a validation found.
#[derive(Debug, Clone)]
pub struct Validation {
    /// The figure that chooses the best epoch: higher is better.
    pub score: f64,
    /// Named figures for the history, in the order of [`Objective::columns`].
    pub values: Vec<f64>,
}

/// A model's loss and validation; the loop does the rest.
pub trait Objective: Sync {
    /// The model.
    type Model: Module;
    /// The samples of a step in memory, made by a thread of their own while the device works.
    type Batch: Send;
    /// What [`Objective::update`] and [`Objective::figures`] need of the forward pass, without gradient.
    type Trace;

    /// The common part of the training.
    fn recipe(&self) -> &Recipe;

    /// Names of [`Validation::values`].
    fn columns(&self) -> &'static [&'static str];

    /// Number of training samples.
    fn samples(&self) -> usize;

    /// The samples `indices`, as a step is to see them; `rng` draws how they are varied.
    fn batch(&self, indices: &[usize], rng: &mut StdRng) -> Self::Batch;

    /// The mean loss over a batch.
    fn loss(&self, model: &Self::Model, batch: Self::Batch) -> (Tensor<1>, Self::Trace);

    /// What changes in the model after an optimiser step, outside of its gradients. `step` counts
    /// from 0 over the whole training.
    fn update(&self, model: Self::Model, trace: &Self::Trace, step: usize) -> Self::Model;

    /// Named figures of one step, for whoever watches.
    fn figures(&self, loss: f64, trace: &Self::Trace) -> Vec<(&'static str, f64)>;

    /// How good the model is on slices that it is not trained on. The model is without gradients.
    fn validate(&self, model: &Self::Model) -> Validation;
}
