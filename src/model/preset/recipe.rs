//! The part of a training's settings that is the same for both models: optimiser, learning rate, batches, epochs.

use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer};
use serde::{Deserialize, Serialize};

use super::require::require;
use crate::Result;

/// The part of a training's settings that is the same for both models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recipe {
    /// The optimiser.
    pub optimizer: OptimizerKind,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// How the learning rate changes over the training.
    pub schedule: Schedule,
    /// Decoupled weight decay; `adam` has none.
    pub weight_decay: f64,
    /// Samples in a step.
    pub batch: usize,
    /// Passes over the samples.
    pub epochs: usize,
}

impl Recipe {
    pub(super) fn check(&self, section: &str) -> Result<()> {
        let require = |key, holds, expected| require(&format!("{section}.{key}"), holds, expected);
        // A history of more epochs is not read again.
        require("epochs", (1..=100_000).contains(&self.epochs), "1 to 100000")?;
        require("batch", (1..=65_536).contains(&self.batch), "1 to 65536")?;
        require("learning_rate", self.learning_rate > 0.0 && self.learning_rate.is_finite(), "above 0")?;
        require("weight_decay", self.weight_decay >= 0.0 && self.weight_decay.is_finite(), "0 or more")
    }

    /// The optimiser before its first step.
    pub(crate) fn optimizer(&self) -> ModuleOptimizer {
        match self.optimizer {
            OptimizerKind::Adam => AdamConfig::new().with_epsilon(1e-7).init(),
            OptimizerKind::Adamw => {
                AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(self.weight_decay as f32).init()
            }
        }
    }

    /// The learning rate of step `step`, counted from 0 over the whole training, with `samples` samples in an epoch.
    pub(crate) fn rate(&self, step: usize, samples: usize) -> f64 {
        self.schedule.rate(self.learning_rate, step, samples.div_ceil(self.batch) * self.epochs)
    }
}

/// The optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Adam (Kingma and Ba 2015).
    Adam,
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    Adamw,
}

/// How the learning rate changes over a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same at every step.
    Constant,
    /// A linear rise over the first twentieth of the steps, then half a cosine down to a fiftieth of the highest rate.
    Cosine,
}

impl Schedule {
    /// The learning rate of step `step` of `steps`; the highest is `peak`.
    fn rate(self, peak: f64, step: usize, steps: usize) -> f64 {
        match self {
            Schedule::Constant => peak,
            Schedule::Cosine => {
                let warmup = (steps / 20).max(1);
                if step < warmup {
                    return peak * (step + 1) as f64 / warmup as f64;
                }
                let share = (step - warmup) as f64 / (steps.max(warmup + 1) - warmup) as f64;
                let floor = 0.02;
                peak * (floor + (1.0 - floor) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos()))
            }
        }
    }
}
