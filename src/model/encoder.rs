//! Image to latents.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor, activation::relu};

use super::layers::{ResidualBlock, conv};
use super::preset::{VqvaeConfig, VqvaeNet};

/// Padding of a stride-2 3x3 convolution that TensorFlow calls "same": below and to the right.
const SAME_STRIDED: [usize; 4] = [0, 0, 1, 1];

/// Image `[batch, 1, H, W]` in 0..1 to latents `[batch, D, H / stride, W / stride]`.
#[derive(Module, Debug)]
pub struct Encoder {
    /// Convolutions that halve the image; the first may take a whole patch.
    down: Vec<Conv2d>,
    blocks: Vec<ResidualBlock>,
    project: Conv2d,
}

impl Encoder {
    /// A fresh encoder.
    pub fn new(config: &VqvaeConfig, device: &Device) -> Self {
        let [outer, inner] = config.channels;
        let down = match config.net {
            VqvaeNet::Keras => {
                vec![conv([1, outer], 3, 2, SAME_STRIDED, device), conv([outer, inner], 3, 2, SAME_STRIDED, device)]
            }
            VqvaeNet::Oasis => vec![conv([1, outer], 4, 4, [0; 4], device), conv([outer, inner], 4, 2, [1; 4], device)],
        };
        Self {
            down,
            blocks: (0..config.blocks).map(|_| ResidualBlock::new(inner, device)).collect(),
            project: conv([inner, config.latent_dim], 1, 1, [0; 4], device),
        }
    }

    /// Image `[batch, 1, H, W]` to latents `[batch, D, h, w]`.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<4> {
        let mut x = image;
        for conv in &self.down {
            x = relu(conv.forward(x));
        }
        for block in &self.blocks {
            x = block.forward(x);
        }
        self.project.forward(x)
    }
}
