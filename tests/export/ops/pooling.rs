//! Pools, resizing, sampling at a grid, windows as columns.

use burn::tensor::module::{
    adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, avg_pool1d, avg_pool2d, interpolate, max_pool1d,
    max_pool1d_with_indices, max_pool2d, max_pool2d_with_indices, unfold4d,
};
use burn::tensor::ops::{
    AvgPoolOptions, GridSampleOptions, GridSamplePaddingMode, InterpolateMode, InterpolateOptions, MaxPoolOptions,
    UnfoldOptions,
};
use burn::tensor::{FloatDType, Tensor};
use oasis::export::Exporter;

use crate::common::{Nothing, floats, verify};
use crate::functions;

fn via(x: Tensor<4>, dtype: FloatDType, f: impl Fn(Tensor<4>) -> Tensor<4>) -> Tensor<4> {
    f(x.cast(dtype)).cast(FloatDType::F32)
}

fn resized(x: Tensor<4>, size: [usize; 2], mode: InterpolateMode, aligned: bool) -> Tensor<4> {
    interpolate(x, InterpolateOptions::new(mode).with_align_corners(aligned).with_output_size(size))
}

fn sampled(x: Tensor<4>, grid: Tensor<4>, padding: GridSamplePaddingMode, aligned: bool) -> (Tensor<4>, Tensor<4>) {
    let options = |mode| GridSampleOptions::new(mode).with_padding_mode(padding).with_align_corners(aligned);
    let smooth = x.clone().grid_sample_2d(grid.clone(), options(InterpolateMode::Bilinear));
    (smooth, x.grid_sample_2d(grid, options(InterpolateMode::Nearest)))
}

functions! {
    pool_max_1d: floats([2, 3, 9]), -1.0..1.0, true => |x: Tensor<3>| (max_pool1d(x.clone(), MaxPoolOptions::new([3]).with_stride([2]).with_padding([1])), max_pool1d(x, MaxPoolOptions::new([2]).with_dilation([3]).with_stride([1])));
    pool_max_1d_ceil: floats([2, 3, 10]), -1.0..1.0, true => |x: Tensor<3>| (max_pool1d(x.clone(), MaxPoolOptions::new([3]).with_stride([2]).with_ceil_mode(true)), max_pool1d(x, MaxPoolOptions::new([3]).with_stride([3]).with_padding([1]).with_ceil_mode(true)));
    pool_max_1d_asymmetric: floats([2, 3, 9]), -1.0..1.0, true => |x: Tensor<3>| max_pool1d(x, MaxPoolOptions::new([3]).with_stride([2]).with_padding_pairs([(0, 2)]));
    pool_max_1d_indices: floats([2, 3, 9]), -1.0..1.0, true => |x: Tensor<3>| max_pool1d_with_indices(x, MaxPoolOptions::new([3]).with_stride([2]).with_padding([1]));
    pool_max_1d_indices_ceil: floats([2, 3, 10]), -1.0..1.0, true => |x: Tensor<3>| max_pool1d_with_indices(x, MaxPoolOptions::new([3]).with_stride([2]).with_ceil_mode(true));
    pool_max_2d_settings: floats([2, 3, 7, 8]), -1.0..1.0, true => |x: Tensor<4>| max_pool2d(x, MaxPoolOptions::new([3, 2]).with_stride([2, 1]).with_padding([1, 0]).with_dilation([1, 2]));
    pool_max_2d_ceil: floats([2, 3, 6, 7]), -1.0..1.0, true => |x: Tensor<4>| (max_pool2d(x.clone(), MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_ceil_mode(true)), max_pool2d(x, MaxPoolOptions::new([3, 2]).with_stride([2, 3]).with_padding([1, 1]).with_ceil_mode(true)));
    pool_max_2d_ceil_dilated: floats([2, 3, 8, 7]), -1.0..1.0, true => |x: Tensor<4>| max_pool2d(x, MaxPoolOptions::new([2, 2]).with_stride([3, 2]).with_dilation([3, 2]).with_ceil_mode(true));
    pool_max_2d_below_zero: floats([2, 3, 6, 6]), -3.0..-1.0, true => |x: Tensor<4>| max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]).with_ceil_mode(true));
    pool_max_2d_asymmetric: floats([2, 3, 6, 7]), -1.0..1.0, true => |x: Tensor<4>| max_pool2d(x, MaxPoolOptions::new([3, 2]).with_stride([2, 2]).with_padding_pairs([(1, 0), (0, 1)]));
    pool_max_2d_indices: floats([2, 3, 6, 7]), -1.0..1.0, true => |x: Tensor<4>| max_pool2d_with_indices(x, MaxPoolOptions::new([3, 2]).with_stride([2, 2]).with_padding([1, 1]));
    pool_max_2d_indices_dilated: floats([2, 3, 8, 7]), -1.0..1.0, true => |x: Tensor<4>| max_pool2d_with_indices(x, MaxPoolOptions::new([2, 2]).with_stride([1, 2]).with_dilation([2, 3]));
    pool_max_2d_indices_asymmetric: floats([2, 3, 6, 7]), -1.0..1.0, true => |x: Tensor<4>| max_pool2d_with_indices(x, MaxPoolOptions::new([3, 2]).with_stride([2, 2]).with_padding_pairs([(1, 0), (0, 1)]));
    pool_max_2d_of_zeros: floats([2, 3, 4, 4]), -1.0..1.0, true => |x: Tensor<4>| max_pool2d_with_indices(x * 0.0, MaxPoolOptions::new([2, 2]).with_stride([2, 2]));
    pool_avg_1d: floats([2, 3, 9]), -1.0..1.0, true => |x: Tensor<3>| (avg_pool1d(x.clone(), AvgPoolOptions::new([3]).with_stride([2]).with_padding([1])), avg_pool1d(x, AvgPoolOptions::new([3]).with_stride([2]).with_padding([1]).with_count_include_pad(false)));
    pool_avg_1d_ceil: floats([2, 3, 10]), -1.0..1.0, true => |x: Tensor<3>| (avg_pool1d(x.clone(), AvgPoolOptions::new([3]).with_stride([2]).with_padding([1]).with_ceil_mode(true)), avg_pool1d(x, AvgPoolOptions::new([4]).with_stride([3]).with_padding([1]).with_count_include_pad(false).with_ceil_mode(true)));
    pool_avg_1d_asymmetric: floats([2, 3, 9]), -1.0..1.0, true => |x: Tensor<3>| (avg_pool1d(x.clone(), AvgPoolOptions::new([3]).with_stride([2]).with_padding_pairs([(0, 2)])), avg_pool1d(x, AvgPoolOptions::new([3]).with_stride([2]).with_padding_pairs([(2, 0)]).with_count_include_pad(false)));
    pool_avg_2d_ceil: floats([2, 3, 6, 7]), -1.0..1.0, true => |x: Tensor<4>| (avg_pool2d(x.clone(), AvgPoolOptions::new([3, 3]).with_stride([2, 2]).with_ceil_mode(true)), avg_pool2d(x, AvgPoolOptions::new([3, 2]).with_stride([2, 3]).with_padding([1, 1]).with_ceil_mode(true)));
    pool_avg_2d_ceil_without_padding: floats([2, 3, 6, 7]), -1.0..1.0, true => |x: Tensor<4>| avg_pool2d(x, AvgPoolOptions::new([3, 2]).with_stride([2, 3]).with_padding([1, 1]).with_count_include_pad(false).with_ceil_mode(true));
    pool_avg_2d_ceil_that_drops_a_window: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| avg_pool2d(x, AvgPoolOptions::new([2, 2]).with_stride([3, 3]).with_padding([1, 1]).with_ceil_mode(true));
    pool_avg_2d_asymmetric: floats([2, 3, 6, 7]), -1.0..1.0, true => |x: Tensor<4>| (avg_pool2d(x.clone(), AvgPoolOptions::new([3, 2]).with_stride([2, 2]).with_padding_pairs([(1, 0), (0, 1)])), avg_pool2d(x, AvgPoolOptions::new([3, 2]).with_stride([2, 2]).with_padding_pairs([(1, 0), (0, 1)]).with_count_include_pad(false)));
    pool_adaptive_1d: floats([2, 3, 7]), -1.0..1.0, true => |x: Tensor<3>| ((adaptive_avg_pool1d(x.clone(), 1), adaptive_avg_pool1d(x.clone(), 3)), (adaptive_avg_pool1d(x.clone(), 7), adaptive_avg_pool1d(x, 10)));
    pool_adaptive_2d: floats([2, 3, 7, 8]), -1.0..1.0, true => |x: Tensor<4>| ((adaptive_avg_pool2d(x.clone(), [1, 3]), adaptive_avg_pool2d(x.clone(), [4, 1])), (adaptive_avg_pool2d(x.clone(), [7, 3]), adaptive_avg_pool2d(x, [9, 5])));
    pool_adaptive_3d: floats([2, 3, 4, 5, 6]), -1.0..1.0, true => |x: Tensor<5>| (adaptive_avg_pool3d(x.clone(), [1, 1, 1]), adaptive_avg_pool3d(x.clone(), [2, 5, 3]), adaptive_avg_pool3d(x, [3, 2, 4]));
    pool_adaptive_f64: floats([2, 3, 7, 8]), -1.0..1.0, true => |x: Tensor<4>| (via(x.clone(), FloatDType::F64, |x| adaptive_avg_pool2d(x, [1, 1])), via(x.clone(), FloatDType::F64, |x| adaptive_avg_pool2d(x, [7, 4])), via(x, FloatDType::F64, |x| adaptive_avg_pool2d(x, [3, 5])));
    pool_f64: floats([2, 3, 7, 8]), -1.0..1.0, true => |x: Tensor<4>| via(x, FloatDType::F64, |x| max_pool2d(x, MaxPoolOptions::new([3, 2]).with_stride([2, 2])));
    pool_avg_f64: floats([2, 3, 7, 8]), -1.0..1.0, true => |x: Tensor<4>| via(x, FloatDType::F64, |x| avg_pool2d(x, AvgPoolOptions::new([3, 2]).with_stride([2, 2])));
    pool_f16: floats([2, 3, 7, 8]), -1.0..1.0, true => |x: Tensor<4>| (via(x.clone(), FloatDType::F16, |x| max_pool2d(x, MaxPoolOptions::new([3, 2]).with_stride([2, 2]))), via(x.clone(), FloatDType::F16, |x| avg_pool2d(x, AvgPoolOptions::new([3, 2]).with_stride([2, 2]))), via(x, FloatDType::F16, |x| adaptive_avg_pool2d(x, [3, 5])));
    pool_bf16: floats([2, 3, 7, 8]), -1.0..1.0, true => |x: Tensor<4>| (via(x.clone(), FloatDType::BF16, |x| max_pool2d(x, MaxPoolOptions::new([3, 2]).with_stride([2, 2]))), via(x.clone(), FloatDType::BF16, |x| avg_pool2d(x, AvgPoolOptions::new([3, 2]).with_stride([2, 2]))), via(x, FloatDType::BF16, |x| adaptive_avg_pool2d(x, [3, 5])));
    pool_nearest: floats([2, 3, 6, 5]), -1.0..1.0, true => |x: Tensor<4>| ((resized(x.clone(), [10, 15], InterpolateMode::Nearest, true), resized(x.clone(), [3, 2], InterpolateMode::Nearest, false)), (resized(x.clone(), [6, 5], InterpolateMode::Nearest, false), resized(x, [1, 1], InterpolateMode::Nearest, false)));
    pool_nearest_by_49: floats([1, 1, 2, 1]), -1.0..1.0, true => |x: Tensor<4>| resized(x, [98, 2], InterpolateMode::Nearest, false);
    pool_bilinear_sizes: floats([2, 3, 6, 5]), -1.0..1.0, true => |x: Tensor<4>| ((resized(x.clone(), [10, 7], InterpolateMode::Bilinear, false), resized(x.clone(), [3, 2], InterpolateMode::Bilinear, false)), (resized(x.clone(), [11, 13], InterpolateMode::Bilinear, true), resized(x, [4, 3], InterpolateMode::Bilinear, true)));
    pool_bilinear_to_one: floats([2, 3, 6, 5]), -1.0..1.0, true => |x: Tensor<4>| (resized(x.clone(), [1, 7], InterpolateMode::Bilinear, true), resized(x, [1, 1], InterpolateMode::Bilinear, false));
    pool_bilinear_of_one: floats([2, 3, 1, 1]), -1.0..1.0, true => |x: Tensor<4>| (resized(x.clone(), [3, 2], InterpolateMode::Bilinear, true), resized(x, [3, 2], InterpolateMode::Bilinear, false));
    pool_bicubic: floats([2, 3, 6, 5]), -1.0..1.0, true => |x: Tensor<4>| ((resized(x.clone(), [12, 15], InterpolateMode::Bicubic, false), resized(x.clone(), [10, 7], InterpolateMode::Bicubic, false)), (resized(x.clone(), [4, 3], InterpolateMode::Bicubic, false), resized(x, [11, 9], InterpolateMode::Bicubic, true)));
    pool_bicubic_to_one: floats([2, 3, 6, 5]), -1.0..1.0, true => |x: Tensor<4>| resized(x, [1, 7], InterpolateMode::Bicubic, true);
    pool_lanczos: floats([2, 3, 6, 5]), -1.0..1.0, true => |x: Tensor<4>| ((resized(x.clone(), [12, 15], InterpolateMode::Lanczos3, false), resized(x.clone(), [4, 3], InterpolateMode::Lanczos3, false)), (resized(x.clone(), [11, 9], InterpolateMode::Lanczos3, true), resized(x, [1, 5], InterpolateMode::Lanczos3, true)));
    pool_lanczos_small: floats([2, 3, 2, 1]), -1.0..1.0, true => |x: Tensor<4>| resized(x, [5, 3], InterpolateMode::Lanczos3, false);
    pool_by_factor: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| interpolate(x, InterpolateOptions::new(InterpolateMode::Bilinear).with_align_corners(false).with_scale_factor([1.5, 0.7]));
    pool_resized_f64: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| { let f = |mode: InterpolateMode, aligned: bool| via(x.clone(), FloatDType::F64, |x| resized(x, [8, 7], mode.clone(), aligned)); ((f(InterpolateMode::Nearest, false), f(InterpolateMode::Lanczos3, false)), (f(InterpolateMode::Bilinear, false), f(InterpolateMode::Bilinear, true)), (f(InterpolateMode::Bicubic, false), f(InterpolateMode::Bicubic, true))) };
    pool_resized_f16: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| { let f = |mode: InterpolateMode| via(x.clone(), FloatDType::F16, |x| resized(x, [8, 7], mode.clone(), false)); (f(InterpolateMode::Nearest), f(InterpolateMode::Lanczos3), f(InterpolateMode::Bilinear), f(InterpolateMode::Bicubic)) };
    pool_resized_bf16: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| { let f = |mode: InterpolateMode| via(x.clone(), FloatDType::BF16, |x| resized(x, [8, 10], mode.clone(), false)); (f(InterpolateMode::Nearest), f(InterpolateMode::Lanczos3), f(InterpolateMode::Bilinear), f(InterpolateMode::Bicubic)) };
    pool_grid_zeros: (floats([2, 3, 5, 6]), floats([2, 4, 3, 2])), -1.7..1.7, true => |(x, g): (Tensor<4>, Tensor<4>)| (sampled(x.clone(), g.clone(), GridSamplePaddingMode::Zeros, false), sampled(x, g, GridSamplePaddingMode::Zeros, true));
    pool_grid_border: (floats([2, 3, 5, 6]), floats([2, 4, 3, 2])), -1.7..1.7, true => |(x, g): (Tensor<4>, Tensor<4>)| (sampled(x.clone(), g.clone(), GridSamplePaddingMode::Border, false), sampled(x, g, GridSamplePaddingMode::Border, true));
    pool_grid_reflection: (floats([2, 3, 5, 6]), floats([2, 4, 3, 2])), -2.7..2.7, true => |(x, g): (Tensor<4>, Tensor<4>)| (sampled(x.clone(), g.clone(), GridSamplePaddingMode::Reflection, false), sampled(x, g, GridSamplePaddingMode::Reflection, true));
    pool_grid_bf16: (floats([2, 3, 5, 6]), floats([2, 4, 3, 2])), -0.9..0.9, true => |(x, g): (Tensor<4>, Tensor<4>)| x.cast(FloatDType::BF16).grid_sample_2d(g.cast(FloatDType::BF16), InterpolateMode::Bilinear).cast(FloatDType::F32);
    pool_grid_f16: (floats([2, 3, 5, 6]), floats([2, 4, 3, 2])), -0.9..0.9, true => |(x, g): (Tensor<4>, Tensor<4>)| x.cast(FloatDType::F16).grid_sample_2d(g.cast(FloatDType::F16), InterpolateMode::Bilinear).cast(FloatDType::F32);
    pool_unfold: floats([2, 3, 5, 6]), -1.0..1.0, true => |x: Tensor<4>| (unfold4d(x.clone(), [2, 2], UnfoldOptions::new([1, 1], [0, 0], [1, 1])), unfold4d(x, [3, 2], UnfoldOptions::new([1, 2], [2, 1], [2, 3])));
    pool_unfold_all: floats([2, 3, 4, 4]), -1.0..1.0, true => |x: Tensor<4>| (unfold4d(x.clone(), [4, 4], UnfoldOptions::new([1, 1], [0, 0], [1, 1])), unfold4d(x, [1, 1], UnfoldOptions::new([2, 2], [0, 0], [1, 1])));
    pool_unfold_infinities: floats([2, 3, 4, 4]), 0.0..1.0, true => |x: Tensor<4>| unfold4d(x.recip() * f32::INFINITY, [2, 2], UnfoldOptions::new([1, 1], [0, 0], [1, 1]));
    pool_unfold_f64: floats([2, 3, 5, 6]), -1.0..1.0, true => |x: Tensor<4>| unfold4d(x.cast(FloatDType::F64), [2, 2], UnfoldOptions::new([1, 1], [1, 0], [1, 1])).cast(FloatDType::F32);
    pool_unfold_bf16: floats([2, 3, 5, 6]), -1.0..1.0, true => |x: Tensor<4>| unfold4d(x.cast(FloatDType::BF16), [2, 2], UnfoldOptions::new([1, 1], [1, 0], [1, 1])).cast(FloatDType::F32);
}

/// Exports a function of pictures of any height, recorded at 6, and checks it.
fn of_any_height(name: &str, f: impl Fn(Tensor<4>) -> Tensor<4> + Send + 'static) {
    let exported = Exporter::new()
        .name(name)
        .input("x")
        .float_range("x", -1.0..1.0)
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("x", 2, "height")
        .export(&Nothing, floats::<4>([2, 3, 6, 7]), move |_, x: Tensor<4>| f(x))
        .unwrap_or_else(|e| panic!("{e}"));
    verify(name, &exported);
}

fn pool_of_any_height() {
    of_any_height("pool_max_of_any_height", |x| max_pool2d(x, MaxPoolOptions::new([2, 2]).with_stride([2, 2])));
    of_any_height("pool_avg_of_any_height", |x| {
        avg_pool2d(
            x,
            AvgPoolOptions::new([3, 3]).with_stride([1, 2]).with_padding([1, 1]).with_count_include_pad(false),
        )
    });
    of_any_height("pool_global_of_any_height", |x| adaptive_avg_pool2d(x, [1, 1]));
    of_any_height("pool_adaptive_of_any_height", |x| adaptive_avg_pool2d(x, [1, 3]));
    of_any_height("pool_unfold_of_any_height", |x| {
        let [batch, ..] = x.dims();
        let y = unfold4d(x, [1, 7], UnfoldOptions::new([1, 1], [0, 0], [1, 1]));
        let [_, channels, windows] = y.dims();
        y.reshape([batch, channels, windows, 1])
    });
}

fn resized_by(x: Tensor<4>, factor: [f32; 2], mode: InterpolateMode, aligned: bool) -> Tensor<4> {
    interpolate(x, InterpolateOptions::new(mode).with_align_corners(aligned).with_scale_factor(factor))
}

fn pool_resize_of_any_height() {
    of_any_height("pool_nearest_of_any_height", |x| resized_by(x, [2.0, 3.0], InterpolateMode::Nearest, false));
    of_any_height("pool_nearest_to_fixed_height", |x| resized(x, [5, 4], InterpolateMode::Nearest, false));
    of_any_height("pool_bilinear_of_any_height", |x| resized_by(x, [2.0, 2.0], InterpolateMode::Bilinear, false));
    of_any_height("pool_bilinear_aligned_of_any_height", |x| {
        resized_by(x, [3.0, 1.5], InterpolateMode::Bilinear, true)
    });
    of_any_height("pool_bicubic_of_any_height", |x| resized_by(x, [2.0, 2.0], InterpolateMode::Bicubic, false));
    of_any_height("pool_bilinear_to_fixed_height", |x| resized(x, [5, 4], InterpolateMode::Bilinear, false));
}

fn pool_avg_ceil_of_every_opset() {
    for opset in 17..=21 {
        let exported = Exporter::new()
            .opset(opset)
            .input("x")
            .dynamic_axis("x", 0, "batch")
            .export(&Nothing, floats::<4>([2, 3, 6, 7]), |_, x: Tensor<4>| {
                let options = AvgPoolOptions::new([3, 2]).with_stride([2, 3]).with_padding([1, 1]).with_ceil_mode(true);
                (avg_pool2d(x.clone(), options), adaptive_avg_pool2d(x, [4, 1]))
            })
            .expect("pools");
        verify(&format!("pool_avg_ceil_opset_{opset}"), &exported);
    }
}

fn pool_grid_of_every_opset() {
    for opset in 17..=21 {
        let exported = Exporter::new()
            .opset(opset)
            .input("x")
            .input("grid")
            .float_range("grid", -1.2..1.2)
            .dynamic_axis("x", 0, "batch")
            .dynamic_axis("grid", 0, "batch")
            .export(&Nothing, (floats([2, 3, 5, 6]), floats([2, 4, 3, 2])), |_, (x, g): (Tensor<4>, Tensor<4>)| {
                sampled(x, g, GridSamplePaddingMode::Zeros, false)
            })
            .expect("samples");
        verify(&format!("pool_grid_opset_{opset}"), &exported);
    }
}

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        pool_of_any_height,
        pool_resize_of_any_height,
        pool_avg_ceil_of_every_opset,
        pool_grid_of_every_opset,
    ]
}
