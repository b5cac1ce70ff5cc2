//! A prior's layers, and how it is trained.

use serde::{Deserialize, Serialize};

use super::{Recipe, require};
use crate::Result;

/// Which layers a prior is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriorNet {
    /// The seed's PixelCNN: a 7x7 mask-A layer, residual blocks, 1x1 mask-B layers.
    Keras,
    /// Gated PixelCNN: a vertical and a horizontal stack, no blind spot.
    Gated,
}

/// A prior's layers and sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorConfig {
    /// The layers.
    pub net: PriorNet,
    /// Channels of every layer.
    pub channels: usize,
    /// Gated layers, or residual blocks.
    pub layers: usize,
    /// Share of the features dropped in training.
    pub dropout: f64,
}

impl PriorConfig {
    pub(super) fn check(&self) -> Result<()> {
        require("prior.channels", self.channels >= 2, "at least 2")?;
        require("prior.dropout", (0.0..1.0).contains(&self.dropout), "0 to below 1")
    }
}

/// How a prior is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorTraining {
    /// What every training has.
    #[serde(flatten)]
    pub recipe: Recipe,
    /// Share of the conditions replaced by "any" in training.
    pub condition_dropout: f64,
    /// Train on the codes of the mirrored slices too.
    pub mirror: bool,
}

impl PriorTraining {
    pub(super) fn check(&self) -> Result<()> {
        let share = (0.0..=1.0).contains(&self.condition_dropout);
        require("prior_training.condition_dropout", share, "0 to 1")?;
        self.recipe.check("prior_training")
    }
}
