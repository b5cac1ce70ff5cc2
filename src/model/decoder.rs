//! Quantized latents to image.

use burn::module::Module;
use burn::nn::conv::{Conv2d, ConvTranspose2d};
use burn::tensor::{Device, Tensor, activation::relu};

use super::layers::{ResidualBlock, conv, conv_transpose, spread};
use super::preset::{VqvaeConfig, VqvaeNet};

/// The network that paints the window of an image from quantized latents.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a model holds one value of it")]
pub(super) enum Decoder {
    /// Three transposed convolutions.
    Keras(KerasDecoder),
    /// Residual blocks, then depth to space.
    Oasis(OasisDecoder),
}

impl Decoder {
    /// A decoder that is not trained yet.
    pub(super) fn new(config: &VqvaeConfig, device: &Device) -> Self {
        match config.net {
            VqvaeNet::Keras => Self::Keras(KerasDecoder::new(config, device)),
            VqvaeNet::Oasis => Self::Oasis(OasisDecoder::new(config, device)),
        }
    }

    /// Quantized latents `[batch, D, h, w]` to the window of an image `[batch, 1, rows, columns]`, not clipped to 0..1.
    pub(super) fn forward(&self, latents: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Keras(net) => net.forward(latents),
            Self::Oasis(net) => net.forward(latents),
        }
    }
}

/// Transposed convolutions, cropped as TensorFlow's "same" padding crops them.
#[derive(Module, Debug)]
pub(super) struct KerasDecoder {
    up: Vec<ConvTranspose2d>,
}

impl KerasDecoder {
    fn new(config: &VqvaeConfig, device: &Device) -> Self {
        let [outer, inner] = config.channels;
        Self {
            up: vec![
                conv_transpose([config.latent_dim, inner], 2, device),
                conv_transpose([inner, outer], 2, device),
                conv_transpose([outer, 1], 1, device),
            ],
        }
    }

    fn forward(&self, latents: Tensor<4>) -> Tensor<4> {
        let mut x = latents;
        for (index, layer) in self.up.iter().enumerate() {
            let [_, _, height, width] = x.dims();
            let stride = layer.stride[0];
            // A 3x3 kernel leaves 3 - stride rows too many; "same" drops half of them in front.
            let front = (3 - stride) / 2;
            x = layer.forward(x).narrow(2, front, height * stride).narrow(3, front, width * stride);
            if index + 1 < self.up.len() {
                x = relu(x);
            }
        }
        x
    }
}

/// Convolutions at the resolution of the codes and at `stride` times that; depth to space gives the full resolution.
#[derive(Module, Debug)]
pub(super) struct OasisDecoder {
    enter: Conv2d,
    blocks: Vec<ResidualBlock>,
    widen: Conv2d,
    stride: [usize; 2],
    paint: Conv2d,
    patch: [usize; 2],
}

impl OasisDecoder {
    fn new(config: &VqvaeConfig, device: &Device) -> Self {
        let [outer, inner] = config.channels;
        let ([tall, wide], [rows, columns]) = (config.stride, config.patch);
        Self {
            enter: conv([config.latent_dim, inner], 3, [1; 4], device),
            blocks: (0..config.blocks).map(|_| ResidualBlock::new(inner, device)).collect(),
            widen: conv([inner, outer * tall * wide], 3, [1; 4], device),
            stride: config.stride,
            paint: conv([outer, rows * columns], 3, [1; 4], device),
            patch: config.patch,
        }
    }

    fn forward(&self, latents: Tensor<4>) -> Tensor<4> {
        let mut x = self.enter.forward(latents);
        for block in &self.blocks {
            x = block.forward(x);
        }
        let x = relu(spread(self.widen.forward(relu(x)), self.stride));
        spread(self.paint.forward(x), self.patch)
    }
}
