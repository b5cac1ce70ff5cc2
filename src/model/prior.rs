//! The autoregressive prior over code grids.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::gated::GatedPixelCnn;
use super::keras_prior::KerasPixelCnn;
use super::preset::{PriorConfig, PriorNet, VqvaeConfig};

/// A PixelCNN over the codes of a VQ-VAE.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a model holds one value of it")]
pub enum Prior {
    /// The network of Keras's example; it ignores the condition.
    Keras(KerasPixelCnn),
    /// The gated network.
    Gated(GatedPixelCnn),
}

impl Prior {
    /// A prior that is not trained yet, for the codes of `vqvae`.
    pub fn new(config: &PriorConfig, vqvae: &VqvaeConfig, device: &Device) -> Self {
        match config.net {
            PriorNet::Keras => Self::Keras(KerasPixelCnn::new(config, vqvae, device)),
            PriorNet::Gated => Self::Gated(GatedPixelCnn::new(config, vqvae, device)),
        }
    }

    /// The prior with first weights that treat codes alike where their codewords `[K, D]` are alike; a `Keras` prior
    /// stays as it is.
    pub fn with_codebook(self, codebook: Tensor<2>) -> Self {
        match self {
            Self::Keras(net) => Self::Keras(net),
            Self::Gated(net) => Self::Gated(net.with_codebook(codebook)),
        }
    }

    /// Codes `[batch, h, w]` and conditions `[batch, 2]` (slice position, dementia class) to logits `[batch, K, h, w]`.
    /// The logits of a position depend only on the condition and on the codes before it in raster order.
    pub fn forward(&self, codes: Tensor<3, Int>, condition: Tensor<2, Int>) -> Tensor<4> {
        match self {
            Self::Keras(net) => net.forward(codes),
            Self::Gated(net) => net.forward(codes, condition),
        }
    }
}
