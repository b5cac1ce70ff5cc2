//! Normalisation with parameters and statistics that are not trivial.

use burn::module::{Param, RunningState};
use burn::nn::norm::NormalizationConfig;
use burn::nn::{
    BatchNorm, BatchNormConfig, GroupNormConfig, InstanceNormConfig, LayerNormConfig, LocalResponseNormConfig,
    RmsNormConfig,
};
use burn::tensor::{Device, FloatDType, Tensor};

use crate::common::{floats, layer};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        nn_batch_norm,
        nn_group_norm,
        nn_instance_norm,
        nn_layer_norm,
        nn_rms_norm,
        nn_local_response_norm,
        nn_norms_of_halves,
        nn_normalization_wrapper
    ]
}

fn weights(count: usize) -> Param<Tensor<1>> {
    Param::from_tensor(floats([count]) + 0.25)
}

fn batch_norm() -> BatchNorm {
    let mut norm = BatchNormConfig::new(4).with_epsilon(1e-3).init(&Device::flex());
    norm.gamma = weights(4);
    norm.beta = weights(4);
    norm.running_mean = RunningState::new(floats([4]));
    norm.running_var = RunningState::new(floats([4]).abs() + 0.1);
    norm
}

/// Of the shapes of 0 to 3 spatial axes.
fn nn_batch_norm() {
    layer("nn_batch_norm_0d", batch_norm(), floats([2, 4]), |m, x: Tensor<2>| m.forward(x));
    layer("nn_batch_norm_1d", batch_norm(), floats([2, 4, 5]), |m, x: Tensor<3>| m.forward(x));
    layer("nn_batch_norm_2d", batch_norm(), floats([2, 4, 3, 5]), |m, x: Tensor<4>| m.forward(x));
    layer("nn_batch_norm_3d", batch_norm(), floats([2, 4, 3, 2, 3]), |m, x: Tensor<5>| m.forward(x));
}

fn nn_group_norm() {
    let mut norm = GroupNormConfig::new(3, 6).init(&Device::flex());
    norm.gamma = Some(weights(6));
    norm.beta = Some(weights(6));
    layer("nn_group_norm_1d", norm.clone(), floats([2, 6, 5]), |m, x: Tensor<3>| m.forward(x));
    layer("nn_group_norm_2d", norm.clone(), floats([2, 6, 3, 4]), |m, x: Tensor<4>| m.forward(x));
    layer("nn_group_norm_3d", norm, floats([2, 6, 3, 2, 3]), |m, x: Tensor<5>| m.forward(x));
    let plain = GroupNormConfig::new(1, 6).with_affine(false).init(&Device::flex());
    layer("nn_group_norm_plain", plain, floats([2, 6, 3, 4]), |m, x: Tensor<4>| m.forward(x));
}

fn nn_instance_norm() {
    let mut norm = InstanceNormConfig::new(3).with_epsilon(1e-3).init(&Device::flex());
    norm.gamma = Some(weights(3));
    norm.beta = Some(weights(3));
    layer("nn_instance_norm_1d", norm.clone(), floats([2, 3, 5]), |m, x: Tensor<3>| m.forward(x));
    layer("nn_instance_norm_2d", norm.clone(), floats([2, 3, 3, 4]), |m, x: Tensor<4>| m.forward(x));
    layer("nn_instance_norm_3d", norm, floats([2, 3, 3, 2, 3]), |m, x: Tensor<5>| m.forward(x));
    let plain = InstanceNormConfig::new(3).with_affine(false).init(&Device::flex());
    layer("nn_instance_norm_plain", plain, floats([2, 3, 4, 5]), |m, x: Tensor<4>| m.forward(x));
}

fn nn_layer_norm() {
    let mut norm = LayerNormConfig::new(6).init(&Device::flex());
    norm.gamma = weights(6);
    norm.beta = Some(weights(6));
    layer("nn_layer_norm", norm, floats([2, 3, 6]), |m, x: Tensor<3>| m.forward(x));
    let mut plain = LayerNormConfig::new(6).with_bias(false).init(&Device::flex());
    plain.gamma = weights(6);
    layer("nn_layer_norm_without_bias", plain, floats([2, 6]), |m, x: Tensor<2>| m.forward(x));
}

fn nn_rms_norm() {
    let mut norm = RmsNormConfig::new(6).with_epsilon(1e-3).init(&Device::flex());
    norm.gamma = weights(6);
    layer("nn_rms_norm", norm.clone(), floats([2, 3, 2, 6]), |m, x: Tensor<4>| m.forward(x));
    layer("nn_rms_norm_rank_2", norm, floats([2, 6]), |m, x: Tensor<2>| m.forward(x));
}

fn nn_local_response_norm() {
    for (name, size) in [("one", 1), ("odd", 3), ("even", 4)] {
        let norm = LocalResponseNormConfig::new(size).with_alpha(0.5).with_beta(0.6).with_k(2.0).init();
        let name = format!("nn_local_response_norm_{name}");
        layer(&name, norm, floats([2, 6, 3, 4]), |m, x: Tensor<4>| m.forward(x));
    }
    let norm = LocalResponseNormConfig::new(5).init();
    layer("nn_local_response_norm_1d", norm.clone(), floats([2, 6, 5]), |m, x: Tensor<3>| m.forward(x));
    layer("nn_local_response_norm_3d", norm, floats([2, 6, 3, 2, 3]), |m, x: Tensor<5>| m.forward(x));
}

/// Burn widens halves before it sums their squares.
fn nn_norms_of_halves() {
    let norm = LayerNormConfig::new(6).init(&Device::flex());
    layer("nn_layer_norm_of_halves", norm, floats([2, 3, 6]), |m, x: Tensor<3>| {
        m.forward((x * 400.0).cast(FloatDType::F16)).cast(FloatDType::F32)
    });
    let norm = GroupNormConfig::new(2, 4).with_affine(false).init(&Device::flex());
    layer("nn_group_norm_of_halves", norm, floats([2, 4, 5]), |m, x: Tensor<3>| {
        m.forward((x * 400.0).cast(FloatDType::F16)).cast(FloatDType::F32)
    });
}

fn nn_normalization_wrapper() {
    let configs = [
        ("identity", NormalizationConfig::Identity),
        ("batch", NormalizationConfig::Batch(BatchNormConfig::new(4))),
        ("group", NormalizationConfig::Group(GroupNormConfig::new(2, 4))),
        ("instance", NormalizationConfig::Instance(InstanceNormConfig::new(4))),
        ("layer", NormalizationConfig::Layer(LayerNormConfig::new(4))),
        ("rms", NormalizationConfig::Rms(RmsNormConfig::new(4))),
    ];
    for (name, config) in configs {
        let module = config.init(&Device::flex());
        layer(&format!("nn_normalization_{name}"), module, floats([2, 4, 4]), |m, x: Tensor<3>| m.forward(x));
    }
}
