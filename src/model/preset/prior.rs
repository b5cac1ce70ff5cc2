//! The settings of a prior and of its training.

use serde::{Deserialize, Serialize};

use super::recipe::Recipe;
use super::require::require;
use crate::Result;

/// The kind of network a prior is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriorNet {
    /// The PixelCNN of Keras's example: a 7x7 mask-A layer, residual blocks, 1x1 mask-B layers.
    Keras,
    /// Gated PixelCNN: a vertical and a horizontal stack, without a blind spot.
    Gated,
}

/// The kind and the sizes of a prior.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct PriorConfig {
    /// The kind of network.
    pub net: PriorNet,
    /// Channels of each layer.
    pub channels: usize,
    /// How many gated layers, or 1x1 layers in `keras`.
    pub layers: usize,
    /// Share of the features that a training step sets to 0.
    pub dropout: f64,
}

impl PriorConfig {
    pub(super) fn check(&self) -> Result<()> {
        require("prior.channels", (2..=2048).contains(&self.channels), "2 to 2048")?;
        // Weights are that many times the size of a kernel.
        let weights = self.layers.saturating_add(1).saturating_mul(self.channels * self.channels);
        require("prior.layers", weights <= 1 << 22, "at most 4194304 divided by the square of channels, less 1")?;
        require("prior.dropout", (0.0..1.0).contains(&self.dropout), "0 to below 1")
    }
}

/// How a prior is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PriorTraining {
    /// Optimiser, learning rate, batches, epochs.
    #[serde(flatten)]
    pub recipe: Recipe,
    /// Share of the conditions that a training step replaces by "any".
    pub condition_dropout: f64,
    /// Whether to train on the codes of the mirrored slices too.
    pub mirror: bool,
}

impl PriorTraining {
    pub(super) fn check(&self) -> Result<()> {
        let share = (0.0..=1.0).contains(&self.condition_dropout);
        require("prior_training.condition_dropout", share, "0 to 1")?;
        self.recipe.check("prior_training")
    }
}
