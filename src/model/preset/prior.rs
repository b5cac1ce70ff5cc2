//! A prior's layers, and how it is trained.

use serde::{Deserialize, Serialize};

use super::Recipe;

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
    /// Rows and columns of the centred window of codes that depend on each other; those around it see no brain, and
    /// depend on their place alone (`gated`).
    pub window: [usize; 2],
    /// Share of the features dropped in training.
    pub dropout: f64,
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
