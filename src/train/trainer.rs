//! The training loop, the same for every model.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::history::History;
use super::objective::Objective;
use super::run::{Run, State, load_module};
use crate::random::{STEP, scatter};
use crate::{Error, ErrorKind, Result};

/// Steps between two looks at the loss; a look waits for the device.
const LOOK_EVERY: usize = 16;
/// Batches that are made ahead of the device.
const AHEAD: usize = 4;

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
        /// Named figures of the last step.
        figures: Vec<(&'static str, f64)>,
        /// Samples a second since this epoch began or was continued.
        rate: f64,
        /// Seconds to the end of the training at this rate, validations not counted.
        left: f64,
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

/// How a training is carried out: all but the model and its objective.
pub struct Training<'a> {
    /// Where its checkpoints are.
    pub run: &'a Run,
    /// The seed of every random draw.
    pub seed: u64,
    /// The latest epoch counts as the best, as it must when the validation slices are trained on.
    pub last_is_best: bool,
    /// The device with autodiff.
    pub device: &'a Device,
    /// Once it is set, the step in work is finished, a checkpoint written, and the training ended.
    pub stop: &'a AtomicBool,
}

/// Where a training ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its last checkpoint.
    pub state: State,
    /// Whether it was stopped before the end of its recipe.
    pub interrupted: bool,
}

/// Trains `model` to the end of its recipe, from where the run stands.
///
/// Random draws depend on (seed, epoch, step) alone, so that a continued training draws what an uninterrupted one
/// would have drawn.
///
/// # Errors
/// A loss that is not a number, a device that fails, or a checkpoint that cannot be read or written. The last whole
/// checkpoint stays.
pub fn train<O: Objective>(
    training: &Training<'_>,
    objective: &O,
    model: O::Model,
    mut watch: impl FnMut(Event<'_>),
) -> Result<Outcome> {
    let (run, recipe) = (training.run, objective.recipe());
    let mut at = Progress { model, optimizer: recipe.optimizer(), state: State::default() };
    let mut history = History::new(objective.columns());
    if let Some((state, folder)) = run.latest()? {
        let damaged =
            |why: Error| why.hint(format!("to go on from the checkpoint before, remove {}", folder.display()));
        at.model = load_module(at.model, &folder.join("model.bpk")).map_err(damaged)?;
        let path = folder.join("optimizer.bpk");
        let optimizer = at.optimizer.load(&path);
        at.optimizer = optimizer.map_err(|why| damaged(Error::input("cannot read the optimiser", &path, why)))?;
        history = History::load(&folder, objective.columns()).map_err(damaged)?;
        at.state = state;
        // A kill may have come between the checkpoint and these.
        history.write(run.root())?;
    }

    while at.state.epoch < recipe.epochs {
        if training.stop.load(Ordering::Relaxed) {
            return Ok(Outcome { state: at.state, interrupted: true });
        }
        let started = Instant::now();
        let before = at.state.done;
        at = guarded(at.state.step, || run_epoch(training, objective, at, &mut watch))?;
        let save = |at: &Progress<_>, history: &History| {
            guarded(at.state.step, || run.save(&at.model, &at.optimizer, &at.state, history))
        };
        if at.state.done < objective.samples() {
            save(&at, &history)?;
            return Ok(Outcome { state: at.state, interrupted: true });
        }
        let rate = (objective.samples() - before) as f64 / started.elapsed().as_secs_f64();
        let validation = guarded(at.state.step, || Ok(objective.validate(&at.model.valid())))?;
        if !validation.score.is_finite() {
            return Err(diverged(at.state.epoch + 1, at.state.step));
        }
        let loss = at.state.loss_sum / objective.samples() as f64;
        let state = &mut at.state;
        (state.epoch, state.done, state.loss_sum, state.score) = (state.epoch + 1, 0, 0.0, validation.score);
        if training.last_is_best || validation.score > state.best_score {
            (state.best_score, state.best_epoch) = (validation.score, state.epoch);
        }
        let mut row = vec![state.epoch as f64, loss, recipe.rate(state.step, objective.samples()), rate];
        row.extend(&validation.values);
        history.push(row);
        save(&at, &history)?;
        history.write(run.root())?;
        let values = objective.columns().iter().copied().zip(validation.values).collect();
        watch(Event::Epoch { state: &at.state, loss, values });
    }
    Ok(Outcome { state: at.state, interrupted: false })
}

/// A training at one of its steps.
struct Progress<M> {
    model: M,
    optimizer: ModuleOptimizer,
    state: State,
}

/// The rest of the epoch that `at` stands in, in an order drawn for this epoch; less of it where it is stopped.
fn run_epoch<O: Objective>(
    training: &Training<'_>,
    objective: &O,
    at: Progress<O::Model>,
    watch: &mut impl FnMut(Event<'_>),
) -> Result<Progress<O::Model>> {
    let Progress { mut model, mut optimizer, mut state } = at;
    let (recipe, samples, seed) = (objective.recipe(), objective.samples(), training.seed);
    let (started, epoch, before) = (Instant::now(), state.epoch + 1, state.done);
    let draw = move |step: usize| mix(seed, epoch as u64, 1 + step as u64);
    let mut order: Vec<usize> = (0..samples).collect();
    order.shuffle(&mut StdRng::seed_from_u64(mix(seed, epoch as u64, 0)));
    let mut pending = Vec::<Tensor<1>>::new();
    let mut reported = state.done;

    std::thread::scope(|scope| {
        let (send, batches) = sync_channel(AHEAD);
        let (order, first) = (&order[before..], state.step);
        scope.spawn(move || {
            for (step, indices) in (first..).zip(order.chunks(recipe.batch)) {
                let batch = objective.batch(indices, &mut StdRng::seed_from_u64(draw(step)));
                if send.send((indices.len(), batch)).is_err() {
                    return;
                }
            }
        });
        for (count, batch) in batches {
            training.device.seed(draw(state.step));
            let (loss, trace) = objective.loss(&model, batch);
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            model = optimizer.step(recipe.rate(state.step, samples), model, gradients);
            model = objective.update(model, &trace, state.step);
            state.step += 1;
            state.done += count;
            pending.push(loss.without_autodiff().mul_scalar(count as f64));

            let stopped = training.stop.load(Ordering::Relaxed);
            if pending.len() == LOOK_EVERY || state.done == samples || stopped {
                let looked: Vec<f64> = pending.drain(..).map(|loss| loss.into_scalar::<f64>()).collect();
                if let Some(at) = looked.iter().position(|loss| !loss.is_finite()) {
                    return Err(diverged(epoch, state.step - looked.len() + at + 1));
                }
                let recent: f64 = looked.iter().sum();
                state.loss_sum += recent;
                let loss = recent / (state.done - reported) as f64;
                reported = state.done;
                let rate = (state.done - before) as f64 / started.elapsed().as_secs_f64();
                let left = (recipe.epochs * samples - state.epoch * samples - state.done) as f64 / rate;
                let figures = objective.figures(loss, &trace);
                let (epochs, done) = (recipe.epochs, state.done);
                watch(Event::Step { epoch, epochs, done, samples, loss, figures, rate, left });
            }
            if stopped {
                break;
            }
        }
        Ok(Progress { model, optimizer, state })
    })
}

fn diverged(epoch: usize, step: usize) -> Error {
    Error::new(
        ErrorKind::Check,
        "the training diverged",
        format!("step {step} of the training, in epoch {epoch}"),
        "the loss, or the validation after it, is not a finite number; the last whole checkpoint is kept",
    )
    .hint("train again with a lower --set vqvae_training.learning_rate or prior_training.learning_rate")
}

/// Runs work on the device, whose failures (lost, out of memory) Burn reports by panics.
pub(super) fn guarded<T>(step: usize, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let why = text.unwrap_or("it gave no reason").to_owned();
        let error = Error::new(ErrorKind::Environment, "the device failed", format!("after step {step}"), why);
        Err(match step {
            0 => error,
            _ => error
                .hint("the last whole checkpoint is kept: continue with --resume")
                .hint("out of memory? a smaller --set vqvae_training.batch or prior_training.batch, in a new --out"),
        })
    })
}

/// A seed from a seed and a place in the training.
fn mix(seed: u64, epoch: u64, step: u64) -> u64 {
    scatter(seed ^ epoch.wrapping_mul(STEP) ^ step.wrapping_mul(0xD1B5_4A32_D192_ED03))
}
