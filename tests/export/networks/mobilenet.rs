//! MobileNetV2 (Sandler et al. 2018, <https://arxiv.org/abs/1801.04381>), narrower and shallower.

use burn::module::Module;
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use oasis::export::Exported;

use super::batched;
use super::layers::ConvNorm;
use super::seeded::seeded;

/// Expansion, width, number of blocks, and stride of the first, stage by stage.
const STAGES: [[usize; 4]; 5] = [[1, 8, 1, 1], [6, 12, 2, 2], [6, 16, 3, 2], [6, 24, 2, 1], [6, 40, 1, 2]];
const FIRST: usize = 16;
const LAST: usize = 128;

/// A strided convolution, stages of inverted residuals, a 1x1 convolution, the mean, a linear layer.
#[derive(Module, Debug)]
pub struct MobileNet {
    stem: ConvNorm,
    blocks: Vec<InvertedResidual>,
    last: ConvNorm,
    average: AdaptiveAvgPool2d,
    head: Linear,
}

impl MobileNet {
    /// A net for so many classes.
    pub fn new(classes: usize, device: &Device) -> Self {
        let mut blocks = Vec::new();
        let mut channels = FIRST;
        for [expansion, width, repeats, stride] in STAGES {
            for index in 0..repeats {
                let stride = if index == 0 { stride } else { 1 };
                blocks.push(InvertedResidual::new([channels, width], stride, expansion, device));
                channels = width;
            }
        }
        Self {
            stem: ConvNorm::new([3, FIRST], 3, 2, 1, device),
            blocks,
            last: ConvNorm::new([channels, LAST], 1, 1, 1, device),
            average: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            head: LinearConfig::new(LAST, classes).init(device),
        }
    }

    /// Images `[batch, 3, height, width]` to logits `[batch, classes]`.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        let mut x = relu6(self.stem.forward(image));
        for block in &self.blocks {
            x = block.forward(x);
        }
        let x = relu6(self.last.forward(x));
        self.head.forward(self.average.forward(x).flatten::<2>(1, 3))
    }
}

/// Widened by a 1x1 convolution, filtered channel by channel, narrowed again without an activation.
#[derive(Module, Debug)]
struct InvertedResidual {
    expand: Option<ConvNorm>,
    depthwise: ConvNorm,
    project: ConvNorm,
    residual: bool,
}

impl InvertedResidual {
    fn new([input, output]: [usize; 2], stride: usize, expansion: usize, device: &Device) -> Self {
        let hidden = input * expansion;
        Self {
            expand: (expansion != 1).then(|| ConvNorm::new([input, hidden], 1, 1, 1, device)),
            depthwise: ConvNorm::new([hidden, hidden], 3, stride, hidden, device),
            project: ConvNorm::new([hidden, output], 1, 1, 1, device),
            residual: stride == 1 && input == output,
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = match &self.expand {
            Some(expand) => relu6(expand.forward(x.clone())),
            None => x.clone(),
        };
        let y = self.project.forward(relu6(self.depthwise.forward(y)));
        if self.residual { x + y } else { y }
    }
}

fn relu6(x: Tensor<4>) -> Tensor<4> {
    x.clamp(0.0, 6.0)
}

/// Ten classes at 64x64 pixels.
pub fn export() -> Exported {
    let device = Device::flex();
    let net = seeded(MobileNet::new(10, &device));
    batched("mobilenet", &["image"], &["logits"])
        .float_range("image", -1.0..1.0)
        .export(&net, Tensor::<4>::zeros([1, 3, 64, 64], &device), MobileNet::forward)
        .expect("a MobileNet")
}
