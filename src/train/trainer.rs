//! The training loop, the same for every model.

use std::time::Instant;

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::history::History;
use super::objective::{Objective, Recipe};
use super::run::{Run, State, load_module};
use crate::{Error, ErrorKind, Result};

/// Steps between two looks at the loss; a look waits for the device.
const LOOK_EVERY: usize = 16;

/// What a training tells whoever watches it.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// Some steps were done.
    Step {
        /// The epoch, from 1.
        epoch: usize,
        /// Epochs in all.
        epochs: usize,
        /// Samples done in this epoch.
        done: usize,
        /// Samples an epoch.
        samples: usize,
        /// Mean loss of the last steps.
        loss: f64,
        /// Samples a second over this epoch.
        rate: f64,
    },
    /// An epoch is done and saved.
    Epoch {
        /// Where the training stands.
        state: &'a State,
        /// Mean training loss.
        loss: f64,
        /// Names and values of the validation.
        values: Vec<(&'static str, f64)>,
    },
}

/// Trains `model` to the end of its recipe, from where `run` stands.
///
/// Random draws depend on (`seed`, epoch, step) alone, so that a continued training draws what an
/// uninterrupted one would have drawn. With `last_is_best` the latest epoch counts as the best, as
/// it must when the validation slices are trained on.
///
/// # Errors
/// A loss that is not a number, or a checkpoint that cannot be read or written.
pub fn train<O: Objective>(
    objective: &O,
    model: O::Model,
    run: &Run,
    seed: u64,
    last_is_best: bool,
    device: &Device,
    mut watch: impl FnMut(Event<'_>),
) -> Result<State> {
    let recipe = objective.recipe();
    let mut optimizer = recipe.optimizer();
    let mut model = model;
    let mut state = State { epoch: 0, step: 0, score: f64::NEG_INFINITY, best_score: f64::NEG_INFINITY, best_epoch: 0 };
    if let Some((saved, folder)) = run.latest()? {
        model = load_module(model, &folder.join("model.bpk"))?;
        let path = folder.join("optimizer.bpk");
        optimizer = optimizer.load(&path).map_err(|why| {
            Error::input("cannot read the optimiser", &path, why).hint("remove this checkpoint folder")
        })?;
        state = saved;
    }
    let mut history = History::load(&run.root().join("history.csv"), objective.columns(), state.epoch)?;

    while state.epoch < recipe.epochs {
        let epoch = state.epoch + 1;
        let started = Instant::now();
        let (trained, loss) =
            run_epoch(objective, model, &mut optimizer, &recipe, &mut state, seed, device, &mut watch)?;
        model = trained;
        let rate = objective.samples() as f64 / started.elapsed().as_secs_f64();
        let validation = objective.validate(&model.valid());
        state.epoch = epoch;
        state.score = validation.score;
        if last_is_best || validation.score > state.best_score {
            state.best_score = validation.score;
            state.best_epoch = epoch;
        }
        run.save(&model, &optimizer, &state)?;
        let mut row = vec![
            epoch as f64,
            loss,
            recipe.schedule.rate(recipe.learning_rate, state.step, steps(objective, &recipe)),
            rate,
        ];
        row.extend(&validation.values);
        history.push(row);
        history.write(run.root())?;
        let values = objective.columns().iter().copied().zip(validation.values).collect();
        watch(Event::Epoch { state: &state, loss, values });
    }
    Ok(state)
}

/// Optimiser steps of a whole training.
fn steps<O: Objective>(objective: &O, recipe: &Recipe) -> usize {
    objective.samples().div_ceil(recipe.batch) * recipe.epochs
}

/// One pass over the samples in an order drawn for this epoch: the model and its mean loss.
#[allow(clippy::too_many_arguments)]
fn run_epoch<O: Objective>(
    objective: &O,
    mut model: O::Model,
    optimizer: &mut ModuleOptimizer,
    recipe: &Recipe,
    state: &mut State,
    seed: u64,
    device: &Device,
    watch: &mut impl FnMut(Event<'_>),
) -> Result<(O::Model, f64)> {
    let started = Instant::now();
    let epoch = state.epoch + 1;
    let samples = objective.samples();
    let total = steps(objective, recipe);
    let mut order: Vec<usize> = (0..samples).collect();
    order.shuffle(&mut StdRng::seed_from_u64(mix(seed, epoch as u64, 0)));
    let (mut pending, mut sum, mut done, mut reported) = (Vec::<Tensor<1>>::new(), 0.0, 0, 0);

    for indices in order.chunks(recipe.batch) {
        let draw = mix(seed, epoch as u64, 1 + state.step as u64);
        device.seed(draw);
        let (loss, trace) = objective.loss(&model, indices, &mut StdRng::seed_from_u64(draw));
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let rate = recipe.schedule.rate(recipe.learning_rate, state.step, total);
        model = optimizer.step(rate, model, gradients);
        model = objective.update(model, trace, state.step);
        state.step += 1;
        done += indices.len();
        pending.push(loss.without_autodiff().mul_scalar(indices.len() as f64));

        if pending.len() == LOOK_EVERY || done == samples {
            let looked: Vec<f64> = pending.drain(..).map(|loss| loss.into_scalar::<f64>()).collect();
            if let Some(at) = looked.iter().position(|loss| !loss.is_finite()) {
                let step = state.step - looked.len() + at + 1;
                return Err(Error::new(
                    ErrorKind::Check,
                    "the training diverged",
                    format!("step {step} of epoch {epoch}"),
                    "the loss is not a finite number; the last whole checkpoint is kept",
                )
                .hint("train again with a lower --set vqvae_training.learning_rate or prior_training.learning_rate"));
            }
            let recent: f64 = looked.iter().sum();
            sum += recent;
            let rate = done as f64 / started.elapsed().as_secs_f64();
            let loss = recent / (done - reported) as f64;
            reported = done;
            watch(Event::Step { epoch, epochs: recipe.epochs, done, samples, loss, rate });
        }
    }
    Ok((model, sum / samples as f64))
}

/// A seed from a seed and a place, by the finaliser of SplitMix64 (Steele et al. 2014).
fn mix(seed: u64, epoch: u64, step: u64) -> u64 {
    let mut z = seed ^ epoch.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ step.wrapping_mul(0xD1B5_4A32_D192_ED03);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
