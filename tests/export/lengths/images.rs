//! Pictures of any size: pools, crops, resizes, patches, padding.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2dConfig;
use burn::nn::pool::{AdaptiveAvgPool2dConfig, AvgPool2dConfig, MaxPool2dConfig};
use burn::tensor::module::{adaptive_avg_pool2d, avg_pool2d, deform_conv2d, interpolate, max_pool2d, unfold4d};
use burn::tensor::ops::{
    AvgPoolOptions, DeformConvOptions, InterpolateMode, InterpolateOptions, MaxPoolOptions, PadMode, UnfoldOptions,
};
use burn::tensor::{Tensor, s};

use super::{PICTURE, PICTURES};
use crate::common::floats;
use crate::lengths;

fn resized(x: Tensor<4>, size: [usize; 2], mode: InterpolateMode) -> Tensor<4> {
    interpolate(x, InterpolateOptions::new(mode).with_output_size(size))
}

fn halved(x: Tensor<4>) -> Tensor<4> {
    max_pool2d(x, MaxPoolOptions::new([2, 2]).with_stride([2, 2]))
}

fn pooled(x: Tensor<4>) -> Tensor<4> {
    avg_pool2d(x, AvgPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]))
}

lengths! {
    max_pool: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| MaxPool2dConfig::new([2, 2]).init().forward(x);
    avg_pool_of_odd: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| AvgPool2dConfig::new([3, 3]).with_strides([2, 2]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init().forward(x);
    flatten_pool: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let x = halved(x); let [b, c, h, w] = x.dims(); x.reshape([b, c, h * w]).swap_dims(1, 2) };
    flatten_pool_with_token: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let x = halved(x); let [b, c, h, w] = x.dims(); let token = Tensor::ones([b, 1, c], &x.device()); Tensor::cat(vec![token, x.reshape([b, c, h * w]).swap_dims(1, 2)], 1) };
    crop_and_join: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let y = halved(x.clone()); let y = resized(y.clone(), [2 * y.dims()[2], 2 * y.dims()[3]], InterpolateMode::Nearest); let [_, _, h, w] = y.dims(); Tensor::cat(vec![x.slice(s![.., .., 0..h, 0..w]), y], 1) };
    centre_crop: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let y = pooled(x.clone()); let [_, _, h, w] = y.dims(); let [_, _, big, wide] = x.dims(); let (top, left) = ((big - h) / 2, (wide - w) / 2); x.slice(s![.., .., top..top + h, left..left + w]) + y };
    pad_and_join: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); let y = halved(x.clone()); let y = resized(y.clone(), [2 * y.dims()[2], 2 * y.dims()[3]], InterpolateMode::Nearest); let [_, _, a, b] = y.dims(); Tensor::cat(vec![x, y.pad((0, w - b, 0, h - a), 0.0)], 1) };
    nearest_to_other_size: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); resized(pooled(x), [h, w], InterpolateMode::Nearest) };
    bilinear_to_other_size: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); resized(pooled(x), [h, w], InterpolateMode::Bilinear) };
    bicubic_to_other_size: PICTURE, floats([1, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); resized(pooled(x), [h, w], InterpolateMode::Bicubic) };
    half_size: PICTURE, floats([1, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); resized(x, [h / 2, w / 2], InterpolateMode::Bilinear) };
    nearest_half_size: PICTURE, floats([1, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); resized(x, [h / 2, w / 2], InterpolateMode::Nearest) };
    one_and_a_half: PICTURE, floats([1, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); resized(x, [h * 3 / 2, w * 3 / 2], InterpolateMode::Nearest) };
    upsample_by_repeat: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [b, c, h, w] = x.dims(); x.reshape([b, c, h, 1, w, 1]).repeat_dim(3, 2).repeat_dim(5, 2).reshape([b, c, 2 * h, 2 * w]) };
    pixel_shuffle: PICTURES, floats([2, 8, 16, 12]) => |x: Tensor<4>| { let [b, c, h, w] = x.dims(); x.reshape([b, c / 4, 2, 2, h, w]).permute([0, 1, 4, 2, 5, 3]).reshape([b, c / 4, 2 * h, 2 * w]) };
    focus: PICTURE, floats([1, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); let (h, w) = (h / 2 * 2, w / 2 * 2); Tensor::cat(vec![x.clone().slice(s![.., .., 0..h;2, 0..w;2]), x.clone().slice(s![.., .., 1..h;2, 0..w;2]), x.slice(s![.., .., 0..h;2, 1..w;2])], 1) };
    patches: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [b, c, h, w] = x.dims(); let (p, q) = (h / 4, w / 4); x.slice(s![.., .., 0..p * 4, 0..q * 4]).reshape([b, c, p, 4, q, 4]).permute([0, 2, 4, 1, 3, 5]).reshape([b, p * q, c * 16]) };
    pad_to_patches: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); x.pad((0, (4 - w % 4) % 4, 0, (4 - h % 4) % 4), 0.0) };
    pad_reflect_fixed: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| x.pad((2, 2, 1, 1), PadMode::Reflect);
    adaptive_to_three: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| AdaptiveAvgPool2dConfig::new([3, 2]).init().forward(x);
    adaptive_to_half: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); adaptive_avg_pool2d(x, [h / 2, w / 2]) };
    global_pool_by_kernel: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let [_, _, h, w] = x.dims(); avg_pool2d(x, AvgPoolOptions::new([h, w])) };
    same_with_stride: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let mut conv = Conv2dConfig::new([3, 4], [3, 3]).with_stride([2, 2]).with_padding(PaddingConfig2d::Same).init(&x.device()); conv.weight = burn::module::Param::from_tensor(floats::<4>([4, 3, 3, 3]).to_device(&x.device())); conv.bias = None; conv.forward(x) };
    unfold_windows: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| unfold4d(x, [3, 3], UnfoldOptions::new([2, 2], [1, 1], [1, 1]));
    deformable: PICTURES, floats([2, 2, 16, 12]) => |x: Tensor<4>| { let [b, _, h, w] = x.dims(); let d = x.device(); let offset = x.clone().slice(s![.., 0..1, .., ..]).expand([b, 18, h, w]) * 0.7; deform_conv2d(x, offset, floats::<4>([4, 2, 3, 3]).to_device(&d), None, None, DeformConvOptions::new([1, 1], [1, 1], [1, 1], 1, 1)) };
    squared_mean_map: PICTURE, floats([1, 3, 16, 12]) => |x: Tensor<4>| { let [b, c, h, w] = x.dims(); let y = x.reshape([b, c, h * w]); y.clone().matmul(y.swap_dims(1, 2)) / (c * h * w) as f32 };
    two_level_pyramid: PICTURES, floats([2, 3, 16, 12]) => |x: Tensor<4>| { let y = halved(x.clone()); let z = halved(y.clone()); let z = resized(z, [y.dims()[2], y.dims()[3]], InterpolateMode::Nearest); let y = y + z; resized(y, [x.dims()[2], x.dims()[3]], InterpolateMode::Nearest) + x };
}
