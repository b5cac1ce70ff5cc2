//! Gated PixelCNN with a vertical and a horizontal stack and a condition (van den Oord et al. 2016, "Conditional Image
//! Generation with PixelCNN Decoders").
//!
//! The input is shifted once, down for the vertical and right for the horizontal stack; after that every layer may see
//! its own position, so no kernel needs a mask and there is no blind spot.
//!
//! Brains are nearly symmetric, and the midline of a registered slice is the middle of the grid. So each stack is also
//! given the codes around the mirror image of a position, where these come earlier in raster order: the vertical stack
//! those of the row above, the horizontal stack in the right half of a row those of the left half.

use burn::module::{Initializer, Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Dropout, DropoutConfig, Embedding, EmbeddingConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Distribution, Int, Tensor};

use super::condition::{CLASSES, POSITIONS};
use super::layers::conv;
use super::preset::{PriorConfig, VqvaeConfig};

/// The dilations of the layers, over and over; eight layers together reach across a 32x32 grid.
pub(super) const DILATIONS: [usize; 4] = [1, 2, 4, 8];

/// How many codes around the mirror image of a position a stack is given: the one there, and two on either side of it.
pub const MIRRORED: usize = 5;

/// The gated PixelCNN.
#[derive(Module, Debug)]
pub struct GatedPixelCnn {
    pub(super) codes: Embedding,
    /// A learned bias for every position of the grid, `[1, channels, h, w]`.
    pub(super) place: Param<Tensor<4>>,
    position: Embedding,
    class: Embedding,
    pub(super) mirror_above: Conv2d,
    pub(super) mirror_left: Conv2d,
    pub(super) layers: Vec<GatedLayer>,
    dropout: Dropout,
    pub(super) head: Conv2d,
    pub(super) logits: Conv2d,
}

impl GatedPixelCnn {
    /// A network that is not trained yet, for the codes of `vqvae`.
    pub(super) fn new(config: &PriorConfig, vqvae: &VqvaeConfig, device: &Device) -> Self {
        let channels = config.channels;
        let [height, width] = vqvae.grid();
        let hidden = 2 * channels;
        let mirror = || {
            Conv2dConfig::new([channels, channels], [1, MIRRORED])
                .with_padding(PaddingConfig2d::Explicit(0, MIRRORED / 2, 0, MIRRORED / 2))
                .with_bias(false)
                .init(device)
        };
        Self {
            codes: EmbeddingConfig::new(vqvae.codebook_size, channels).init(device),
            place: Initializer::Normal { mean: 0.0, std: 0.1 }.init([1, channels, height, width], device),
            position: EmbeddingConfig::new(POSITIONS, channels).init(device),
            class: EmbeddingConfig::new(CLASSES, channels).init(device),
            mirror_above: mirror(),
            mirror_left: mirror(),
            layers: (0..config.layers)
                .map(|index| GatedLayer::new(channels, DILATIONS[index % DILATIONS.len()], device))
                .collect(),
            dropout: DropoutConfig::new(config.dropout).init(),
            head: conv([channels, hidden], 1, [0; 4], device),
            logits: conv([hidden, vqvae.codebook_size], 1, [0; 4], device),
        }
    }

    /// The network with first weights that treat codes alike where their codewords `[K, D]` are alike: the embeddings
    /// and the weights of the logits become random projections of the codewords. This saves the epochs that it takes to
    /// learn them.
    pub(super) fn with_codebook(mut self, codebook: Tensor<2>) -> Self {
        let ([size, dim], device) = (codebook.dims(), codebook.device());
        let power = codebook.clone().powf_scalar(2.0).mean().clamp_min(1e-12).sqrt();
        let unit = codebook / power.reshape([1, 1]);
        let project = |width: usize, spread: f64| {
            let std = spread / (dim as f64).sqrt();
            unit.clone().matmul(Tensor::random([dim, width], Distribution::Normal(0.0, std), &device))
        };
        let [_, hidden, _, _] = self.logits.weight.val().dims();
        let channels = self.place.val().dims()[1];
        let head = project(hidden, 1.0 / (hidden as f64).sqrt()).reshape([size, hidden, 1, 1]);
        self.codes.weight = self.codes.weight.map(|_| project(channels, 1.0)).set_require_grad(true);
        self.logits.weight = self.logits.weight.map(|_| head).set_require_grad(true);
        self
    }

    /// Codes `[batch, h, w]` and conditions `[batch, 2]` (slice position, dementia class) to logits `[batch, K, h, w]`.
    /// The logits of a position depend only on the condition and on the codes before it in raster order.
    pub fn forward(&self, codes: Tensor<3, Int>, condition: Tensor<2, Int>) -> Tensor<4> {
        let [batch, rows, columns] = codes.dims();
        let embedded = self.codes.forward(codes.reshape([batch, rows * columns]));
        let channels = embedded.dims()[2];
        let x = embedded.reshape([batch, rows, columns, channels]).permute([0, 3, 1, 2]);
        let place = self.place.val();
        let steer = self.steer(condition);

        let above = x.clone().pad((0, 0, 1, 0), 0.0).narrow(2, 0, rows);
        let beside = x.clone().pad((1, 0, 0, 0), 0.0).narrow(3, 0, columns);
        let mirrored = self.mirror_left.forward(x.narrow(3, 0, columns / 2).flip([3]));
        let mirrored = mirrored.pad((columns - columns / 2, 0, 0, 0), 0.0);
        let mut vertical = self.mirror_above.forward(above.clone().flip([3])) + above + place.clone();
        let mut horizontal = mirrored + beside + place.clone();
        for layer in &self.layers {
            (vertical, horizontal) = layer.forward(vertical, horizontal, steer.clone(), &self.dropout);
        }
        let head = self.head.forward(relu(horizontal + place));
        self.logits.forward(self.dropout.forward(relu(head)))
    }

    /// The embedding `[batch, channels]` of conditions `[batch, 2]`, which every layer is given.
    pub(super) fn steer(&self, condition: Tensor<2, Int>) -> Tensor<2> {
        let [batch, _] = condition.dims();
        let position = self.position.forward(condition.clone().narrow(1, 0, 1));
        let class = self.class.forward(condition.narrow(1, 1, 1));
        let steer = position + class;
        let [_, _, channels] = steer.dims();
        steer.reshape([batch, channels])
    }
}

/// One layer of both stacks.
#[derive(Module, Debug)]
pub(super) struct GatedLayer {
    pub(super) vertical: Conv2d,
    pub(super) vertical_out: Conv2d,
    pub(super) across: Conv2d,
    pub(super) horizontal: Conv2d,
    pub(super) horizontal_out: Conv2d,
    steer: Linear,
}

impl GatedLayer {
    fn new(channels: usize, dilation: usize, device: &Device) -> Self {
        let causal = |kernel: [usize; 2], [top, left, bottom, right]: [usize; 4]| {
            Conv2dConfig::new([channels, 2 * channels], kernel)
                .with_dilation([dilation, dilation])
                .with_padding(PaddingConfig2d::Explicit(top, left, bottom, right))
                .init(device)
        };
        Self {
            vertical: causal([2, 3], [dilation, dilation, 0, dilation]),
            vertical_out: conv([channels, channels], 1, [0; 4], device),
            across: conv([2 * channels, 2 * channels], 1, [0; 4], device),
            horizontal: causal([1, 2], [0, dilation, 0, 0]),
            horizontal_out: conv([channels, channels], 1, [0; 4], device),
            steer: LinearConfig::new(channels, 4 * channels).with_bias(false).init(device),
        }
    }

    fn forward(
        &self,
        vertical: Tensor<4>,
        horizontal: Tensor<4>,
        steer: Tensor<2>,
        dropout: &Dropout,
    ) -> (Tensor<4>, Tensor<4>) {
        let (for_vertical, for_horizontal) = self.steers(steer);
        let above = self.vertical.forward(vertical.clone());
        let beside = self.horizontal.forward(horizontal.clone()) + self.across.forward(above.clone());
        let above = gate(above + for_vertical);
        let beside = gate(beside + for_horizontal);
        (vertical + self.vertical_out.forward(above), horizontal + self.horizontal_out.forward(dropout.forward(beside)))
    }

    /// What the embedded condition `[batch, channels]` adds to the inputs of the gates, in the vertical and in the
    /// horizontal stack: `[batch, 2 * channels, 1, 1]` each.
    pub(super) fn steers(&self, steer: Tensor<2>) -> (Tensor<4>, Tensor<4>) {
        let [batch, channels] = steer.dims();
        let steer = self.steer.forward(steer).reshape([batch, 4 * channels, 1, 1]);
        (steer.clone().narrow(1, 0, 2 * channels), steer.narrow(1, 2 * channels, 2 * channels))
    }
}

/// `tanh(first half) * sigmoid(second half)` of the channels, dimension 1.
pub(super) fn gate<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let channels = x.dims()[1] / 2;
    x.clone().narrow(1, 0, channels).tanh() * sigmoid(x.narrow(1, channels, channels))
}
