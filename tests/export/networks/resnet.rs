//! ResNet-18 (He et al. 2015, <https://arxiv.org/abs/1512.03385>), as torchvision builds it.

use burn::module::Module;
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, activation::relu};
use oasis::export::Exported;

use super::batched;
use super::layers::ConvNorm;
use super::seeded::seeded;

/// A 7x7 convolution and a max pool, four stages of two basic blocks, the mean of what is left, a linear layer.
#[derive(Module, Debug)]
pub struct ResNet18 {
    stem: ConvNorm,
    pool: MaxPool2d,
    blocks: Vec<BasicBlock>,
    average: AdaptiveAvgPool2d,
    head: Linear,
}

impl ResNet18 {
    /// A net for so many classes.
    pub fn new(classes: usize, device: &Device) -> Self {
        let mut blocks = Vec::new();
        let mut channels = 64;
        for (stage, width) in [64, 128, 256, 512].into_iter().enumerate() {
            let stride = if stage == 0 { 1 } else { 2 };
            blocks.push(BasicBlock::new([channels, width], stride, device));
            blocks.push(BasicBlock::new([width, width], 1, device));
            channels = width;
        }
        Self {
            stem: ConvNorm::new([3, 64], 7, 2, 1, device),
            pool: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(),
            blocks,
            average: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            head: LinearConfig::new(channels, classes).init(device),
        }
    }

    /// Images `[batch, 3, height, width]` to logits `[batch, classes]`.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        let mut x = self.pool.forward(relu(self.stem.forward(image)));
        for block in &self.blocks {
            x = block.forward(x);
        }
        self.head.forward(self.average.forward(x).flatten::<2>(1, 3))
    }
}

/// Two 3x3 convolutions beside a shortcut, which is a 1x1 convolution where the shape changes.
#[derive(Module, Debug)]
struct BasicBlock {
    enter: ConvNorm,
    leave: ConvNorm,
    shortcut: Option<ConvNorm>,
}

impl BasicBlock {
    fn new(channels: [usize; 2], stride: usize, device: &Device) -> Self {
        let changes = stride != 1 || channels[0] != channels[1];
        Self {
            enter: ConvNorm::new(channels, 3, stride, 1, device),
            leave: ConvNorm::new([channels[1], channels[1]], 3, 1, 1, device),
            shortcut: changes.then(|| ConvNorm::new(channels, 1, stride, 1, device)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.leave.forward(relu(self.enter.forward(x.clone())));
        let shortcut = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        relu(y + shortcut)
    }
}

/// The real widths and classes, at 64x64 pixels.
pub fn export() -> Exported {
    let device = Device::flex();
    let net = seeded(ResNet18::new(1000, &device));
    batched("resnet18", &["image"], &["logits"])
        .float_range("image", -1.0..1.0)
        .export(&net, Tensor::<4>::zeros([1, 3, 64, 64], &device), ResNet18::forward)
        .expect("a ResNet-18")
}
