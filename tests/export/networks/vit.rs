//! A vision transformer (Dosovitskiy et al. 2020, <https://arxiv.org/abs/2010.11929>).

use burn::module::{Initializer, Module, Param};
use burn::nn::attention::{MhaInput, MultiHeadAttention, MultiHeadAttentionConfig};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor, activation::gelu};
use oasis::export::Exported;

use super::batched;
use super::seeded::seeded;

const CLASSES: usize = 10;

/// Patches as tokens, a class token before them, learned places, pre-norm blocks, a linear layer on the class token.
#[derive(Module, Debug)]
pub struct Vit {
    patches: Conv2d,
    class_token: Param<Tensor<3>>,
    places: Param<Tensor<3>>,
    blocks: Vec<VitBlock>,
    norm: LayerNorm,
    head: Linear,
}

impl Vit {
    /// A net over square images of `size` pixels a side, in patches of `patch` pixels a side.
    pub fn new([size, patch]: [usize; 2], width: usize, heads: usize, blocks: usize, device: &Device) -> Self {
        let tokens = (size / patch).pow(2) + 1;
        let small = Initializer::Normal { mean: 0.0, std: 0.02 };
        Self {
            patches: Conv2dConfig::new([3, width], [patch, patch]).with_stride([patch, patch]).init(device),
            class_token: small.init([1, 1, width], device),
            places: small.init([1, tokens, width], device),
            blocks: (0..blocks).map(|_| VitBlock::new(width, heads, device)).collect(),
            norm: LayerNormConfig::new(width).init(device),
            head: LinearConfig::new(width, CLASSES).init(device),
        }
    }

    /// Images `[batch, 3, size, size]` to logits `[batch, classes]`.
    pub fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        let x = self.patches.forward(image).flatten::<3>(2, 3).swap_dims(1, 2);
        let [batch, _, width] = x.dims();
        let class = self.class_token.val().expand([batch, 1, width]);
        let mut x = Tensor::cat(vec![class, x], 1) + self.places.val();
        for block in &self.blocks {
            x = block.forward(x);
        }
        self.head.forward(self.norm.forward(x).narrow(1, 0, 1).squeeze_dim::<2>(1))
    }
}

/// Attention and two linear layers with a GELU, each on the normalised input and added to it.
#[derive(Module, Debug)]
struct VitBlock {
    norm_attention: LayerNorm,
    attention: MultiHeadAttention,
    norm_mlp: LayerNorm,
    widen: Linear,
    narrow: Linear,
}

impl VitBlock {
    fn new(width: usize, heads: usize, device: &Device) -> Self {
        Self {
            norm_attention: LayerNormConfig::new(width).init(device),
            attention: MultiHeadAttentionConfig::new(width, heads).init(device),
            norm_mlp: LayerNormConfig::new(width).init(device),
            widen: LinearConfig::new(width, 4 * width).init(device),
            narrow: LinearConfig::new(4 * width, width).init(device),
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let y = self.norm_attention.forward(x.clone());
        let x = x + self.attention.forward(MhaInput::self_attn(y)).context;
        let y = self.norm_mlp.forward(x.clone());
        x + self.narrow.forward(gelu(self.widen.forward(y)))
    }
}

/// Sixteen patches of 8x8 pixels.
pub fn export() -> Exported {
    let device = Device::flex();
    let net = seeded(Vit::new([32, 8], 48, 4, 3, &device));
    batched("vit", &["image"], &["logits"])
        .float_range("image", -1.0..1.0)
        .export(&net, Tensor::<4>::zeros([1, 3, 32, 32], &device), Vit::forward)
        .expect("a vision transformer")
}
