//! Convolutions, pools, resizing, rearrangements, and layers that do nothing outside training.

use burn::nn::conv::{Conv1dConfig, Conv2dConfig, Conv3dConfig, DeformConv2dConfig};
use burn::nn::conv::{ConvTranspose1dConfig, ConvTranspose2dConfig, ConvTranspose3dConfig};
use burn::nn::interpolate::{Interpolate1dConfig, Interpolate2dConfig, InterpolateMode};
use burn::nn::pool::{
    AdaptiveAvgPool1dConfig, AdaptiveAvgPool2dConfig, AdaptiveAvgPool3dConfig, AvgPool1dConfig, AvgPool2dConfig,
    MaxPool1dConfig, MaxPool2dConfig,
};
use burn::nn::{
    CosineSimilarityConfig, DropoutConfig, EmbeddingConfig, Fold4dConfig, GaussianNoiseConfig, Identity, LinearConfig,
    LinearLayout, PaddingConfig1d, PaddingConfig2d, PaddingConfig3d, PairwiseDistanceConfig, PixelShuffleConfig,
    PixelUnshuffleConfig, Unfold4dConfig,
};
use burn::tensor::{Device, Int, Tensor};

use super::several;
use crate::common::{floats, ints, layer};

const UNIT: std::ops::Range<f64> = -1.0..1.0;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        nn_linear_by_columns,
        nn_embedding_rank_2,
        nn_conv1d,
        nn_conv2d,
        nn_conv3d,
        nn_conv_transpose,
        nn_deform_conv2d,
        nn_pools_1d,
        nn_pools_2d,
        nn_pools_3d,
        nn_interpolate1d,
        nn_interpolate2d,
        nn_unfold,
        nn_fold,
        nn_pixel_shuffle,
        nn_still_layers,
        nn_similarities
    ]
}

fn nn_linear_by_columns() {
    let columns = || LinearConfig::new(5, 3).with_layout(LinearLayout::Col);
    layer("nn_linear_by_columns", columns().init(&Device::flex()), floats([2, 5]), |m, x: Tensor<2>| m.forward(x));
    let plain = columns().with_bias(false).init(&Device::flex());
    layer("nn_linear_by_columns_plain", plain, floats([2, 3, 4, 5]), |m, x: Tensor<4>| m.forward(x));
}

fn nn_embedding_rank_2() {
    let module = EmbeddingConfig::new(11, 1).init(&Device::flex());
    layer("nn_embedding_of_width_one", module, ints([2, 5], 11), |m, x: Tensor<2, Int>| m.forward(x));
}

fn nn_conv1d() {
    let same = Conv1dConfig::new(4, 6, 4).with_padding(PaddingConfig1d::Same).with_bias(false);
    layer("nn_conv1d_same", same.init(&Device::flex()), floats([2, 4, 9]), |m, x| m.forward(x));
    let dilated = Conv1dConfig::new(4, 6, 3).with_dilation(2).with_groups(2);
    layer("nn_conv1d_dilated", dilated.init(&Device::flex()), floats([2, 4, 9]), |m, x| m.forward(x));
}

fn nn_conv2d() {
    let strided = Conv2dConfig::new([3, 4], [3, 3]).with_stride([2, 2]).with_padding(PaddingConfig2d::Same);
    layer("nn_conv2d_same_strided", strided.init(&Device::flex()), floats([2, 3, 8, 7]), |m, x| m.forward(x));
}

fn nn_conv3d() {
    let same = Conv3dConfig::new([4, 6], [3, 1, 3]).with_padding(PaddingConfig3d::Same).with_groups(2);
    layer("nn_conv3d_same", same.init(&Device::flex()), floats([2, 4, 4, 3, 5]), |m, x| m.forward(x));
    let strided = Conv3dConfig::new([2, 3], [2, 2, 2]).with_stride([1, 2, 1]).with_dilation([2, 1, 1]).with_bias(false);
    layer("nn_conv3d_strided", strided.init(&Device::flex()), floats([2, 2, 4, 5, 3]), |m, x| m.forward(x));
}

fn nn_conv_transpose() {
    let device = Device::flex();
    let line = ConvTranspose1dConfig::new([4, 3], 3).with_bias(false).init(&device);
    layer("nn_conv_transpose1d", line, floats([2, 4, 5]), |m, x| m.forward(x));
    let square = ConvTranspose2dConfig::new([4, 3], [2, 3]).with_dilation([2, 1]).init(&device);
    layer("nn_conv_transpose2d", square, floats([2, 4, 4, 5]), |m, x| m.forward(x));
    let cube = ConvTranspose3dConfig::new([3, 2], [2, 2, 2]).with_stride([2, 2, 2]).with_bias(false).init(&device);
    layer("nn_conv_transpose3d", cube, floats([2, 3, 2, 3, 2]), |m, x| m.forward(x));
}

fn nn_deform_conv2d() {
    let plain = DeformConv2dConfig::new([4, 3], [3, 2]).init(&Device::flex());
    let sample = (floats([2, 4, 5, 6]), floats([2, 12, 3, 5]));
    several("nn_deform_conv2d", plain, sample, UNIT, |m, (x, offset): (Tensor<4>, Tensor<4>)| {
        m.forward(x, offset, None)
    });
    let settings = DeformConv2dConfig::new([4, 6], [3, 3])
        .with_stride([2, 1])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_weight_groups(2)
        .with_offset_groups(2)
        .with_bias(false)
        .init(&Device::flex());
    let sample = (floats([2, 4, 5, 6]), floats([2, 36, 3, 6]), floats([2, 18, 3, 6]));
    several("nn_deform_conv2d_masked", settings, sample, UNIT, |m, (x, offset, mask)| m.forward(x, offset, Some(mask)));
}

fn nn_pools_1d() {
    let x = || floats([2, 3, 10]);
    let max = MaxPool1dConfig::new(3).with_stride(2).with_dilation(2).with_padding(PaddingConfig1d::Explicit(1, 0));
    layer("nn_max_pool1d", max.init(), x(), |m, x| m.forward(x));
    let same = MaxPool1dConfig::new(4).with_stride(1).with_padding(PaddingConfig1d::Same).init();
    layer("nn_max_pool1d_same", same, x(), |m, x| m.forward(x));
    layer("nn_max_pool1d_ceil", MaxPool1dConfig::new(4).with_ceil_mode(true).init(), x(), |m, x| m.forward(x));
    let average = AvgPool1dConfig::new(3).with_stride(2).with_padding(PaddingConfig1d::Explicit(0, 1)).init();
    layer("nn_avg_pool1d", average, x(), |m, x| m.forward(x));
    let outside = AvgPool1dConfig::new(4)
        .with_stride(3)
        .with_padding(PaddingConfig1d::Same)
        .with_count_include_pad(false)
        .with_ceil_mode(true)
        .init();
    layer("nn_avg_pool1d_settings", outside, x(), |m, x| m.forward(x));
    for (name, size) in [("global", 1), ("even", 5), ("uneven", 4)] {
        let pool = AdaptiveAvgPool1dConfig::new(size).init();
        layer(&format!("nn_adaptive_pool1d_{name}"), pool, x(), |m, x| m.forward(x));
    }
}

fn nn_pools_2d() {
    let x = || floats([2, 3, 7, 8]);
    let max = MaxPool2dConfig::new([2, 3]).with_strides([1, 1]).with_padding(PaddingConfig2d::Same).init();
    layer("nn_max_pool2d_same", max, x(), |m, x| m.forward(x));
    let ceil = MaxPool2dConfig::new([2, 2]).with_strides([3, 3]).with_dilation([2, 1]).with_ceil_mode(true).init();
    layer("nn_max_pool2d_ceil", ceil, x(), |m, x| m.forward(x));
    let average = AvgPool2dConfig::new([2, 3]).with_strides([2, 2]).with_ceil_mode(true).init();
    layer("nn_avg_pool2d_ceil", average, x(), |m, x| m.forward(x));
    let same = AvgPool2dConfig::new([3, 2])
        .with_strides([1, 1])
        .with_padding(PaddingConfig2d::Same)
        .with_count_include_pad(false)
        .init();
    layer("nn_avg_pool2d_same", same, x(), |m, x| m.forward(x));
    layer("nn_adaptive_pool2d", AdaptiveAvgPool2dConfig::new([9, 3]).init(), x(), |m, x| m.forward(x));
}

fn nn_pools_3d() {
    for (name, size) in [("global", [1, 1, 1]), ("even", [2, 1, 3]), ("uneven", [3, 2, 4])] {
        let pool = AdaptiveAvgPool3dConfig::new(size).init();
        layer(&format!("nn_adaptive_pool3d_{name}"), pool, floats([2, 3, 4, 5, 6]), |m, x| m.forward(x));
    }
}

fn modes() -> [(&'static str, InterpolateMode); 4] {
    [
        ("nearest", InterpolateMode::Nearest),
        ("linear", InterpolateMode::Linear),
        ("cubic", InterpolateMode::Cubic),
        ("lanczos", InterpolateMode::Lanczos),
    ]
}

fn nn_interpolate1d() {
    for (name, mode) in modes() {
        for aligned in [false, true] {
            let config = || Interpolate1dConfig::new().with_mode(mode.clone()).with_align_corners(aligned);
            let name = format!("nn_interpolate1d_{name}_{aligned}");
            let sized = config().with_output_size(Some(9)).init();
            layer(&name, sized, floats([2, 3, 5]), |m, x| m.forward(x));
            let scaled = config().with_scale_factor(Some(2.0)).init();
            layer(&format!("{name}_scaled"), scaled, floats([2, 3, 5]), |m, x| m.forward(x));
        }
    }
}

fn nn_interpolate2d() {
    for (name, mode) in modes() {
        for aligned in [false, true] {
            let config = || Interpolate2dConfig::new().with_mode(mode.clone()).with_align_corners(aligned);
            let name = format!("nn_interpolate2d_{name}_{aligned}");
            let sized = config().with_output_size(Some([7, 3])).init();
            layer(&name, sized, floats([2, 3, 4, 5]), |m, x| m.forward(x));
            let scaled = config().with_scale_factor(Some([2.0, 1.5])).init();
            layer(&format!("{name}_scaled"), scaled, floats([2, 3, 4, 6]), |m, x| m.forward(x));
        }
    }
}

fn nn_unfold() {
    let plain = Unfold4dConfig::new([2, 3]).init();
    layer("nn_unfold", plain, floats([2, 3, 5, 6]), |m, x| m.forward(x));
    let settings = Unfold4dConfig::new([2, 2]).with_stride([2, 1]).with_dilation([1, 2]).with_padding([1, 2]).init();
    layer("nn_unfold_settings", settings, floats([2, 3, 5, 6]), |m, x| m.forward(x));
}

fn nn_fold() {
    let plain = Fold4dConfig::new([5, 6], [2, 3]).init();
    layer("nn_fold", plain, floats([2, 18, 16]), |m, x| m.forward(x));
    let settings = Fold4dConfig::new([5, 6], [2, 2]).with_stride([2, 1]).with_dilation([1, 2]).with_padding([1, 0]);
    layer("nn_fold_settings", settings.init(), floats([2, 12, 12]), |m, x| m.forward(x));
}

fn nn_pixel_shuffle() {
    layer("nn_pixel_shuffle", PixelShuffleConfig::new(2).init(), floats([2, 8, 3, 4]), |m, x| m.forward(x));
    layer("nn_pixel_unshuffle", PixelUnshuffleConfig::new(2).init(), floats([2, 3, 6, 4]), |m, x| m.forward(x));
}

/// Layers that hand their input on.
fn nn_still_layers() {
    layer("nn_identity", Identity::new(), floats([2, 3]), |m, x: Tensor<2>| m.forward(x) * 2.0);
    layer("nn_dropout", DropoutConfig::new(0.5).init(), floats([2, 3]), |m, x: Tensor<2>| m.forward(x) * 2.0);
    layer("nn_gaussian_noise", GaussianNoiseConfig::new(0.5).init(), floats([2, 3]), |m, x: Tensor<2>| {
        m.forward(x) * 2.0
    });
}

fn nn_similarities() {
    let sample = || (floats([2, 5]), floats([2, 5]));
    let cosine = CosineSimilarityConfig::new().init();
    several("nn_cosine_similarity", cosine, sample(), UNIT, |m, (a, b)| m.forward(a, b));
    for (name, p) in [("l1", 1.0), ("l2", 2.0), ("l3", 3.0), ("l4", 4.0), ("maximum", f64::INFINITY)] {
        let distance = PairwiseDistanceConfig::new().with_p(p).init();
        several(&format!("nn_pairwise_{name}"), distance, sample(), UNIT, |m, (a, b)| m.forward(a, b));
    }
}
