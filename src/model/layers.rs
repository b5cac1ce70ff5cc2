//! Layers that several networks are built from.

use burn::module::{Initializer, Module, Param};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::tensor::{Device, Tensor, activation::relu};

/// Glorot uniform, which Keras draws the first weights of a layer from.
fn glorot() -> Initializer {
    Initializer::XavierUniform { gain: 1.0 }
}

fn zero_bias(channels: usize, device: &Device) -> Option<Param<Tensor<1>>> {
    Some(Initializer::Zeros.init([channels], device))
}

/// A square convolution with padding `[top, left, bottom, right]`, Glorot weights, zero bias.
pub(super) fn conv(channels: [usize; 2], kernel: usize, padding: [usize; 4], device: &Device) -> Conv2d {
    conv_strided(channels, [kernel; 2], [1; 2], padding, device)
}

/// As [`conv`], with a stride; `kernel` and `stride` are `[rows, columns]`.
pub(crate) fn conv_strided(
    channels: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
    device: &Device,
) -> Conv2d {
    let [top, left, bottom, right] = padding;
    let mut conv = Conv2dConfig::new(channels, kernel)
        .with_stride(stride)
        .with_padding(PaddingConfig2d::Explicit(top, left, bottom, right))
        .with_initializer(glorot())
        .init(device);
    conv.bias = zero_bias(channels[1], device);
    conv
}

/// A 3x3 transposed convolution without padding, Glorot weights, zero bias.
pub(super) fn conv_transpose(channels: [usize; 2], stride: usize, device: &Device) -> ConvTranspose2d {
    let [input, output] = channels;
    let mut conv = ConvTranspose2dConfig::new(channels, [3, 3])
        .with_stride([stride, stride])
        .with_initializer(Initializer::Zeros)
        .init(device);
    conv.weight = glorot().init_with([input, output, 3, 3], Some(9 * input), Some(9 * output), device);
    conv
}

/// A residual block: `x + conv1x1(relu(conv3x3(relu(x))))`, with half as many channels between the two convolutions.
///
/// It does not normalise: a mean over the image would differ between a crop and the full frame.
#[derive(Module, Debug)]
pub(super) struct ResidualBlock {
    wide: Conv2d,
    narrow: Conv2d,
}

impl ResidualBlock {
    /// A block for `channels` channels; its first weights make it nearly the identity.
    pub(super) fn new(channels: usize, device: &Device) -> Self {
        let inner = (channels / 2).max(1);
        let mut narrow = conv([inner, channels], 1, [0; 4], device);
        narrow.weight = Initializer::Normal { mean: 0.0, std: 0.01 }.init([channels, inner, 1, 1], device);
        Self { wide: conv([channels, inner], 3, [1; 4], device), narrow }
    }

    /// `[batch, channels, h, w]` to the same shape.
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let inner = self.wide.forward(relu(x.clone()));
        x + self.narrow.forward(relu(inner))
    }
}

/// Depth to space: `[batch, c * rows * columns, h, w]` to `[batch, c, h * rows, w * columns]`. The channels of a
/// position become a block of `rows` by `columns` pixels (Shi et al. 2016, whose blocks are square).
pub(super) fn spread(x: Tensor<4>, [rows, columns]: [usize; 2]) -> Tensor<4> {
    let [batch, depth, height, width] = x.dims();
    let channels = depth / (rows * columns);
    x.reshape([batch, channels, rows, columns, height, width]).permute([0, 1, 4, 2, 5, 3]).reshape([
        batch,
        channels,
        height * rows,
        width * columns,
    ])
}
