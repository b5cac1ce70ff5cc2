//! The autoregressive prior over code grids.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::preset::{PriorConfig, PriorNet, VqvaeConfig};
use super::{GatedPixelCnn, KerasPixelCnn};

/// A PixelCNN over the codes of a VQ-VAE.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "one value a model")]
pub enum Prior {
    /// The seed's net; it ignores the condition.
    Keras(KerasPixelCnn),
    /// The gated net.
    Gated(GatedPixelCnn),
}

impl Prior {
    /// A fresh prior over the codes of `vqvae`.
    pub fn new(config: &PriorConfig, vqvae: &VqvaeConfig, device: &Device) -> Self {
        match config.net {
            PriorNet::Keras => Self::Keras(KerasPixelCnn::new(config, vqvae, device)),
            PriorNet::Gated => Self::Gated(GatedPixelCnn::new(config, vqvae, device)),
        }
    }

    /// The prior with what it can know of the codes before it is trained, from their codewords `[K, D]`.
    pub fn with_codebook(self, codebook: Tensor<2>) -> Self {
        match self {
            Self::Keras(net) => Self::Keras(net),
            Self::Gated(net) => Self::Gated(net.with_codebook(codebook)),
        }
    }

    /// Codes `[batch, h, w]` and condition `[batch, 2]` to logits `[batch, K, h, w]`; those of a
    /// position depend on the codes before it in raster order only.
    pub fn forward(&self, codes: Tensor<3, Int>, condition: Tensor<2, Int>) -> Tensor<4> {
        match self {
            Self::Keras(net) => net.forward(codes),
            Self::Gated(net) => net.forward(codes, condition),
        }
    }
}
