//! The activation functions as modules, and the wrapper that holds one of them.

use burn::nn::activation::{
    ActivationConfig, CeluConfig, EluConfig, GLU, Gelu, HardShrinkConfig, HardSigmoidConfig, HardSwish, HardtanhConfig,
    LeakyReluConfig, LogSigmoid, Mish, PReluConfig, RReluConfig, Relu, Relu6, Selu, ShrinkConfig, SiLU, Sigmoid,
    SoftShrinkConfig, SoftplusConfig, Softsign, SwiGluConfig, Tanh, Tanhshrink, ThresholdConfig, ThresholdedReluConfig,
};
use burn::tensor::{Device, Tensor};

use crate::common::{floats, layer};

macro_rules! activations {
    ($($name:ident: $module:expr;)*) => {
        $(fn $name() {
            layer(stringify!($name), $module, floats([2, 4, 6]), |m, x: Tensor<3>| m.forward(x * 4.0));
        })*

        pub fn trials() -> Vec<libtest_mimic::Trial> {
            crate::trials![$($name,)* nn_activation_wrapper]
        }
    };
}

activations! {
    nn_celu: CeluConfig::new().with_alpha(1.5).init();
    nn_elu: EluConfig::new().with_alpha(0.7).init();
    nn_gelu: Gelu::new();
    nn_gelu_approximate: Gelu::new_approximate();
    nn_glu: GLU::new(1);
    nn_glu_of_the_last_axis: GLU::new(-1);
    nn_hard_shrink: HardShrinkConfig::new().with_lambda(0.8).init();
    nn_hard_sigmoid: HardSigmoidConfig::new().with_alpha(0.3).with_beta(0.4).init();
    nn_hard_swish: HardSwish::new();
    nn_hardtanh: HardtanhConfig::new().with_min_val(-0.5).with_max_val(2.0).init();
    nn_leaky_relu: LeakyReluConfig::new().with_negative_slope(0.2).init();
    nn_log_sigmoid: LogSigmoid::new();
    nn_mish: Mish::new();
    nn_prelu: PReluConfig::new().with_num_parameters(4).with_alpha(0.4).init(&Device::flex());
    nn_relu: Relu::new();
    nn_relu6: Relu6::new();
    nn_rrelu: RReluConfig::new().init();
    nn_selu: Selu::new();
    nn_shrink: ShrinkConfig::new().with_lambda(0.6).with_bias(0.2).init();
    nn_sigmoid: Sigmoid::new();
    nn_silu: SiLU::new();
    nn_soft_shrink: SoftShrinkConfig::new().with_lambda(0.8).init();
    nn_softplus: SoftplusConfig::new().with_beta(2.0).with_threshold(5.0).init();
    nn_softsign: Softsign::new();
    nn_swiglu: SwiGluConfig::new(6, 3).with_bias(true).init(&Device::flex());
    nn_tanh: Tanh::new();
    nn_tanhshrink: Tanhshrink::new();
    nn_threshold: ThresholdConfig::new(0.3, -5.0).init();
    nn_thresholded_relu: ThresholdedReluConfig::new().with_alpha(0.7).init();
}

fn nn_activation_wrapper() {
    let configs = [
        ("identity", ActivationConfig::Identity),
        ("gelu", ActivationConfig::Gelu),
        ("gelu_approximate", ActivationConfig::GeluApproximate),
        ("prelu", ActivationConfig::PRelu(PReluConfig::new())),
        ("relu", ActivationConfig::Relu),
        ("leaky_relu", ActivationConfig::LeakyRelu(LeakyReluConfig::new())),
        ("swiglu", ActivationConfig::SwiGlu(SwiGluConfig::new(6, 5))),
        ("selu", ActivationConfig::Selu),
        ("sigmoid", ActivationConfig::Sigmoid),
        ("tanh", ActivationConfig::Tanh),
        ("hard_sigmoid", ActivationConfig::HardSigmoid(HardSigmoidConfig::new())),
        ("hard_swish", ActivationConfig::HardSwish),
        ("softplus", ActivationConfig::Softplus(SoftplusConfig::new())),
        ("softsign", ActivationConfig::Softsign),
        ("elu", ActivationConfig::Elu(EluConfig::new())),
        ("celu", ActivationConfig::Celu(CeluConfig::new())),
        ("thresholded_relu", ActivationConfig::ThresholdedRelu(ThresholdedReluConfig::new())),
        ("hard_shrink", ActivationConfig::HardShrink(HardShrinkConfig::new())),
        ("soft_shrink", ActivationConfig::SoftShrink(SoftShrinkConfig::new())),
        ("shrink", ActivationConfig::Shrink(ShrinkConfig::new())),
    ];
    for (name, config) in configs {
        let module = config.init(&Device::flex());
        layer(&format!("nn_activation_{name}"), module, floats([2, 4, 6]), |m, x: Tensor<3>| m.forward(x * 4.0));
    }
}
