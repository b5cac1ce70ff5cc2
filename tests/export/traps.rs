//! Forward passes for which a careless exporter writes a wrong model without an error.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::module::{interpolate, max_pool2d_with_indices};
use burn::tensor::ops::{InterpolateMode, InterpolateOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor};
use oasis::export::Exporter;

use crate::common::{Nothing, check, floats, verify};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        pooled_values_and_positions_are_both_used,
        one_convolution_may_be_normalised_in_two_ways,
        lengths_that_round_are_followed,
        samples_must_tell_axes_apart,
        an_empty_axis_may_grow,
        a_parameter_may_be_named_like_an_input,
        a_module_may_be_one_parameter,
        many_axes_stay_dynamic,
        a_result_without_tensors_is_refused
    ]
}

fn pooled_values_and_positions_are_both_used() {
    check("trap_pool_positions", floats::<4>([2, 3, 6, 6]), -1.0..1.0, true, |x: Tensor<4>| {
        let (most, at) = max_pool2d_with_indices(x, MaxPoolOptions::new([2, 2]).with_stride([2, 2]));
        (relu(most), at)
    });
}

#[derive(Module, Debug)]
struct SharedConvolution {
    conv: Conv2d,
    first: BatchNorm,
    second: BatchNorm,
}

fn one_convolution_may_be_normalised_in_two_ways() {
    let device = Device::flex();
    let mut net = SharedConvolution {
        conv: Conv2dConfig::new([3, 4], [3, 3]).with_bias(false).init(&device),
        first: BatchNormConfig::new(4).init(&device),
        second: BatchNormConfig::new(4).init(&device),
    };
    net.second.gamma = Param::from_tensor(floats::<1>([4]) + 2.0);
    let exported = Exporter::new()
        .input("x")
        .dynamic_axis("x", 0, "batch")
        .export(&net, floats::<4>([1, 3, 6, 6]), |net: &SharedConvolution, x: Tensor<4>| {
            (net.first.forward(net.conv.forward(x.clone())), net.second.forward(net.conv.forward(x * 2.0)))
        })
        .expect("a net");
    assert!(!exported.summary().operators.contains_key("BatchNormalization"), "{}", exported.summary());
    verify("trap_shared_convolution", &exported);
}

fn lengths_that_round_are_followed() {
    let conv = Conv2dConfig::new([1, 2], [3, 3])
        .with_stride([2, 2])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .init(&Device::flex());
    let exported = Exporter::new()
        .input("image")
        .dynamic_axis("image", 2, "height")
        .dynamic_axis("image", 3, "width")
        .export(&conv, floats::<4>([1, 1, 8, 12]), |conv: &Conv2d, x: Tensor<4>| {
            let [_, _, height, width] = x.dims();
            let options = InterpolateOptions::new(InterpolateMode::Bilinear).with_output_size([height, width]);
            interpolate(conv.forward(x), options)
        })
        .expect("a net for pictures of any size");
    let case = exported.case(&[("height", 13), ("width", 7)], 1).expect("a case");
    for engine in crate::common::engines() {
        let outputs = exported.run(engine.as_ref(), &case.inputs).expect("an engine");
        let comparisons = case.compare(&outputs, exported.tolerance()).expect("a picture of the input's size");
        assert!(comparisons[0].pass(), "{}: {comparisons:?}", engine.name());
    }
}

fn samples_must_tell_axes_apart() {
    let exporter = Exporter::new().input("x").dynamic_axis("x", 0, "height").dynamic_axis("x", 1, "width");
    let squares = vec![floats::<2>([4, 4]), floats::<2>([6, 6])];
    let error = exporter.export_samples(&Nothing, squares, |_, x: Tensor<2>| x.transpose()).expect_err("squares");
    assert_eq!(error.to_string(), "cannot export to ONNX: model: no two samples differ in the length of height alone");
}

fn an_empty_axis_may_grow() {
    let exported = Exporter::new()
        .input("past")
        .input("now")
        .dynamic_axis("past", 1, "length")
        .export(
            &Nothing,
            (Tensor::<3>::zeros([2, 0, 4], &Device::flex()), floats::<3>([2, 1, 4])),
            |_, (past, now): (Tensor<3>, Tensor<3>)| Tensor::cat(vec![past, now], 1),
        )
        .expect("a cache");
    assert_eq!(exported.outputs()[0].to_string(), "output f32 [2, length+1, 4]");
    verify("trap_cache", &exported);
}

#[derive(Module, Debug)]
struct Scaled {
    scale: Param<Tensor<1>>,
}

fn a_parameter_may_be_named_like_an_input() {
    let net = Scaled { scale: Param::from_tensor(floats([3])) };
    let exported = Exporter::new()
        .input("x")
        .input("scale")
        .dynamic_axis("x", 0, "batch")
        .export(&net, (floats::<2>([2, 3]), floats::<1>([3])), |net: &Scaled, (x, t): (Tensor<2>, Tensor<1>)| {
            x * net.scale.val().unsqueeze() + t.unsqueeze()
        })
        .expect("a net");
    verify("trap_names", &exported);
}

fn a_module_may_be_one_parameter() {
    let weight = Param::from_tensor(floats::<2>([3, 4]));
    let exported = Exporter::new()
        .input("x")
        .dynamic_axis("x", 0, "batch")
        .export(&weight, floats::<2>([2, 3]), |weight: &Param<Tensor<2>>, x: Tensor<2>| x.matmul(weight.val()))
        .expect("a product");
    verify("trap_parameter", &exported);
}

fn many_axes_stay_dynamic() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut exporter = Exporter::new();
    for name in names {
        exporter = exporter.input(name).dynamic_axis(name, 0, format!("size_{name}"));
    }
    let sample: Vec<Tensor<2>> = names.iter().map(|_| floats([1, 3])).collect();
    let exported = exporter.export(&Nothing, sample, |_, all: Vec<Tensor<2>>| Tensor::cat(all, 0)).expect("a joint");
    let inputs: Vec<String> = exported.inputs().iter().map(ToString::to_string).collect();
    let expected = names.map(|name| format!("{name} f32 [size_{name}, 3]"));
    assert_eq!(inputs, expected);
    verify("trap_many_axes", &exported);
}

fn a_result_without_tensors_is_refused() {
    let result = Exporter::new().export(&Nothing, floats::<2>([2, 3]), |_, _: Tensor<2>| Vec::<Tensor<2>>::new());
    let error = result.expect_err("nothing");
    assert_eq!(error.to_string(), "cannot export to ONNX: model: the forward pass returns no tensor");
}
