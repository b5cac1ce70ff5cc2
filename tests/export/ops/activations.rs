//! Activation functions, recorded as such or as arithmetic.

use burn::nn::{PReluConfig, SwiGluConfig};
use burn::tensor::{Device, FloatDType, Tensor, activation};
use oasis::export::Exporter;

use crate::common::{Nothing, floats, layer, verify};
use crate::functions;

const INF: f32 = f32::INFINITY;

/// Values at which a function may go wrong, in every row, computed from `x`.
fn ends(x: &Tensor<2>) -> Tensor<2> {
    (x.clone().narrow(1, 0, 1) * 0.0 + 1.0)
        * Tensor::<1>::from_floats([0.0, 20.0, -20.0, 200.0, -200.0, INF, -INF], &x.device()).unsqueeze::<2>()
}

fn via<const D: usize>(x: Tensor<D>, dtype: FloatDType, f: impl Fn(Tensor<D>) -> Tensor<D>) -> Tensor<D> {
    f(x.cast(dtype)).cast(FloatDType::F32)
}

type All = ((Tensor<2>, Tensor<2>, Tensor<2>, Tensor<2>), (Tensor<2>, Tensor<2>, Tensor<2>, Tensor<2>));

/// One of every activation of the intermediate representation but `PRelu` and `Gelu`.
fn recorded(x: Tensor<2>, dtype: FloatDType) -> All {
    let f = |g: fn(Tensor<2>) -> Tensor<2>| via(x.clone(), dtype, g);
    (
        (
            f(activation::relu),
            f(|x| activation::leaky_relu(x, 0.3)),
            f(activation::sigmoid),
            f(|x| activation::hard_sigmoid(x, 0.2, 0.5)),
        ),
        (
            f(activation::log_sigmoid),
            f(|x| activation::softmax(x, 1)),
            f(|x| activation::log_softmax(x, 1)),
            f(|x| activation::softmin(x, 1)),
        ),
    )
}

functions! {
    act_relu_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| (activation::relu(ends(&x)), activation::leaky_relu(ends(&x), 0.01), activation::relu6(ends(&x)));
    act_leaky_relu_slopes: floats([2, 9]), -3.0..3.0, true => |x: Tensor<2>| (activation::leaky_relu(x.clone(), 0.3), activation::leaky_relu(x.clone(), 0.0), activation::leaky_relu(x.clone(), -0.5), activation::leaky_relu(x, 2.0));
    act_relu_rank_1: floats([7]), -2.0..2.0, true => |x: Tensor<1>| (activation::relu(x.clone()), activation::leaky_relu(x.clone(), 0.2), activation::sigmoid(x.clone()), activation::gelu(x));
    act_relu_rank_5: floats([2, 2, 1, 3, 2]), -2.0..2.0, true => |x: Tensor<5>| (activation::relu(x.clone()), activation::log_sigmoid(x.clone()), activation::hard_sigmoid(x.clone(), 0.3, 0.4), activation::gelu(x));
    act_prelu_one_slope: (floats([2, 3, 4]), floats([1])), -2.0..2.0, false => |(x, a): (Tensor<3>, Tensor<1>)| activation::prelu(x, a);
    act_prelu_rank_1: (floats([5]), floats([1])), -2.0..2.0, false => |(x, a): (Tensor<1>, Tensor<1>)| activation::prelu(x, a);
    act_prelu_rank_2: (floats([4, 3]), floats([3])), -2.0..2.0, false => |(x, a): (Tensor<2>, Tensor<1>)| activation::prelu(x, a);
    act_prelu_rank_4: (floats([2, 3, 4, 5]), floats([3])), -2.0..2.0, false => |(x, a): (Tensor<4>, Tensor<1>)| activation::prelu(x, a);
    act_prelu_f64: (floats([2, 3, 4]), floats([3])), -2.0..2.0, false => |(x, a): (Tensor<3>, Tensor<1>)| activation::prelu(x.cast(FloatDType::F64), a.cast(FloatDType::F64)).cast(FloatDType::F32);
    act_prelu_f16: (floats([2, 3, 4]), floats([3])), -2.0..2.0, false => |(x, a): (Tensor<3>, Tensor<1>)| activation::prelu(x.cast(FloatDType::F16), a.cast(FloatDType::F16)).cast(FloatDType::F32);
    act_prelu_bf16: (floats([2, 3, 4]), floats([3])), -2.0..2.0, false => |(x, a): (Tensor<3>, Tensor<1>)| activation::prelu(x.cast(FloatDType::BF16), a.cast(FloatDType::BF16)).cast(FloatDType::F32);
    act_gelu_wide: floats([2, 9]), -8.0..8.0, true => |x: Tensor<2>| (activation::gelu(x.clone()), activation::gelu_approximate(x));
    act_gelu_f64: floats([2, 9]), -3.0..3.0, true => |x: Tensor<2>| via(x, FloatDType::F64, activation::gelu);
    act_gelu_f16: floats([2, 9]), -3.0..3.0, true => |x: Tensor<2>| via(x, FloatDType::F16, activation::gelu);
    act_gelu_bf16: floats([2, 9]), -3.0..3.0, true => |x: Tensor<2>| via(x, FloatDType::BF16, activation::gelu);
    act_sigmoid_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| (activation::sigmoid(ends(&x)), activation::hard_sigmoid(ends(&x), 0.2, 0.5));
    act_hard_sigmoid_settings: floats([2, 9]), -4.0..4.0, true => |x: Tensor<2>| (activation::hard_sigmoid(x.clone(), 1.0 / 6.0, 0.5), activation::hard_sigmoid(x.clone(), -0.4, 0.25), activation::hard_swish(x));
    act_log_sigmoid_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| activation::log_sigmoid(ends(&x));
    act_log_sigmoid_tail: floats([2, 5]), 0.0..1.0, true => |x: Tensor<2>| activation::log_sigmoid(x + 15.0) * 1e6;
    act_softmax_every_axis: floats([2, 3, 4, 5]), -4.0..4.0, true => |x: Tensor<4>| (activation::softmax(x.clone(), 1), activation::softmax(x.clone(), 2), activation::softmax(x.clone(), 3), activation::softmax(x, -1));
    act_softmax_of_the_batch: floats([4, 3]), -4.0..4.0, true => |x: Tensor<2>| (activation::softmax(x.clone(), 0), activation::log_softmax(x.clone(), 0), activation::softmin(x, 0));
    act_softmax_rank_1: floats([5]), -4.0..4.0, true => |x: Tensor<1>| activation::softmax(x, 0);
    act_softmax_one: floats([2, 1]), -4.0..4.0, true => |x: Tensor<2>| (activation::softmax(x.clone(), 1), activation::log_softmax(x, 1));
    act_softmax_large: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| (activation::softmax(x.clone() * 1000.0, 1), activation::log_softmax(x.clone() * 1000.0, 1), activation::softmin(x * 1000.0, 1));
    act_softmax_masked: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let m = x.clone().lower_elem(-0.5); activation::softmax(Tensor::cat(vec![x.clone().mask_fill(m, -INF), x], 1), 1) };
    act_quiet_softmax: floats([2, 5]), -4.0..4.0, true => |x: Tensor<2>| (activation::quiet_softmax(x.clone(), 1), activation::quiet_softmax(x * 50.0, 1));
    act_softplus_settings: floats([2, 9]), -30.0..30.0, true => |x: Tensor<2>| (activation::softplus(x.clone(), 0.5), activation::softplus(x.clone(), 2.0), activation::softplus_with_threshold(x, 1.0, 5.0));
    act_softplus_tail: floats([2, 5]), 0.0..1.0, true => |x: Tensor<2>| activation::softplus(x - 15.0, 1.0) * 1e6;
    act_mish_wide: floats([2, 9]), -30.0..30.0, true => |x: Tensor<2>| (activation::mish(x.clone()), activation::silu(x));
    act_linear_units: floats([2, 9]), -4.0..4.0, true => |x: Tensor<2>| (activation::elu(x.clone(), 0.7), activation::celu(x.clone(), 1.3), activation::selu(x));
    act_bounded: floats([2, 9]), -8.0..8.0, true => |x: Tensor<2>| (activation::relu6(x.clone()), activation::hardtanh(x.clone(), -0.5, 2.0), activation::tanh(x.clone()), activation::softsign(x));
    act_thresholds: floats([2, 9]), -2.0..2.0, true => |x: Tensor<2>| (activation::thresholded_relu(x.clone(), 0.7), activation::threshold(x, 0.3, -5.0));
    act_shrinks: floats([2, 9]), -2.0..2.0, true => |x: Tensor<2>| (activation::hard_shrink(x.clone(), 0.5), activation::soft_shrink(x.clone(), 0.5), activation::shrink(x.clone(), 0.6, 0.2), activation::tanhshrink(x));
    act_glu: floats([2, 6, 4]), -2.0..2.0, true => |x: Tensor<3>| (activation::glu(x.clone(), 1), activation::glu(x, 2));
    act_all_f64: floats([2, 5]), -4.0..4.0, true => |x: Tensor<2>| recorded(x, FloatDType::F64);
    act_all_f16: floats([2, 5]), -4.0..4.0, true => |x: Tensor<2>| recorded(x, FloatDType::F16);
    act_all_bf16: floats([2, 5]), -4.0..4.0, true => |x: Tensor<2>| recorded(x, FloatDType::BF16);
    act_softplus_f16: floats([2, 9]), -15.0..15.0, true => |x: Tensor<2>| via(x, FloatDType::F16, |x| activation::softplus(x, 1.0));
}

fn act_gelu_of_every_opset() {
    for opset in 17..=21 {
        let exported = Exporter::new()
            .opset(opset)
            .input("x")
            .float_range("x", -4.0..4.0)
            .dynamic_axis("x", 0, "batch")
            .export(&Nothing, floats::<2>([2, 5]), |_, x: Tensor<2>| {
                (activation::gelu(x.clone()), activation::log_sigmoid(x.clone()), activation::softmax(x, 1))
            })
            .expect("activations");
        verify(&format!("act_gelu_opset_{opset}"), &exported);
    }
}

fn act_prelu_modules() {
    let device = Device::flex();
    let one = PReluConfig::new().init(&device);
    layer("act_prelu_module", one, floats([2, 3, 4]), |m, x: Tensor<3>| m.forward(x));
    let three = PReluConfig::new().with_num_parameters(3).init(&device);
    layer("act_prelu_module_channels", three, floats([2, 3, 4]), |m, x: Tensor<3>| m.forward(x));
}

fn act_swiglu_module() {
    let module = SwiGluConfig::new(5, 3).init(&Device::flex());
    layer("act_swiglu", module, floats([2, 4, 5]), |m, x: Tensor<3>| m.forward(x));
}

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![act_gelu_of_every_opset, act_prelu_modules, act_swiglu_module]
}
