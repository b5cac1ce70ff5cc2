//! U-Net (Ronneberger et al. 2015, <https://arxiv.org/abs/1505.04597>), padded and with batch normalisation.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::{Device, Tensor, activation::relu};
use oasis::export::Exported;

use super::batched;
use super::layers::ConvNorm;
use super::seeded::seeded;

/// Levels that halve the image, a bottom, and as many levels that double it and see what the way down saw.
#[derive(Module, Debug)]
pub struct UNet {
    down: Vec<DoubleConv>,
    pool: MaxPool2d,
    bottom: DoubleConv,
    up: Vec<UpLevel>,
    head: Conv2d,
}

impl UNet {
    /// A net with one level for each width, outermost first.
    pub fn new(channels: usize, classes: usize, widths: [usize; 3], device: &Device) -> Self {
        let inputs = [channels, widths[0], widths[1]];
        let deepest = widths[2];
        Self {
            down: inputs.into_iter().zip(widths).map(|(from, to)| DoubleConv::new([from, to], device)).collect(),
            pool: MaxPool2dConfig::new([2, 2]).init(),
            bottom: DoubleConv::new([deepest, 2 * deepest], device),
            up: widths.into_iter().rev().map(|width| UpLevel::new(width, device)).collect(),
            head: Conv2dConfig::new([widths[0], classes], [1, 1]).init(device),
        }
    }

    /// Images `[batch, channels, height, width]`, sides divisible by 8, to logits `[batch, classes, height, width]`.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<4> {
        let mut x = image;
        let mut skips = Vec::new();
        for level in &self.down {
            let skip = level.forward(x);
            x = self.pool.forward(skip.clone());
            skips.push(skip);
        }
        x = self.bottom.forward(x);
        for (level, skip) in self.up.iter().zip(skips.into_iter().rev()) {
            x = level.forward(x, skip);
        }
        self.head.forward(x)
    }
}

/// Two 3x3 convolutions.
#[derive(Module, Debug)]
struct DoubleConv {
    first: ConvNorm,
    second: ConvNorm,
}

impl DoubleConv {
    fn new(channels: [usize; 2], device: &Device) -> Self {
        Self {
            first: ConvNorm::new(channels, 3, 1, 1, device),
            second: ConvNorm::new([channels[1], channels[1]], 3, 1, 1, device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        relu(self.second.forward(relu(self.first.forward(x))))
    }
}

/// A transposed convolution that doubles the image, joined with the skip connection.
#[derive(Module, Debug)]
struct UpLevel {
    widen: ConvTranspose2d,
    merge: DoubleConv,
}

impl UpLevel {
    fn new(width: usize, device: &Device) -> Self {
        Self {
            widen: ConvTranspose2dConfig::new([2 * width, width], [2, 2]).with_stride([2, 2]).init(device),
            merge: DoubleConv::new([2 * width, width], device),
        }
    }

    fn forward(&self, x: Tensor<4>, skip: Tensor<4>) -> Tensor<4> {
        self.merge.forward(Tensor::cat(vec![skip, self.widen.forward(x)], 1))
    }
}

/// One channel to two classes at 32x32 pixels.
pub fn export() -> Exported {
    let device = Device::flex();
    let net = seeded(UNet::new(1, 2, [8, 16, 32], &device));
    batched("unet", &["image"], &["logits"])
        .float_range("image", -1.0..1.0)
        .export(&net, Tensor::<4>::zeros([1, 1, 32, 32], &device), UNet::forward)
        .expect("a U-Net")
}
