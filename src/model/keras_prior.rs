//! The PixelCNN of Keras's example, layer for layer (<https://keras.io/examples/generative/pixelcnn/>).

use burn::module::{Module, Param};
use burn::nn::conv::Conv2d;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, module};

use super::layers::conv;
use super::preset::{PriorConfig, VqvaeConfig};

/// Residual blocks between the 7x7 and the 1x1 layers.
const RESIDUAL_BLOCKS: usize = 2;

/// A masked PixelCNN: one 7x7 mask-A layer, residual blocks, 1x1 mask-B layers.
///
/// It takes no condition, and like every masked PixelCNN it has a blind spot: codes above and to the right that no path
/// through the masks reaches (van den Oord et al. 2016, "Conditional Image Generation with PixelCNN Decoders").
#[derive(Module, Debug)]
pub struct KerasPixelCnn {
    first: MaskedConv,
    blocks: Vec<MaskedBlock>,
    last: Vec<MaskedConv>,
    logits: Conv2d,
    codebook_size: usize,
}

impl KerasPixelCnn {
    /// A network that is not trained yet, for the codes of `vqvae`.
    pub(super) fn new(config: &PriorConfig, vqvae: &VqvaeConfig, device: &Device) -> Self {
        let channels = config.channels;
        Self {
            first: MaskedConv::new([vqvae.codebook_size, channels], 7, false, device),
            blocks: (0..RESIDUAL_BLOCKS).map(|_| MaskedBlock::new(channels, device)).collect(),
            last: (0..config.layers).map(|_| MaskedConv::new([channels, channels], 1, true, device)).collect(),
            logits: conv([channels, vqvae.codebook_size], 1, [0; 4], device),
            codebook_size: vqvae.codebook_size,
        }
    }

    /// Codes `[batch, h, w]` to logits `[batch, K, h, w]`.
    pub(super) fn forward(&self, codes: Tensor<3, Int>) -> Tensor<4> {
        let [batch, height, width] = codes.dims();
        let device = codes.device();
        let classes =
            Tensor::<1, Int>::arange(0..self.codebook_size as i64, &device).reshape([1, self.codebook_size, 1, 1]);
        let one_hot = codes.reshape([batch, 1, height, width]).equal(classes).float();
        let mut x = relu(self.first.forward(one_hot));
        for block in &self.blocks {
            x = block.forward(x);
        }
        for layer in &self.last {
            x = relu(layer.forward(x));
        }
        self.logits.forward(x)
    }
}

#[derive(Module, Debug)]
struct MaskedBlock {
    enter: Conv2d,
    masked: MaskedConv,
    leave: Conv2d,
}

impl MaskedBlock {
    fn new(channels: usize, device: &Device) -> Self {
        let inner = (channels / 2).max(1);
        Self {
            enter: conv([channels, channels], 1, [0; 4], device),
            masked: MaskedConv::new([channels, inner], 3, true, device),
            leave: conv([inner, channels], 1, [0; 4], device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let inner = relu(self.enter.forward(x.clone()));
        let inner = relu(self.masked.forward(inner));
        x + relu(self.leave.forward(inner))
    }
}

/// A square convolution whose kernel is zero at what comes later in raster order, and with mask A (`itself` is false)
/// at its own position too.
#[derive(Module, Debug)]
struct MaskedConv {
    conv: Conv2d,
    mask: Param<Tensor<4>>,
}

impl MaskedConv {
    fn new(channels: [usize; 2], kernel: usize, itself: bool, device: &Device) -> Self {
        let pad = kernel / 2;
        let centre = kernel * kernel / 2;
        let seen: Vec<f32> =
            (0..kernel * kernel).map(|at| if at < centre || (at == centre && itself) { 1.0 } else { 0.0 }).collect();
        let mask = Tensor::<1>::from_floats(seen.as_slice(), device).reshape([1, 1, kernel, kernel]);
        Self { conv: conv(channels, kernel, [pad; 4], device), mask: Param::from_tensor(mask).set_require_grad(false) }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let pad = self.conv.kernel_size[0] / 2;
        let options = burn::tensor::ops::ConvOptions::new([1, 1], [pad, pad], [1, 1], 1);
        let weight = self.conv.weight.val() * self.mask.val();
        module::conv2d(x, weight, self.conv.bias.as_ref().map(|bias| bias.val()), options)
    }
}
