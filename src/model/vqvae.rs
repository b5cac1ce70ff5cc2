//! The VQ-VAE: encoder, quantizer, decoder.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::preset::{QuantizerKind, VqvaeConfig};
use super::{Decoder, Encoder, Quantizer};
use crate::data::FRAME;

/// A vector-quantized variational autoencoder (van den Oord et al. 2017).
#[derive(Module, Debug)]
pub struct Vqvae {
    /// Image to latents.
    pub encoder: Encoder,
    /// Latents to codes and back.
    pub quantizer: Quantizer,
    /// Quantized latents to image.
    pub decoder: Decoder,
}

/// What a training step needs of a forward pass.
pub struct VqvaeForward {
    /// The reconstruction `[batch, 1, rows, columns]` of the window, not clipped.
    pub reconstruction: Tensor<4>,
    /// The latents `[batch, D, h, w]` before quantization.
    pub latents: Tensor<4>,
    /// Their codes `[batch, h, w]`.
    pub codes: Tensor<3, Int>,
    /// Commitment loss times its weight, plus the codebook loss where the codebook has a gradient.
    pub quantization_loss: Tensor<1>,
}

impl Vqvae {
    /// A fresh model.
    pub fn new(config: &VqvaeConfig, device: &Device) -> Self {
        Self {
            encoder: Encoder::new(config, device),
            quantizer: Quantizer::new(config, device),
            decoder: Decoder::new(config, device),
        }
    }

    /// The training pass over windows of images `[batch, 1, rows, columns]` in 0..1, with the straight-through gradient.
    pub fn forward(&self, images: Tensor<4>, config: &VqvaeConfig) -> VqvaeForward {
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
