//! The training loop, the same for both models.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Bytes, Device, Tensor};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::device::{device_failed, guarded};
use super::event::{Event, Outcome};
use super::history::History;
use super::objective::Objective;
use super::run::{Run, load_module, read_tensors};
use super::state::State;
use crate::plain::spell;
use crate::random::{STEP, scatter};
use crate::{Error, ErrorKind, Result};

/// After so many steps their losses are read; reading waits for the device.
const LOOK_EVERY: usize = 16;
/// How many batches are made ahead of the step that the device works on.
const AHEAD: usize = 4;

/// How a training is carried out, whatever the model and its objective.
pub(super) struct Training<'a> {
    /// The run that checkpoints are written to.
    pub(super) run: &'a Run,
    /// The seed of every random draw.
    pub(super) seed: u64,
    /// Whether the last epoch counts as the best: with validation slices that are trained on, scores mean nothing.
    pub(super) last_is_best: bool,
    /// The device that trains, with autodiff.
    pub(super) device: &'a Device,
    /// Once it is set, the current step is finished, a checkpoint is written, and the training ends.
    pub(super) stop: &'a AtomicBool,
}

/// Trains `model` to the end of its recipe, from the run's last checkpoint on.
///
/// Random draws depend on seed, epoch and step alone, so a resumed training draws what an uninterrupted one would have
/// drawn.
///
/// # Errors
/// A loss that is not finite, a device that fails, or a checkpoint that cannot be read or written. The last whole
/// checkpoint stays.
pub(super) fn train<O: Objective>(
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
            |why: Error| why.hint(format!("to go on from the checkpoint before this one, remove {}", spell(&folder)));
        at.model = load_module(at.model, &folder.join("model.bpk")).map_err(damaged)?;
        let path = folder.join("optimizer.bpk");
        let bytes = Bytes::from_bytes_vec(read_tensors(&path).map_err(damaged)?);
        let optimizer = at.optimizer.from_bytes(bytes);
        at.optimizer =
            optimizer.map_err(|why| damaged(Error::input("cannot read the optimiser", &path, &why).caused_by(why)))?;
        history = History::load(&folder, objective.columns()).map_err(damaged)?;
        at.state = state;
        // A training that was killed may have written the checkpoint and not these.
        history.write(run.root())?;
    }

    let mut last = Vec::new();
    while at.state.epoch < recipe.epochs {
        if training.stop.load(Ordering::Relaxed) {
            return Ok(Outcome { state: at.state, validation: last, interrupted: true });
        }
        let started = Instant::now();
        let before = at.state.done;
        at = on_device::<O, _>(at.state.step, || run_epoch(training, objective, at, &mut watch))?;
        let save = |at: &Progress<_>, history: &History| {
            on_device::<O, _>(at.state.step, || run.save(&at.model, &at.optimizer, &at.state, history))
        };
        if at.state.done < objective.samples() {
            save(&at, &history)?;
            return Ok(Outcome { state: at.state, validation: last, interrupted: true });
        }
        let rate = (objective.samples() - before) as f64 / started.elapsed().as_secs_f64();
        let validation = on_device::<O, _>(at.state.step, || Ok(objective.validate(&at.model.valid())))?;
        if !validation.score.is_finite() {
            return Err(diverged::<O>(at.state.epoch + 1, at.state.step));
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
        last = objective.columns().iter().copied().zip(validation.values).collect();
        watch(Event::Epoch { state: &at.state, loss, values: last.clone() });
    }
    Ok(Outcome { state: at.state, validation: last, interrupted: false })
}

/// Model, optimiser and state at one step of a training.
struct Progress<M> {
    model: M,
    optimizer: ModuleOptimizer,
    state: State,
}

/// Does the steps that are left of the current epoch, in the order drawn for it, or fewer where the training is
/// stopped.
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
                    return Err(diverged::<O>(epoch, state.step - looked.len() + at + 1));
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

fn diverged<O: Objective>(epoch: usize, step: usize) -> Error {
    Error::new(
        ErrorKind::Check,
        "the training diverged",
        format!("step {step} of the training, in epoch {epoch}"),
        "the loss, or the validation after it, is not a finite number; the last whole checkpoint is kept",
    )
    .hint(format!("train again with `{}.learning_rate` set lower", O::SECTION))
}

/// Runs work on the device after `step` steps of the training.
fn on_device<O: Objective, T>(step: usize, work: impl FnOnce() -> Result<T>) -> Result<T> {
    guarded(work, |why| match step {
        0 => device_failed("before the first step", why),
        _ => device_failed(format!("after step {step}"), why)
            .hint("the last whole checkpoint is kept: go on with `resume` set")
            .hint(format!("if memory ran out, set `{}.batch` lower, with another folder for `out`", O::SECTION)),
    })
}

/// The seed of what is drawn at a step of an epoch.
fn mix(seed: u64, epoch: u64, step: u64) -> u64 {
    scatter(seed ^ epoch.wrapping_mul(STEP) ^ step.wrapping_mul(0xD1B5_4A32_D192_ED03))
}
