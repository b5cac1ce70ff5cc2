//! What the training of any model has: optimiser, learning rate, batches, epochs.

use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer};
use serde::{Deserialize, Serialize};

use super::require;
use crate::Result;

/// The part of a training that is the same for every model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub(super) fn check(&self, section: &str) -> Result<()> {
        let require = |key, holds, expected| require(&format!("{section}.{key}"), holds, expected);
        require("epochs", self.epochs >= 1, "at least 1")?;
        require("batch", self.batch >= 1, "at least 1")?;
        require("learning_rate", self.learning_rate > 0.0 && self.learning_rate.is_finite(), "above 0")?;
        require("weight_decay", self.weight_decay >= 0.0 && self.weight_decay.is_finite(), "0 or more")
    }

    /// The optimiser, fresh.
    pub fn optimizer(&self) -> ModuleOptimizer {
        match self.optimizer {
            OptimizerKind::Adam => AdamConfig::new().with_epsilon(1e-7).init(),
            OptimizerKind::Adamw => {
                AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(self.weight_decay as f32).init()
            }
        }
    }

    /// The learning rate of step `step`, from 0, of a training over `samples` samples an epoch.
    pub fn rate(&self, step: usize, samples: usize) -> f64 {
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

/// The learning rate over a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same at every step.
    Constant,
    /// Linear rise over the first twentieth, then half a cosine down to a fiftieth.
    Cosine,
}

impl Schedule {
    /// The learning rate of step `step` out of `steps`, for a peak of `peak`.
    pub fn rate(self, peak: f64, step: usize, steps: usize) -> f64 {
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
