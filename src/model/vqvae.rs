//! The VQ-VAE: encoder, quantizer, decoder.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::decoder::Decoder;
use super::encoder::Encoder;
use super::preset::{QuantizerKind, VqvaeConfig};
use super::quantizer::Quantizer;
use crate::data::FRAME;

/// A vector-quantized variational autoencoder (van den Oord et al. 2017).
#[derive(Module, Debug)]
pub struct Vqvae {
    /// Images to latents.
    pub encoder: Encoder,
    /// Latents to codes and back.
    pub quantizer: Quantizer,
    /// Quantized latents to images.
    pub(super) decoder: Decoder,
}

/// The results of a forward pass that a training step needs.
pub(crate) struct VqvaeForward {
    /// The reconstruction `[batch, 1, rows, columns]` of the window, not clipped to 0..1.
    pub(crate) reconstruction: Tensor<4>,
    /// The latents `[batch, D, h, w]` before quantization.
    pub(crate) latents: Tensor<4>,
    /// Their codes `[batch, h, w]`.
    pub(crate) codes: Tensor<3, Int>,
    /// The commitment loss times its weight; where the codebook learns by gradient, plus the codebook loss.
    pub(crate) quantization_loss: Tensor<1>,
}

impl Vqvae {
    /// A model that is not trained yet.
    pub fn new(config: &VqvaeConfig, device: &Device) -> Self {
        Self {
            encoder: Encoder::new(config, device),
            quantizer: Quantizer::new(config, device),
            decoder: Decoder::new(config, device),
        }
    }

    /// The forward pass of a training step, over windows of images `[batch, 1, rows, columns]` in 0..1. The gradient
    /// passes the quantizer unchanged ("straight through").
    pub(crate) fn forward(&self, images: Tensor<4>, config: &VqvaeConfig) -> VqvaeForward {
        let latents = self.encoder.forward(images);
        let codes = self.quantizer.codes(latents.clone().detach());
        let quantized = self.quantizer.lookup(codes.clone());
        let commitment = mean_square(latents.clone() - quantized.clone().detach()).mul_scalar(config.commitment);
        let quantization_loss = match config.quantizer {
            QuantizerKind::Ema => commitment,
            QuantizerKind::Gradient => commitment + mean_square(quantized.clone() - latents.clone().detach()),
        };
        let straight_through = latents.clone() + (quantized - latents.clone()).detach();
        let reconstruction = self.decoder.forward(straight_through);
        VqvaeForward { reconstruction, latents, codes, quantization_loss }
    }

    /// Images `[batch, 1, 256, 256]` in 0..1 to codes `[batch, h, w]`.
    pub fn encode(&self, images: Tensor<4>) -> Tensor<3, Int> {
        self.quantizer.codes(self.encoder.forward(images))
    }

    /// Codes `[batch, h, w]` to images `[batch, 1, 256, 256]`, clipped to 0..1 and black around the window.
    pub fn decode(&self, codes: Tensor<3, Int>) -> Tensor<4> {
        let window = self.decoder.forward(self.quantizer.lookup(codes)).clamp(0.0, 1.0);
        let [_, _, rows, columns] = window.dims();
        let (top, left) = ((FRAME - rows) / 2, (FRAME - columns) / 2);
        window.pad((left, FRAME - columns - left, top, FRAME - rows - top), 0.0)
    }
}

fn mean_square(x: Tensor<4>) -> Tensor<1> {
    x.powf_scalar(2.0).mean()
}
