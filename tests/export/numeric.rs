//! Arithmetic, reductions, functions and activations.

use burn::tensor::{Int, Tensor, activation};

use oasis::export::Exporter;

use crate::common::{Nothing, floats, ints, verify};
use crate::functions;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![int_matmul]
}

functions! {
    arithmetic: (floats([2, 3, 4]), floats([2, 3, 1])), 0.5..2.0, true => |(a, b): (Tensor<3>, Tensor<3>)| (a.clone() + b.clone(), a.clone() - b.clone(), a.clone() * b.clone(), a / b);
    scalars: floats([2, 3]), -2.0..2.0, true => |x: Tensor<2>| ((x.clone() + 1.5) * 0.25 - 3.0) / 0.7;
    int_arithmetic: (ints([2, 5], 9), ints([2, 5], 4)), 0.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| (a.clone() + b.clone(), a.clone() * b.clone() - 2, (a.clone() - 4) / 3, (a - 4) % 3);
    remainder: (floats([2, 5]), floats([2, 5])), 0.5..3.0, true => |(a, b): (Tensor<2>, Tensor<2>)| (a.clone() % b, (a - 2.0) % 0.75);
    abs_neg_sign: floats([2, 5]), -2.0..2.0, true => |x: Tensor<2>| (x.clone().abs(), x.clone().neg(), x.sign());
    reductions: floats([2, 3, 4]), -2.0..2.0, true => |x: Tensor<3>| (x.clone().sum(), x.clone().mean(), x.clone().sum_dim(1), x.mean_dim(2));
    extremes: floats([2, 3, 4]), -2.0..2.0, true => |x: Tensor<3>| (x.clone().max(), x.clone().min(), x.clone().max_dim(1), x.min_dim(2));
    extremes_abs: floats([2, 3, 4]), -2.0..2.0, true => |x: Tensor<3>| (x.clone().max_abs(), x.max_abs_dim(1));
    extremes_with_indices: floats([2, 6]), -2.0..2.0, true => |x: Tensor<2>| (x.clone().max_dim_with_indices(1), x.min_dim_with_indices(1));
    products: floats([2, 3]), 0.5..1.5, true => |x: Tensor<2>| (x.clone().prod(), x.prod_dim(1));
    int_reductions: ints([2, 5], 9), 0.0..1.0, true => |x: Tensor<2, Int>| (x.clone().sum_dim(1), x.clone().max_dim(1), x.sum());
    variance: floats([2, 8]), -2.0..2.0, true => |x: Tensor<2>| (x.clone().var(1), x.var_mean_bias(1).0);
    argmax_argmin: floats([2, 6]), -2.0..2.0, true => |x: Tensor<2>| (x.clone().argmax(1), x.argmin(1));
    topk: floats([2, 6]), -2.0..2.0, true => |x: Tensor<2>| (x.clone().topk(3, 1), x.topk_with_indices(2, 1).1);
    sort: floats([2, 6]), -2.0..2.0, true => |x: Tensor<2>| (x.clone().sort(1), x.clone().sort_descending(1), x.argsort(1));
    cumsum: floats([2, 6]), -2.0..2.0, true => |x: Tensor<2>| x.cumsum(1);
    cumulative: floats([2, 7]), 0.5..1.5, true => |x: Tensor<2>| (x.clone().cumprod(1), x.clone().cummax(1), x.cummin(1));
    comparisons: (floats([2, 5]), floats([2, 5])), -1.0..1.0, true => |(a, b): (Tensor<2>, Tensor<2>)| (a.clone().greater(b.clone()), a.clone().greater_equal(b.clone()), a.clone().lower(b.clone()), a.lower_equal(b));
    comparisons_scalar: floats([2, 5]), -1.0..1.0, true => |a: Tensor<2>| (a.clone().greater_elem(0.1), a.clone().greater_equal_elem(0.1), a.clone().lower_elem(0.1), a.lower_equal_elem(0.1));
    int_comparisons: ints([2, 5], 5), -1.0..1.0, true => |a: Tensor<2, Int>| (a.clone().greater_elem(2), a.clone().lower_equal_elem(2), a.equal_elem(3));
    clamps: floats([2, 5]), -2.0..2.0, true => |x: Tensor<2>| (x.clone().clamp(-0.5, 0.5), x.clone().clamp_min(0.1), x.clamp_max(0.1));
    int_clamps: ints([2, 5], 9), -2.0..2.0, true => |x: Tensor<2, Int>| (x.clone().clamp(2, 5), x.clone().clamp_min(3), x.clamp_max(4));
    pair_extremes: (floats([2, 5]), floats([2, 5])), -2.0..2.0, true => |(a, b): (Tensor<2>, Tensor<2>)| (a.clone().max_pair(b.clone()), a.min_pair(b));
    powers: floats([2, 5]), 0.2..2.0, true => |x: Tensor<2>| (x.clone().powf_scalar(1.7), x.clone().powi_scalar(2), x.clone().powi_scalar(5), x.powf_scalar(0.5));
    power_of_tensor: (floats([2, 5]), floats([2, 5])), 0.2..2.0, true => |(a, b): (Tensor<2>, Tensor<2>)| a.powf(b);
    square: floats([2, 5]), -2.0..2.0, true => |x: Tensor<2>| x.square();
    exp_log: floats([2, 5]), 0.2..2.0, true => |x: Tensor<2>| (x.clone().exp(), x.clone().log(), x.clone().log1p(), x.sqrt());
    roots: floats([2, 5]), 0.2..2.0, true => |x: Tensor<2>| (x.clone().recip(), x.clone().erf(), x.tanh());
    trigonometry: floats([2, 5]), -0.9..0.9, true => |x: Tensor<2>| ((x.clone().sin(), x.clone().cos(), x.clone().tan()), (x.clone().asin(), x.clone().acos(), x.clone().atan()));
    hyperbolics: floats([2, 5]), -0.9..0.9, true => |x: Tensor<2>| ((x.clone().sinh(), x.clone().cosh()), (x.clone().asinh(), x.clone().atanh(), (x + 2.5).acosh()));
    atan2: (floats([2, 5]), floats([2, 5])), -2.0..2.0, true => |(y, x): (Tensor<2>, Tensor<2>)| y.atan2(x);
    hypot: (floats([2, 5]), floats([2, 5])), -2.0..2.0, true => |(y, x): (Tensor<2>, Tensor<2>)| y.hypot(x);
    rounding: floats([2, 9]), -3.0..3.0, true => |x: Tensor<2>| (x.clone().round(), x.clone().floor(), x.clone().ceil(), x.trunc());
    not_numbers: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let y = x.clone().log(); (y.is_nan(), (x.clone() / (x.sign() - 1.0)).is_inf()) };
    matmul: (floats([2, 3, 4]), floats([2, 4, 5])), -1.0..1.0, true => |(a, b): (Tensor<3>, Tensor<3>)| a.matmul(b);
    cross: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(a, b): (Tensor<2>, Tensor<2>)| a.cross(b, 1);
    shifts: ints([2, 5], 60), -1.0..1.0, true => |x: Tensor<2, Int>| (x.clone().bitwise_left_shift_scalar(3), (x - 30).bitwise_right_shift_scalar(2));
    bits: (ints([2, 5], 60), ints([2, 5], 31)), -1.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| (a.clone().bitwise_and(b.clone()), a.clone().bitwise_or(b.clone()), a.clone().bitwise_xor(b), a.bitwise_and_scalar(6));
    relu_family: floats([2, 5]), -2.0..2.0, true => |x: Tensor<2>| (activation::relu(x.clone()), activation::leaky_relu(x.clone(), 0.1), activation::hard_sigmoid(x.clone(), 0.2, 0.5), activation::silu(x));
    sigmoid_family: floats([2, 5]), -4.0..4.0, true => |x: Tensor<2>| (activation::sigmoid(x.clone()), activation::log_sigmoid(x.clone()), activation::gelu(x.clone()), activation::softplus(x, 1.0));
    gelu_approximate: floats([2, 5]), -4.0..4.0, true => |x: Tensor<2>| activation::gelu_approximate(x);
    mish: floats([2, 5]), -4.0..4.0, true => |x: Tensor<2>| activation::mish(x);
    softmaxes: floats([2, 5, 3]), -4.0..4.0, true => |x: Tensor<3>| (activation::softmax(x.clone(), 1), activation::log_softmax(x.clone(), 2), activation::softmin(x, 1));
    prelu: (floats([2, 3, 4]), floats([3])), -2.0..2.0, false => |(x, a): (Tensor<3>, Tensor<1>)| activation::prelu(x, a);
}

fn int_matmul() {
    let sample = (ints([3, 4], 5), ints([4, 2], 5));
    let exported = Exporter::new()
        .export(&Nothing, sample, |_, (a, b): (Tensor<2, Int>, Tensor<2, Int>)| a.matmul(b))
        .expect("a product");
    verify("int_matmul", &exported);
}
