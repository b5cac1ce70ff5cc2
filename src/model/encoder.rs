//! Image to latents.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor, activation::relu};

use super::layers::{ResidualBlock, conv, conv_strided};
use super::preset::{VqvaeConfig, VqvaeNet};

/// Padding of a stride-2 3x3 convolution that TensorFlow calls "same": below and to the right.
const SAME_STRIDED: [usize; 4] = [0, 0, 1, 1];

/// Added to a mean square before its root is taken, so that a latent of zeros is divided by more than 0.
const EPSILON: f64 = 1e-6;

/// The network that makes latents of the centred window of an image.
#[derive(Module, Debug)]
pub struct Encoder {
    /// Rows and columns of the window.
    window: [usize; 2],
    /// Strided convolutions; the kernel of the first may be a whole patch.
    down: Vec<Conv2d>,
    blocks: Vec<ResidualBlock>,
    project: Conv2d,
    /// Whether every latent is scaled to a root mean square of 1, so that latents cannot outgrow the codewords
    /// (Yu et al. 2022, "Vector-quantized image modeling with improved VQGAN", section 3.2).
    unit: bool,
}

impl Encoder {
    /// An encoder that is not trained yet.
    pub(super) fn new(config: &VqvaeConfig, device: &Device) -> Self {
        let [outer, inner] = config.channels;
        let down = match config.net {
            VqvaeNet::Keras => {
                let halve = |channels| conv_strided(channels, [3; 2], [2; 2], SAME_STRIDED, device);
                vec![halve([1, outer]), halve([outer, inner])]
            }
            VqvaeNet::Oasis => {
                let kernel = config.stride.map(|stride| stride + 2);
                vec![
                    conv_strided([1, outer], config.patch, config.patch, [0; 4], device),
                    conv_strided([outer, inner], kernel, config.stride, [1; 4], device),
                ]
            }
        };
        Self {
            window: config.window,
            down,
            blocks: (0..config.blocks).map(|_| ResidualBlock::new(inner, device)).collect(),
            project: conv([inner, config.latent_dim], 1, [0; 4], device),
            unit: config.net == VqvaeNet::Oasis,
        }
    }

    /// Images `[batch, 1, H, W]` in 0..1, of the window's size or larger, to latents `[batch, D, h, w]`.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<4> {
        let [rows, columns] = self.window;
        let [_, _, height, width] = image.dims();
        let mut x = image.narrow(2, (height - rows) / 2, rows).narrow(3, (width - columns) / 2, columns);
        for conv in &self.down {
            x = relu(conv.forward(x));
        }
        for block in &self.blocks {
            x = block.forward(x);
        }
        let latents = self.project.forward(x);
        match self.unit {
            true => latents.clone() / (latents.powf_scalar(2.0).mean_dim(1) + EPSILON).sqrt(),
            false => latents,
        }
    }
}
