//! The interface between the training loop and a model.

use burn::module::Module;
use burn::tensor::Tensor;
use rand::rngs::StdRng;

use crate::model::preset::Recipe;

/// The result of a validation.
#[derive(Debug, Clone)]
pub(super) struct Validation {
    /// The epoch with the highest score is the best.
    pub(super) score: f64,
    /// What was measured, in the order of [`Objective::columns`].
    pub(super) values: Vec<f64>,
}

/// How a model is trained: its batches, its loss and its validation. The training loop does the rest.
pub(super) trait Objective: Sync {
    /// The preset's section with the recipe, for messages.
    const SECTION: &'static str;

    /// The model.
    type Model: Module;
    /// The samples of a step, in this machine's memory. A thread of its own makes them while the device works.
    type Batch: Send;
    /// What [`Objective::update`] and [`Objective::figures`] need of the forward pass, without gradient.
    type Trace;

    /// Optimiser, learning rate, batches and epochs.
    fn recipe(&self) -> &Recipe;

    /// Names of [`Validation::values`].
    fn columns(&self) -> &'static [&'static str];

    /// How many training samples there are.
    fn samples(&self) -> usize;

    /// The samples at `indices`, varied at random by draws from `rng`.
    fn batch(&self, indices: &[usize], rng: &mut StdRng) -> Self::Batch;

    /// The mean loss over a batch, `[1]`, with its gradient.
    fn loss(&self, model: &Self::Model, batch: Self::Batch) -> (Tensor<1>, Self::Trace);

    /// The model after the changes of a step that are not made by the optimiser. `step` counts from 0 over the whole
    /// training.
    fn update(&self, model: Self::Model, trace: &Self::Trace, step: usize) -> Self::Model;

    /// Names and values of what is measured in one step, for [`Event::Step`](super::event::Event::Step).
    fn figures(&self, loss: f64, trace: &Self::Trace) -> Vec<(&'static str, f64)>;

    /// Measures the model, which is without gradients, on the validation slices.
    fn validate(&self, model: &Self::Model) -> Validation;
}
