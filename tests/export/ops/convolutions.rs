//! Convolutions: plain, transposed, deformable.

use burn::nn::PaddingConfig3d;
use burn::nn::conv::{
    Conv1dConfig, Conv2dConfig, Conv3dConfig, ConvTranspose1dConfig, ConvTranspose2dConfig, ConvTranspose3dConfig,
};
use burn::nn::{PaddingConfig1d, PaddingConfig2d};
use burn::tensor::module::{conv_transpose2d, conv1d, conv2d, conv3d, deform_conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions, DeformConvOptions};
use burn::tensor::{Device, FloatDType, Tensor};
use oasis::export::Exporter;

use crate::common::{Nothing, floats, layer, verify};
use crate::functions;

/// Weights on the device that a forward pass runs on.
fn on<const D: usize>(device: &Device, shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(floats::<D>(shape).to_data(), device)
}

/// A deformable convolution of 4 to 6 channels, its offsets up to four pixels long.
fn deformed(x: Tensor<4>, offset: Tensor<4>, mask: Option<Tensor<4>>, options: DeformConvOptions<2>) -> Tensor<4> {
    let device = x.device();
    let weight = on(&device, [6, 4 / options.weight_groups, 3, 2]);
    deform_conv2d(x, offset * 4.0, weight, mask, Some(on(&device, [6])), options)
}

fn via(x: Tensor<4>, dtype: FloatDType) -> Tensor<4> {
    let weight = on::<4>(&x.device(), [4, 3, 3, 2]).cast(dtype);
    conv2d(x.cast(dtype), weight, None, ConvOptions::new([1, 1], [1, 0], [1, 1], 1)).cast(FloatDType::F32)
}

functions! {
    conv_1d_asymmetric: floats([2, 4, 9]), -1.0..1.0, true => |x: Tensor<3>| { let w = on(&x.device(), [6, 2, 3]); conv1d(x, w, None, ConvOptions::new_with_padding([2], [(2, 0)], [2], 2)) };
    conv_1d_point: floats([2, 4, 1]), -1.0..1.0, true => |x: Tensor<3>| { let w = on(&x.device(), [3, 4, 1]); conv1d(x, w, None, ConvOptions::new([1], [0], [1], 1)) };
    conv_2d_asymmetric: floats([2, 4, 7, 8]), -1.0..1.0, true => |x: Tensor<4>| { let d = x.device(); conv2d(x, on(&d, [6, 2, 3, 2]), Some(on(&d, [6])), ConvOptions::new_with_padding([2, 1], [(0, 2), (3, 1)], [1, 2], 2)) };
    conv_2d_depthwise_multiplied: floats([2, 3, 6, 5]), -1.0..1.0, true => |x: Tensor<4>| { let w = on(&x.device(), [6, 1, 3, 3]); conv2d(x, w, None, ConvOptions::new([1, 1], [1, 1], [1, 1], 3)) };
    conv_2d_wide_padding: floats([2, 2, 3, 3]), -1.0..1.0, true => |x: Tensor<4>| { let w = on(&x.device(), [2, 2, 2, 2]); conv2d(x, w, None, ConvOptions::new([1, 1], [3, 4], [1, 1], 1)) };
    conv_2d_weights_as_input: (floats([2, 3, 5, 6]), floats([4, 3, 3, 3])), -1.0..1.0, false => |(x, w): (Tensor<4>, Tensor<4>)| conv2d(x, w, None, ConvOptions::new([1, 1], [1, 1], [1, 1], 1));
    conv_3d_settings: floats([2, 4, 5, 6, 4]), -1.0..1.0, true => |x: Tensor<5>| { let d = x.device(); conv3d(x, on(&d, [6, 2, 2, 3, 2]), Some(on(&d, [6])), ConvOptions::new([1, 2, 1], [1, 0, 2], [2, 1, 1], 2)) };
    conv_2d_f64: floats([2, 3, 5, 6]), -1.0..1.0, true => |x: Tensor<4>| via(x, FloatDType::F64);
    conv_2d_f16: floats([2, 3, 5, 6]), -1.0..1.0, true => |x: Tensor<4>| via(x, FloatDType::F16);
    conv_2d_bf16: floats([2, 3, 5, 6]), -1.0..1.0, true => |x: Tensor<4>| via(x, FloatDType::BF16);
    conv_transpose_2d_bf16: floats([2, 3, 4, 3]), -1.0..1.0, true => |x: Tensor<4>| { let w = on::<4>(&x.device(), [3, 4, 3, 3]).cast(FloatDType::BF16); conv_transpose2d(x.cast(FloatDType::BF16), w, None, ConvTransposeOptions::new([2, 1], [1, 0], [1, 0], [1, 1], 1)).cast(FloatDType::F32) };
    conv_deformed: (floats([2, 4, 5, 6]), floats([2, 12, 3, 5])), -1.0..1.0, true => |(x, o): (Tensor<4>, Tensor<4>)| deformed(x, o, None, DeformConvOptions::new([1, 1], [0, 0], [1, 1], 1, 1));
    conv_deformed_masked: (floats([2, 4, 5, 6]), floats([2, 12, 3, 5]), floats([2, 6, 3, 5])), -1.0..1.0, true => |(x, o, m): (Tensor<4>, Tensor<4>, Tensor<4>)| deformed(x, o, Some(m), DeformConvOptions::new([1, 1], [0, 0], [1, 1], 1, 1));
    conv_deformed_settings: (floats([2, 4, 5, 6]), floats([2, 24, 2, 7]), floats([2, 12, 2, 7])), -1.0..1.0, true => |(x, o, m): (Tensor<4>, Tensor<4>, Tensor<4>)| deformed(x, o, Some(m), DeformConvOptions::new([2, 1], [1, 2], [2, 3], 1, 2));
    conv_deformed_groups: (floats([2, 4, 5, 6]), floats([2, 24, 3, 5])), -1.0..1.0, true => |(x, o): (Tensor<4>, Tensor<4>)| deformed(x, o, None, DeformConvOptions::new([1, 1], [0, 0], [1, 1], 2, 2));
    conv_deformed_crossing_groups: (floats([2, 4, 5, 6]), floats([2, 48, 3, 5])), -1.0..1.0, true => |(x, o): (Tensor<4>, Tensor<4>)| deformed(x, o, None, DeformConvOptions::new([1, 1], [0, 0], [1, 1], 2, 4));
    conv_deformed_one_pixel: (floats([2, 4, 1, 1]), floats([2, 12, 1, 2])), -1.0..1.0, true => |(x, o): (Tensor<4>, Tensor<4>)| deformed(x, o, None, DeformConvOptions::new([1, 1], [1, 1], [1, 1], 1, 1));
    conv_deformed_f16: (floats([2, 4, 5, 6]), floats([2, 12, 3, 5])), -1.0..1.0, true => |(x, o): (Tensor<4>, Tensor<4>)| { let d = x.device(); let w = on::<4>(&d, [2, 4, 3, 2]).cast(FloatDType::F16); deform_conv2d(x.cast(FloatDType::F16), o.cast(FloatDType::F16), w, None, None, DeformConvOptions::new([1, 1], [0, 0], [1, 1], 1, 1)).cast(FloatDType::F32) };
}

fn conv_modules() {
    let device = Device::flex();
    let plain = Conv1dConfig::new(3, 5, 3).init(&device);
    layer("conv_1d_plain", plain, floats([2, 3, 8]), |m, x: Tensor<3>| m.forward(x));
    let same = Conv1dConfig::new(4, 4, 3).with_padding(PaddingConfig1d::Same).with_groups(4).init(&device);
    layer("conv_1d_depthwise", same, floats([2, 4, 8]), |m, x: Tensor<3>| m.forward(x));
    let even = Conv2dConfig::new([2, 3], [2, 4]).with_padding(PaddingConfig2d::Same).init(&device);
    layer("conv_2d_same_even", even, floats([2, 2, 5, 6]), |m, x: Tensor<4>| m.forward(x));
    let cube = Conv3dConfig::new([2, 3], [3, 2, 3]).with_padding(PaddingConfig3d::Explicit(1, 0, 1)).init(&device);
    layer("conv_3d_plain", cube, floats([2, 2, 4, 5, 3]), |m, x: Tensor<5>| m.forward(x));
}

fn conv_transposed_modules() {
    let device = Device::flex();
    let line = ConvTranspose1dConfig::new([4, 6], 3)
        .with_stride(2)
        .with_dilation(2)
        .with_padding(1)
        .with_padding_out(1)
        .with_groups(2)
        .init(&device);
    layer("conv_transpose_1d", line, floats([2, 4, 5]), |m, x: Tensor<3>| m.forward(x));
    let square = ConvTranspose2dConfig::new([4, 6], [3, 2])
        .with_stride([3, 1])
        .with_dilation([1, 3])
        .with_padding([2, 1])
        .with_padding_out([2, 0])
        .with_groups(2)
        .with_bias(false)
        .init(&device);
    layer("conv_transpose_2d_settings", square, floats([2, 4, 4, 5]), |m, x: Tensor<4>| m.forward(x));
    let cube = ConvTranspose3dConfig::new([4, 2], [2, 3, 2])
        .with_stride([1, 2, 2])
        .with_dilation([2, 1, 1])
        .with_padding([0, 1, 0])
        .with_padding_out([0, 1, 0])
        .with_groups(2)
        .init(&device);
    layer("conv_transpose_3d", cube, floats([2, 4, 3, 3, 2]), |m, x: Tensor<5>| m.forward(x));
}

fn conv_deformed_of_every_opset() {
    for opset in [17, 19, 20, 21] {
        let exported = Exporter::new()
            .opset(opset)
            .input("x")
            .input("offset")
            .float_range("offset", -1.0..1.0)
            .dynamic_axis("x", 0, "batch")
            .dynamic_axis("offset", 0, "batch")
            .export(&Nothing, (floats([2, 4, 5, 6]), floats([2, 12, 3, 5])), |_, (x, o): (Tensor<4>, Tensor<4>)| {
                deformed(x, o, None, DeformConvOptions::new([1, 1], [0, 0], [1, 1], 1, 1))
            })
            .expect("a deformable convolution");
        verify(&format!("conv_deformed_opset_{opset}"), &exported);
    }
}

fn conv_of_any_size() {
    let exported = Exporter::new()
        .input("x")
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("x", 2, "height")
        .export(&Nothing, floats::<4>([2, 3, 8, 7]), |_, x: Tensor<4>| {
            let d = x.device();
            let y = conv2d(x, on(&d, [4, 3, 3, 3]), None, ConvOptions::new([1, 1], [1, 1], [1, 1], 1));
            conv_transpose2d(
                y,
                on(&d, [4, 2, 2, 2]),
                None,
                ConvTransposeOptions::new([2, 2], [0, 0], [0, 0], [1, 1], 1),
            )
        })
        .expect("convolutions");
    assert_eq!(exported.outputs()[0].to_string(), "output f32 [batch, 2, 2*height, 14]");
    verify("conv_of_any_size", &exported);
}

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![conv_modules, conv_transposed_modules, conv_deformed_of_every_opset, conv_of_any_size]
}
