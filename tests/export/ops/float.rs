//! Operations on floats alone.

use burn::tensor::{FloatDType, IntDType, Tensor};

use crate::common::floats;
use crate::functions;

const INF: f32 = f32::INFINITY;
const NAN: f32 = f32::NAN;

/// These values in every row, computed from `x` so that no pass stores them; zeros keep their signs.
fn rows<const N: usize>(x: &Tensor<2>, values: [f32; N]) -> Tensor<2> {
    (x.clone().narrow(1, 0, 1) * 0.0 + 1.0) * Tensor::<1>::from_floats(values, &x.device()).unsqueeze::<2>()
}

fn via<const D: usize>(x: Tensor<D>, dtype: FloatDType, f: impl Fn(Tensor<D>) -> Tensor<D>) -> Tensor<D> {
    f(x.cast(dtype)).cast(FloatDType::F32)
}

/// What becomes of a float cast to one of the integer types, as i64s.
fn whole(x: &Tensor<2>, dtype: IntDType) -> Tensor<2, burn::tensor::Int> {
    x.clone().cast(dtype).cast(IntDType::I64)
}

functions! {
    float_exp_log_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let y = rows(&x, [0.0, -1.0, INF, -INF, 100.0, 1e-30]); (y.clone().exp(), y.clone().log(), y.sqrt()) };
    float_log1p_small: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| (x * 1e-6).log1p() * 1e6;
    float_log1p_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| rows(&x, [-1.0, 0.0, INF, 1e30, -2.0, NAN, 1e-20]).log1p();
    float_log1p_large: floats([2, 5]), -0.9..50.0, true => |x: Tensor<2>| x.log1p();
    float_rank_1: floats([7]), 0.1..1.0, true => |x: Tensor<1>| (x.clone().exp(), x.clone().sqrt(), x.clone().erf(), x.recip());
    float_rank_5: floats([2, 1, 3, 2, 2]), 0.1..1.0, true => |x: Tensor<5>| (x.clone().log(), x.clone().tanh(), x.clone().round(), x.log1p());
    float_no_elements: floats([2, 0]), 0.1..1.0, true => |x: Tensor<2>| (x.clone().exp(), x.log1p());
    float_one_element: floats([1, 1]), 0.1..1.0, true => |x: Tensor<2>| (x.clone().cos(), x.clone().matmul(x.transpose()));
    float_erf_wide: floats([2, 9]), -5.0..5.0, true => |x: Tensor<2>| x.erf();
    float_erf_ends: floats([2, 3]), -5.0..5.0, true => |x: Tensor<2>| rows(&x, [INF, -INF, 0.0, -0.0, 1e-20, 9.0]).erf();
    float_powf_scalars: floats([2, 5]), 0.2..2.0, true => |x: Tensor<2>| (x.clone().powf_scalar(0.3), x.clone().powf_scalar(-1.5), x.clone().powf_scalar(-0.5), x.powf_scalar(2.5));
    float_powf_scalar_ends: floats([2, 3]), 0.2..2.0, true => |x: Tensor<2>| { let y = rows(&x, [0.0, INF, -2.0, 1.0]); (y.clone().powf_scalar(1.7), y.powf_scalar(-0.7)) };
    float_powf_negative_base: floats([2, 3]), -3.0..-1.0, true => |x: Tensor<2>| { let e = rows(&x, [2.0, 3.0, -1.0]); x.powf(e) };
    float_powf_of_negative_is_nothing: floats([2, 3]), -3.0..-1.0, true => |x: Tensor<2>| { let e = rows(&x, [0.5, 1.5, 0.0]); x.powf(e) };
    float_powf_broadcast: (floats([2, 3, 1]), floats([2, 1, 4])), 0.3..2.0, true => |(a, b): (Tensor<3>, Tensor<3>)| a.powf(b);
    float_trigonometry_wide: floats([2, 9]), -10.0..10.0, true => |x: Tensor<2>| (x.clone().sin(), x.clone().cos(), (x * 0.12).tan());
    float_arcs_at_the_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let y = rows(&x, [-1.0, 1.0, 0.0, 2.0, -2.0]); (y.clone().asin(), y.clone().acos(), y.atan()) };
    float_arctan_wide: floats([2, 9]), -50.0..50.0, true => |x: Tensor<2>| x.atan();
    float_hyperbolics_wide: floats([2, 9]), -5.0..5.0, true => |x: Tensor<2>| (x.clone().sinh(), x.clone().cosh(), x.tanh());
    float_area_functions: floats([2, 9]), 0.01..0.98, true => |x: Tensor<2>| ((x.clone() * 80.0).asinh(), (x.clone() * 80.0 + 1.0).acosh(), (x * 2.0 - 1.0).atanh());
    float_area_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let y = rows(&x, [1.0, 0.0]); (y.clone().asinh(), (y.clone() + 1.0).acosh(), y.atanh()) };
    float_tanh_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| rows(&x, [INF, -INF, 50.0, -50.0, 0.0]).tanh();
    float_atan2_zeros: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let (y, x) = (rows(&x, [0.0, -0.0, 0.0, -0.0, 1.0, -1.0, 1.0, -1.0, 0.0, -0.0]), rows(&x, [1.0, 1.0, -1.0, -1.0, 0.0, 0.0, -0.0, -0.0, -0.0, -0.0])); y.atan2(x) };
    float_atan2_infinities: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let (y, x) = (rows(&x, [INF, INF, -INF, -INF, INF, -INF, 2.0, -2.0, 2.0]), rows(&x, [INF, -INF, INF, -INF, 3.0, -3.0, -INF, -INF, INF])); y.atan2(x) };
    float_atan2_broadcast: (floats([2, 3, 1]), floats([2, 1, 4])), -2.0..2.0, true => |(y, x): (Tensor<3>, Tensor<3>)| y.atan2(x);
    float_hypot_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let (a, b) = (rows(&x, [0.0, 3e30, INF, -INF, 1e-30, -3.0, 1e38]), rows(&x, [0.0, -4e30, 1.0, INF, 1e-30, 4.0, 1e38])); a.hypot(b) };
    float_hypot_broadcast: (floats([2, 3, 1]), floats([2, 1, 4])), -2.0..2.0, true => |(a, b): (Tensor<3>, Tensor<3>)| a.hypot(b);
    float_round_halves: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| rows(&x, [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 3.49, INF]).round();
    float_cuts: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let y = rows(&x, [-0.5, 0.5, 2.0, -2.0, INF, -INF, -1.5, 1e20, NAN]); (y.clone().floor(), y.clone().ceil(), y.trunc()) };
    float_recip_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| rows(&x, [0.0, -0.0, INF, 2.0, -4.0, 1e-20]).recip();
    float_nan_and_infinite: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let y = rows(&x, [NAN, INF, -INF, 0.0, 1.0]); (y.clone().is_nan(), y.clone().is_inf(), y.clone().is_finite(), y.contains_nan()) };
    float_into_int: floats([2, 9]), -100.0..100.0, true => |x: Tensor<2>| x.int();
    float_into_int_ends: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| rows(&x, [NAN, INF, -INF, 3e10, -3e10, -2.7, 2.7, -0.5]).cast(IntDType::I64);
    float_into_narrow_ints: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let y = rows(&x, [NAN, INF, -INF, -3.5, 300.0, 70000.0, -70000.0, 5e9]); ((whole(&y, IntDType::I32), whole(&y, IntDType::I16), whole(&y, IntDType::I8)), (whole(&y, IntDType::U32), whole(&y, IntDType::U16), whole(&y, IntDType::U8))) };
    float_into_int_from_f64: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| rows(&x, [NAN, INF, -INF, 3e10, -2.7]).cast(FloatDType::F64).cast(IntDType::I64);
    float_into_int_from_f16: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| rows(&x, [NAN, INF, 60000.0, -2.75]).cast(FloatDType::F16).cast(IntDType::I64);
    float_into_int_from_bf16: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| rows(&x, [NAN, INF, 640.0, -2.75]).cast(FloatDType::BF16).cast(IntDType::I64);
    float_matmul_rank_2: (floats([2, 4]), floats([2, 3])), -1.0..1.0, true => |(a, b): (Tensor<2>, Tensor<2>)| a.transpose().matmul(b);
    float_matmul_broadcast: (floats([2, 3, 1, 4]), floats([2, 1, 4, 5])), -1.0..1.0, true => |(a, b): (Tensor<4>, Tensor<4>)| a.matmul(b);
    float_matmul_rank_5: (floats([2, 1, 2, 3, 4]), floats([2, 3, 2, 4, 2])), -1.0..1.0, true => |(a, b): (Tensor<5>, Tensor<5>)| a.matmul(b);
    float_matmul_rows: floats([2, 1, 4]), -1.0..1.0, true => |x: Tensor<3>| { let w = Tensor::from_data(floats::<3>([1, 4, 3]).to_data(), &x.device()); x.matmul(w) };
    float_matmul_vectors: (floats([2, 1, 6]), floats([2, 6, 1])), -1.0..1.0, true => |(a, b): (Tensor<3>, Tensor<3>)| (a.clone().matmul(b.clone()), b.matmul(a));
    float_dot: (floats([6]), floats([6])), -1.0..1.0, false => |(a, b): (Tensor<1>, Tensor<1>)| a.dot(b);
    float_matmul_f64: (floats([2, 3, 4]), floats([2, 4, 5])), -1.0..1.0, true => |(a, b): (Tensor<3>, Tensor<3>)| a.cast(FloatDType::F64).matmul(b.cast(FloatDType::F64)).cast(FloatDType::F32);
    float_matmul_f16: (floats([2, 3, 4]), floats([2, 4, 5])), -1.0..1.0, true => |(a, b): (Tensor<3>, Tensor<3>)| a.cast(FloatDType::F16).matmul(b.cast(FloatDType::F16)).cast(FloatDType::F32);
    float_matmul_bf16: (floats([2, 3, 4]), floats([2, 4, 5])), -1.0..1.0, true => |(a, b): (Tensor<3>, Tensor<3>)| a.cast(FloatDType::BF16).matmul(b.cast(FloatDType::BF16)).cast(FloatDType::F32);
    float_cross_middle: (floats([2, 3, 4]), floats([2, 3, 4])), -1.0..1.0, true => |(a, b): (Tensor<3>, Tensor<3>)| a.cross(b, 1);
    float_cross_first: (floats([3, 2, 4]), floats([3, 2, 4])), -1.0..1.0, false => |(a, b): (Tensor<3>, Tensor<3>)| a.cross(b, 0);
    float_cross_last: (floats([2, 4, 3]), floats([2, 4, 3])), -1.0..1.0, true => |(a, b): (Tensor<3>, Tensor<3>)| a.cross(b, -1);
    float_cross_bf16: (floats([2, 3]), floats([2, 3])), -1.0..1.0, true => |(a, b): (Tensor<2>, Tensor<2>)| a.cast(FloatDType::BF16).cross(b.cast(FloatDType::BF16), 1).cast(FloatDType::F32);
    float_f64_functions: floats([2, 5]), 0.1..0.9, true => |x: Tensor<2>| { let f = |g: fn(Tensor<2>) -> Tensor<2>| via(x.clone(), FloatDType::F64, g); ((f(Tensor::exp), f(Tensor::log), f(Tensor::sqrt), f(Tensor::log1p)), (f(Tensor::sin), f(Tensor::cos), f(Tensor::tanh), f(Tensor::recip)), (f(Tensor::round), f(Tensor::floor), f(Tensor::ceil), f(Tensor::trunc))) };
    float_f64_hyperbolics: floats([2, 5]), 0.1..0.9, true => |x: Tensor<2>| { let f = |g: fn(Tensor<2>) -> Tensor<2>| via(x.clone() * 2.0 - 1.0, FloatDType::F64, g); ((f(Tensor::tan), f(Tensor::sinh), f(Tensor::cosh)), (f(Tensor::asinh), f(Tensor::atanh), f(|x| (x + 2.5).acosh()))) };
    float_f64_powers: floats([2, 5]), 0.1..2.0, true => |x: Tensor<2>| (via(x.clone(), FloatDType::F64, |x| x.powf_scalar(1.7)), via(x, FloatDType::F64, |x| x.clone().powf(x)));
    float_f64_hypot: floats([2, 5]), -2.0..2.0, true => |x: Tensor<2>| via(x, FloatDType::F64, |x| x.clone().hypot(x + 1.0));
    float_f64_erf: floats([2, 5]), -2.0..2.0, true => |x: Tensor<2>| via(x, FloatDType::F64, Tensor::erf);
    float_f64_arcs: floats([2, 5]), -0.9..0.9, true => |x: Tensor<2>| { let f = |g: fn(Tensor<2>) -> Tensor<2>| via(x.clone(), FloatDType::F64, g); (f(Tensor::asin), f(Tensor::acos), f(Tensor::atan)) };
    float_f64_atan2: floats([2, 5]), -2.0..2.0, true => |x: Tensor<2>| via(x, FloatDType::F64, |x| x.clone().atan2(x + 0.5));
    float_f16_functions: floats([2, 5]), 0.1..0.9, true => |x: Tensor<2>| { let f = |g: fn(Tensor<2>) -> Tensor<2>| via(x.clone(), FloatDType::F16, g); ((f(Tensor::exp), f(Tensor::log), f(Tensor::sqrt), f(Tensor::log1p)), (f(Tensor::sin), f(Tensor::cos), f(Tensor::tanh), f(Tensor::recip)), (f(Tensor::round), f(Tensor::floor), f(Tensor::ceil), f(Tensor::trunc)), f(Tensor::erf)) };
    float_f16_arcs: floats([2, 5]), -0.9..0.9, true => |x: Tensor<2>| { let f = |g: fn(Tensor<2>) -> Tensor<2>| via(x.clone(), FloatDType::F16, g); ((f(Tensor::asin), f(Tensor::acos), f(Tensor::atan)), (f(Tensor::tan), f(Tensor::sinh), f(Tensor::cosh)), (f(Tensor::asinh), f(Tensor::atanh), f(|x| (x + 2.5).acosh()))) };
    float_f16_two: floats([2, 5]), 0.1..2.0, true => |x: Tensor<2>| (via(x.clone(), FloatDType::F16, |x| x.powf_scalar(1.7)), via(x.clone(), FloatDType::F16, |x| x.clone().powf(x)), via(x.clone(), FloatDType::F16, |x| x.clone().hypot(x - 1.0)), via(x, FloatDType::F16, |x| x.clone().atan2(x - 1.0)));
    float_bf16_functions: floats([2, 5]), 0.1..0.9, true => |x: Tensor<2>| { let f = |g: fn(Tensor<2>) -> Tensor<2>| via(x.clone(), FloatDType::BF16, g); ((f(Tensor::exp), f(Tensor::log), f(Tensor::sqrt), f(Tensor::log1p)), (f(Tensor::sin), f(Tensor::cos), f(Tensor::tanh), f(Tensor::recip)), (f(Tensor::round), f(Tensor::floor), f(Tensor::ceil), f(Tensor::trunc)), f(Tensor::erf)) };
    float_bf16_arcs: floats([2, 5]), -0.9..0.9, true => |x: Tensor<2>| { let f = |g: fn(Tensor<2>) -> Tensor<2>| via(x.clone(), FloatDType::BF16, g); ((f(Tensor::asin), f(Tensor::acos), f(Tensor::atan)), (f(Tensor::tan), f(Tensor::sinh), f(Tensor::cosh)), (f(Tensor::asinh), f(Tensor::atanh), f(|x| (x + 2.5).acosh()))) };
    float_bf16_two: floats([2, 5]), 0.1..2.0, true => |x: Tensor<2>| (via(x.clone(), FloatDType::BF16, |x| x.powf_scalar(1.7)), via(x.clone(), FloatDType::BF16, |x| x.clone().powf(x)), via(x.clone(), FloatDType::BF16, |x| x.clone().hypot(x - 1.0)), via(x, FloatDType::BF16, |x| x.clone().atan2(x - 1.0)));
}
