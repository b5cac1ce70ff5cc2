//! Layers with parameters.

use burn::nn::conv::{Conv1dConfig, Conv2d, Conv2dConfig, ConvTranspose2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, AvgPool2dConfig, MaxPool2dConfig};
use burn::nn::{
    BatchNormConfig, EmbeddingConfig, GroupNormConfig, InstanceNormConfig, LayerNormConfig, LinearConfig,
    PaddingConfig1d, PaddingConfig2d, RmsNormConfig,
};
use burn::tensor::module::{attention, interpolate, unfold4d};
use burn::tensor::ops::{AttentionModuleOptions, InterpolateMode, InterpolateOptions, UnfoldOptions};
use burn::tensor::{Bool, Device, Int, Tensor};

use crate::common::{floats, ints, layer};
use crate::functions;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        conv2d_plain,
        conv2d_settings,
        conv2d_same,
        conv1d_settings,
        conv_transpose2d,
        conv_transpose2d_groups,
        linear,
        embedding,
        norms,
        batch_norm_leaves_the_module_alone,
        pools
    ]
}

fn conv2d(config: Conv2dConfig) -> Conv2d {
    config.init(&Device::flex())
}

fn conv2d_plain() {
    layer("conv2d_plain", conv2d(Conv2dConfig::new([3, 4], [3, 3])), floats([2, 3, 7, 6]), |m, x| m.forward(x));
}

fn conv2d_settings() {
    let config = Conv2dConfig::new([4, 6], [3, 2])
        .with_stride([2, 1])
        .with_dilation([1, 2])
        .with_groups(2)
        .with_padding(PaddingConfig2d::Explicit(1, 0, 2, 1))
        .with_bias(false);
    layer("conv2d_settings", conv2d(config), floats([2, 4, 7, 8]), |m, x| m.forward(x));
}

fn conv2d_same() {
    let config = Conv2dConfig::new([3, 3], [3, 3]).with_padding(PaddingConfig2d::Same).with_groups(3);
    layer("conv2d_same", conv2d(config), floats([2, 3, 7, 8]), |m, x| m.forward(x));
}

fn conv1d_settings() {
    let config = Conv1dConfig::new(4, 6, 3).with_stride(2).with_padding(PaddingConfig1d::Explicit(2, 1)).with_groups(2);
    layer("conv1d_settings", config.init(&Device::flex()), floats([2, 4, 9]), |m, x: Tensor<3>| m.forward(x));
}

fn conv_transpose2d() {
    let config =
        ConvTranspose2dConfig::new([4, 3], [3, 4]).with_stride([2, 2]).with_padding([1, 1]).with_padding_out([1, 0]);
    layer("conv_transpose2d", config.init(&Device::flex()), floats([2, 4, 5, 6]), |m, x| m.forward(x));
}

fn conv_transpose2d_groups() {
    let config = ConvTranspose2dConfig::new([4, 6], [2, 2]).with_stride([2, 2]).with_groups(2).with_bias(false);
    layer("conv_transpose2d_groups", config.init(&Device::flex()), floats([2, 4, 5, 6]), |m, x| m.forward(x));
}

fn linear() {
    layer("linear", LinearConfig::new(5, 3).init(&Device::flex()), floats([2, 5]), |m, x: Tensor<2>| m.forward(x));
    layer("linear_rank3", LinearConfig::new(5, 3).init(&Device::flex()), floats([2, 4, 5]), |m, x: Tensor<3>| {
        m.forward(x)
    });
    let plain = LinearConfig::new(5, 3).with_bias(false).init(&Device::flex());
    layer("linear_plain", plain, floats([2, 5]), |m, x: Tensor<2>| m.forward(x));
}

fn embedding() {
    layer("embedding", EmbeddingConfig::new(9, 4).init(&Device::flex()), ints([2, 6], 9), |m, x: Tensor<2, Int>| {
        m.forward(x)
    });
}

fn norms() {
    let device = Device::flex();
    layer("group_norm", GroupNormConfig::new(2, 4).init(&device), floats([2, 4, 3, 5]), |m, x: Tensor<4>| m.forward(x));
    layer("layer_norm", LayerNormConfig::new(6).init(&device), floats([2, 3, 6]), |m, x: Tensor<3>| m.forward(x));
    layer("instance_norm", InstanceNormConfig::new(4).init(&device), floats([2, 4, 3, 5]), |m, x: Tensor<4>| {
        m.forward(x)
    });
    layer("rms_norm", RmsNormConfig::new(6).init(&device), floats([2, 3, 6]), |m, x: Tensor<3>| m.forward(x));
}

fn batch_norm_leaves_the_module_alone() {
    let device = Device::flex();
    let norm = BatchNormConfig::new(4).init(&device);
    layer("batch_norm", norm.clone(), floats([2, 4, 3, 5]), |m, x: Tensor<4>| m.forward(x));
    assert_eq!(norm.running_mean.value().device(), device);
    let trained = BatchNormConfig::new(4).init(&device.clone().autodiff());
    layer("batch_norm_autodiff", trained.clone(), floats([2, 4, 3, 5]), |m, x: Tensor<4>| m.forward(x));
    let x = floats::<4>([2, 4, 3, 5]).to_device(&device.autodiff());
    assert_eq!(trained.forward(x).dims(), [2, 4, 3, 5]);
}

fn pools() {
    let x = || floats([2, 3, 7, 8]);
    let max =
        MaxPool2dConfig::new([3, 2]).with_strides([2, 2]).with_padding(PaddingConfig2d::Explicit(1, 0, 1, 0)).init();
    layer("max_pool", max, x(), |m, x| m.forward(x));
    let average =
        AvgPool2dConfig::new([3, 3]).with_strides([2, 2]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init();
    layer("avg_pool", average, x(), |m, x| m.forward(x));
    let outside = AvgPool2dConfig::new([3, 3])
        .with_strides([2, 2])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_count_include_pad(false)
        .init();
    layer("avg_pool_without_padding", outside, x(), |m, x| m.forward(x));
    for (name, size) in [("global", [1, 1]), ("even", [7, 4]), ("uneven", [3, 5])] {
        let pool = AdaptiveAvgPool2dConfig::new(size).init();
        layer(&format!("adaptive_pool_{name}"), pool, x(), |m, x| m.forward(x));
    }
}

fn resized(x: Tensor<4>, size: [usize; 2], mode: InterpolateMode, aligned: bool) -> Tensor<4> {
    interpolate(x, InterpolateOptions::new(mode).with_align_corners(aligned).with_output_size(size))
}

functions! {
    nearest_double: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| resized(x, [8, 10], InterpolateMode::Nearest, false);
    nearest_uneven: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| resized(x, [7, 8], InterpolateMode::Nearest, false);
    bilinear: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| resized(x, [8, 10], InterpolateMode::Bilinear, false);
    bilinear_aligned: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| resized(x, [7, 9], InterpolateMode::Bilinear, true);
    windows_as_columns: floats([2, 3, 5, 6]), -1.0..1.0, true => |x: Tensor<4>| unfold4d(x, [2, 3], UnfoldOptions::new([2, 1], [1, 0], [1, 1]));
    attention_plain: (floats([2, 2, 3, 4]), floats([2, 2, 5, 4]), floats([2, 2, 5, 6])), -1.0..1.0, true => |(q, k, v): (Tensor<4>, Tensor<4>, Tensor<4>)| attention(q, k, v, None, None, AttentionModuleOptions::default());
    attention_causal: (floats([2, 2, 3, 4]), floats([2, 2, 3, 4])), -1.0..1.0, true => |(q, v): (Tensor<4>, Tensor<4>)| attention(q.clone(), q, v, None, None, AttentionModuleOptions { is_causal: true, ..Default::default() });
    attention_masked: (floats([2, 2, 3, 4]), ints([2, 2, 3, 3], 2).equal_elem(1)), -1.0..1.0, true => |(q, m): (Tensor<4>, Tensor<4, Bool>)| attention(q.clone(), q.clone(), q, Some(m), None, AttentionModuleOptions::default());
}
