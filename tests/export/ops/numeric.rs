//! Arithmetic, reductions, order and padding of floats, and of the integers that share the operations.

use burn::tensor::ops::PadMode;
use burn::tensor::{FloatDType, Int, IntDType, Tensor, s};
use oasis::export::{Exporter, Values};

use crate::common::{Nothing, floats, ints, verify};
use crate::functions;

functions! {
    num_broadcast: (floats([2, 1, 4]), floats([2, 3, 1])), 0.5..2.0, true => |(a, b): (Tensor<3>, Tensor<3>)| (a.clone() + b.clone(), b.clone() - a.clone(), a.clone() * b.clone(), b / a);
    num_broadcast_int: (ints([2, 1, 4], 9), ints([2, 3, 1], 4)), 0.0..1.0, true => |(a, b): (Tensor<3, Int>, Tensor<3, Int>)| (a.clone() + b.clone(), b.clone() - a.clone(), a.clone() * b.clone(), a / (b + 1));
    num_scalars_int: ints([2, 5], 9), 0.0..1.0, true => |x: Tensor<2, Int>| (x.clone() + 3, x.clone() - 20, x.clone() * -4, (x - 4) / -3);
    num_doubles: (floats([2, 5]), floats([2, 5])), 0.5..2.0, true => |(a, b): (Tensor<2>, Tensor<2>)| { let a = a.cast(FloatDType::F64); let b = b.cast(FloatDType::F64); (((a.clone() + b.clone()) * a.clone() / b.clone() - 0.25).cast(FloatDType::F32), (a.clone() % b.clone()).cast(FloatDType::F32), a.clone().sum_dim(1).cast(FloatDType::F32), a.greater(b)) };
    num_halves: (floats([2, 5]), floats([2, 5])), 0.5..2.0, true => |(a, b): (Tensor<2>, Tensor<2>)| { let a = a.cast(FloatDType::F16); let b = b.cast(FloatDType::F16); (a.clone().max_pair(b.clone()).cast(FloatDType::F32), a.clone().clamp(0.75, 1.5).cast(FloatDType::F32), a.clone().max_dim(1).cast(FloatDType::F32), a.greater_elem(1.0)) };
    num_brain_floats: (floats([2, 5]), floats([2, 5])), 0.5..2.0, true => |(a, b): (Tensor<2>, Tensor<2>)| { let a = a.cast(FloatDType::BF16); let b = b.cast(FloatDType::BF16); let n = a.dims()[0]; ((a.clone() * 2.0).cast(FloatDType::F32), a.clone().max_pair(b.clone()).cast(FloatDType::F32), (a.clone().max_dim(1).cast(FloatDType::F32), a.clone().sort(1).cast(FloatDType::F32)), (a.clone().greater(b), a.expand([3, n, 5]).repeat_dim(1, 2).cast(FloatDType::F32))) };
    num_small_ints: (ints([2, 5], 9), ints([2, 5], 4)), 0.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a.cast(IntDType::I32) - 4; let b = b.cast(IntDType::I32) + 1; ((a.clone() + b.clone()).cast(IntDType::I64), (a.clone() * b.clone()).cast(IntDType::I64), (a.clone() / b.clone()).cast(IntDType::I64), (a % b).cast(IntDType::I64)) };
    num_bytes: (ints([2, 5], 9), ints([2, 5], 4)), 0.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a.cast(IntDType::I8) * 10 - 40; let b = b.cast(IntDType::I8) + 1; ((a.clone() * 2 + b.clone()).cast(IntDType::I64), (a.clone() / b.clone()).cast(IntDType::I64), (a.clone() % b).cast(IntDType::I64), (a.clone().neg().cast(IntDType::I64), a.clone().abs().cast(IntDType::I64), a.sign().cast(IntDType::I64))) };
    num_unsigned: (ints([2, 5], 9), ints([2, 5], 4)), 0.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a.cast(IntDType::U8); let b = b.cast(IntDType::U8) + 1; ((a.clone() * 2 + b.clone()).cast(IntDType::I64), (a.clone() / b.clone()).cast(IntDType::I64), (a.clone() % b.clone()).cast(IntDType::I64), (a.clone().abs().cast(IntDType::I64), a.clone().sign().cast(IntDType::I64), a.greater_equal(b))) };
    num_unsigned_wide: (ints([2, 5], 9), ints([2, 5], 4)), 0.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a.cast(IntDType::U32); let b = b.cast(IntDType::U32) + 1; ((a.clone() * 2 + b.clone()).cast(IntDType::I64), (a.clone() / b.clone()).cast(IntDType::I64), a.clone().max_dim(1).cast(IntDType::I64), a.lower(b)) };
    num_remainder_signs: (floats([2, 9]), floats([2, 9])), -3.0..3.0, true => |(a, b): (Tensor<2>, Tensor<2>)| { let b = b.clone().sign() * (b.abs() + 0.5); (a.clone() % b, a.clone() % 1.5, a % -1.5) };
    num_remainder_exact: ints([2, 9], 12), -3.0..3.0, true => |i: Tensor<2, Int>| { let x = i.float() * 0.5 - 3.0; (x.clone() % 0.5, x.clone() % -1.0, x.clone() % (x.ones_like() * 1.5)) };
    num_remainder_of_infinity: floats([2, 5]), 0.5..3.0, true => |x: Tensor<2>| { let inf = x.clone() / 0.0; (x.clone() % inf.clone(), (x.clone().neg() % inf.clone()).is_inf(), (inf % x).is_nan()) };
    num_remainder_int_signs: ints([2, 9], 19), -3.0..3.0, true => |i: Tensor<2, Int>| { let i = i - 9; let d = i.clone().sign() * 3 - 1; (i.clone() % 4, i.clone() % -4, i % d) };
    num_unary_int: ints([2, 9], 19), -3.0..3.0, true => |i: Tensor<2, Int>| { let i = i - 9; (i.clone().abs(), i.clone().neg(), i.sign()) };
    num_sign_of_nothing: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| (x.clone().log().sign(), (x.clone() / 0.0).sign(), (x * 0.0).sign());
    num_infinities: floats([2, 5]), 0.5..1.0, true => |x: Tensor<2>| { let inf = x.clone() / 0.0; (inf.clone().is_inf(), (inf.clone() - inf.clone()).is_nan(), inf.clone().neg().clamp(-2.0, 2.0), inf.clamp_max(3.0)) };
    num_clamp_not_a_number: floats([2, 5]), 0.5..1.0, true => |x: Tensor<2>| { let nan = x.neg().log(); (nan.clone().clamp(-1.0, 1.0).is_nan(), nan.clone().clamp_min(0.0).is_nan(), nan.clamp_max(0.0).is_nan()) };
    num_clamp_int: ints([2, 9], 19), -3.0..3.0, true => |i: Tensor<2, Int>| { let i = i - 9; (i.clone().clamp(-3, 3), i.clone().clamp_min(-2), i.clone().clamp_max(2), i.cast(IntDType::I8).clamp(-300, 4).cast(IntDType::I64)) };
    num_full: (floats([2, 3]), ints([2, 3], 9)), -1.0..1.0, true => |(x, i): (Tensor<2>, Tensor<2, Int>)| { let d = x.device(); let b = x.dims()[0]; (x + Tensor::<2>::full([b, 1], -0.5, &d), i + Tensor::<2, Int>::full([1, 3], 5, &d)) };
    num_sum_kinds: ints([2, 3, 4], 9), -1.0..1.0, true => |i: Tensor<3, Int>| (i.clone().sum(), i.clone().sum_dim(0), i.clone().sum_dim(2), i.sum_dims(&[0, 2]));
    num_sum_dims: floats([2, 3, 4, 2]), -1.0..1.0, true => |x: Tensor<4>| (x.clone().sum_dims(&[1, 3]), x.clone().sum_dims(&[-1, 0, 2]), x.clone().sum_dims(&[2]), x.sum_dims_squeeze::<2, _>(&[1, 2]));
    num_sum_no_dims: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| x.sum_dims(&[0usize; 0]) * 2.0;
    num_mean_kinds: ints([2, 3, 4], 40), -1.0..1.0, true => |i: Tensor<3, Int>| { let i = i - 20; (i.clone().mean(), i.clone().mean_dim(0), i.clone().mean_dim(1), i.mean_dim(2)) };
    num_mean_dims: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| (x.clone().mean_dims(&[0, 2]), x.mean_dim(0));
    num_mean_small_ints: ints([2, 3, 4], 40), -1.0..1.0, true => |i: Tensor<3, Int>| { let i = i - 20; (i.clone().cast(IntDType::I8).mean_dim(1).cast(IntDType::I64), i.clone().cast(IntDType::I32).mean().cast(IntDType::I64), i.cast(IntDType::I16).sum_dim(2).cast(IntDType::I64)) };
    num_prod_kinds: ints([2, 3], 4), -1.0..1.0, true => |i: Tensor<2, Int>| { let i = i - 2; (i.clone().prod_dim(1), i.clone().prod_dim(0), i.cast(IntDType::I32).prod_dim(1).cast(IntDType::I64)) };
    num_prod_all: (ints([4], 4), floats([4])), 0.5..1.5, false => |(i, x): (Tensor<1, Int>, Tensor<1>)| ((i + 1).prod(), x.prod());
    num_prod_dims: floats([2, 3, 2]), 0.5..1.5, true => |x: Tensor<3>| x.prod_dims(&[1, 2]);
    num_extremes_int: ints([2, 3, 4], 40), -1.0..1.0, true => |i: Tensor<3, Int>| { let i = i - 20; ((i.clone().max(), i.clone().min()), (i.clone().max_dim(1), i.clone().min_dim(2)), (i.clone().max_abs(), i.clone().max_abs_dim(1)), i.cast(IntDType::I16).max_dim(0).cast(IntDType::I64)) };
    num_extremes_float: floats([2, 3, 4]), -2.0..2.0, true => |x: Tensor<3>| (x.clone().max_dims(&[0, 2]), x.clone().min_dims(&[1, 2]), x.clone().max_abs_dims(&[1, 2]), x.min_dim(0));
    num_extremes_rank_1: floats([5]), -2.0..2.0, false => |x: Tensor<1>| (x.clone().max(), x.clone().min(), x.clone().sum(), x.max_dim(0));
    num_extremes_with_indices_int: ints([2, 3, 4], 5), -1.0..1.0, true => |i: Tensor<3, Int>| (i.clone().max_dim_with_indices(1), i.min_dim_with_indices(2));
    num_arg_ties: ints([2, 7], 3), -1.0..1.0, true => |i: Tensor<2, Int>| (i.clone().argmax(1), i.clone().argmin(1), i.clone().float().argmax(1), i.float().argmin(0));
    num_arg_small_ints: ints([2, 7], 3), -1.0..1.0, true => |i: Tensor<2, Int>| (i.clone().cast(IntDType::I32).argmax(1), i.clone().cast(IntDType::U8).argmin(1), i.cast(IntDType::I16).argmax(1));
    num_top_k_int: ints([2, 7], 40), -1.0..1.0, true => |i: Tensor<2, Int>| (i.clone().topk(3, 1), i.clone().topk_with_indices(2, 1), i.clone().argtopk(4, 1), i.cast(IntDType::I32).topk(1, 1).cast(IntDType::I64));
    num_top_k_float: floats([2, 7, 2]), -1.0..1.0, true => |x: Tensor<3>| (x.clone().topk(7, 1), x.clone().argtopk(3, 1), x.topk_with_indices(1, 2));
    num_sort_ties: ints([2, 7], 3), -1.0..1.0, true => |i: Tensor<2, Int>| ((i.clone().sort(1), i.clone().sort_descending(1)), (i.clone().argsort(1), i.clone().argsort_descending(1)), i.clone().sort_with_indices(1), i.float().sort_descending_with_indices(1));
    num_sort_batch: floats([5, 3]), -1.0..1.0, true => |x: Tensor<2>| (x.clone().sort(0), x.clone().argsort_descending(0), x.sort_with_indices(0));
    num_sort_one: floats([2, 1]), -1.0..1.0, true => |x: Tensor<2>| (x.clone().sort(1), x.argsort(1));
    num_sort_small_ints: ints([2, 7], 3), -1.0..1.0, true => |i: Tensor<2, Int>| (i.clone().cast(IntDType::I8).sort(1).cast(IntDType::I64), i.cast(IntDType::U32).sort_descending(1).cast(IntDType::I64));
    num_cumulative_int: ints([2, 5], 5), -1.0..1.0, true => |i: Tensor<2, Int>| { let i = i - 2; (i.clone().cumsum(1), i.clone().cumprod(1), i.clone().cummin(1), i.cummax(1)) };
    num_cumulative_small_ints: ints([2, 5], 5), -1.0..1.0, true => |i: Tensor<2, Int>| { let i = i.cast(IntDType::I8) - 2; (i.clone().cumsum(1).cast(IntDType::I64), i.clone().cumprod(1).cast(IntDType::I64), i.clone().cummin(1).cast(IntDType::I64), i.cummax(1).cast(IntDType::I64)) };
    num_cumulative_batch: floats([4, 3]), 0.5..1.5, true => |x: Tensor<2>| (x.clone().cumsum(0), x.clone().cumprod(0), x.clone().cummin(0), x.cummax(0));
    num_cumulative_batch_int: ints([4, 3], 5), -1.0..1.0, true => |i: Tensor<2, Int>| { let i = i - 2; (i.clone().cumsum(0), i.clone().cumprod(0), i.clone().cummin(0), i.cummax(0)) };
    num_cumulative_one: floats([2, 1]), -1.0..1.0, true => |x: Tensor<2>| (x.clone().cumsum(1), x.clone().cumprod(1), x.cummax(1));
    num_cumulative_middle: floats([2, 4, 3]), 0.5..1.5, true => |x: Tensor<3>| (x.clone().cumsum(1), x.clone().cumprod(1), x.cummax(1));
    num_comparisons_int: (ints([2, 5], 5), ints([2, 1], 5)), -1.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| (a.clone().greater(b.clone()), a.clone().greater_equal(b.clone()), a.clone().lower(b.clone()), a.lower_equal(b));
    num_comparisons_int_scalar: ints([2, 5], 5), -1.0..1.0, true => |a: Tensor<2, Int>| (a.clone().greater_elem(2), a.clone().greater_equal_elem(2), a.clone().lower_elem(2), a.lower_equal_elem(2));
    num_comparisons_not_a_number: floats([2, 5]), 0.5..1.0, true => |x: Tensor<2>| { let nan = x.clone().neg().log(); (nan.clone().greater(x.clone()), nan.clone().lower_equal(x), nan.clone().greater_equal_elem(0.0), nan.lower_elem(0.0)) };
    num_comparisons_small_ints: (ints([2, 5], 5), ints([2, 5], 4)), -1.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a.cast(IntDType::I16); let b = b.cast(IntDType::I16); (a.clone().greater(b.clone()), a.clone().lower_equal(b), a.clone().greater_equal_elem(2), a.lower_elem(2)) };
    num_pairs_int: (ints([2, 5], 5), ints([2, 5], 4)), -1.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| (a.clone().max_pair(b.clone()), a.min_pair(b));
    num_powi_scalars: floats([2, 5]), 0.5..1.5, true => |x: Tensor<2>| { let y = x - 1.0; ((y.clone().powi_scalar(0), y.clone().powi_scalar(1)), (y.clone().powi_scalar(2), y.clone().powi_scalar(3)), y.clone().powi_scalar(4), (y + 2.0).powi_scalar(-3)) };
    num_powi_negative: floats([2, 5]), 0.5..1.5, true => |x: Tensor<2>| (x.clone().powi_scalar(-1), x.clone().powi_scalar(-2), x.powi_scalar(-4));
    num_powi_int_scalars: ints([2, 5], 7), -1.0..1.0, true => |i: Tensor<2, Int>| { let i = i - 3; ((i.clone().powi_scalar(0), i.clone().powi_scalar(1)), (i.clone().powi_scalar(2), i.clone().powi_scalar(3)), i.clone().powi_scalar(13), i.cast(IntDType::I32).powi_scalar(5).cast(IntDType::I64)) };
    num_powi_of_tensors: (ints([2, 5], 7), ints([2, 5], 6)), -1.0..1.0, true => |(i, e): (Tensor<2, Int>, Tensor<2, Int>)| { let i = i - 3; (i.clone().powi(e.clone()), i.cast(IntDType::I32).powi(e.cast(IntDType::I32)).cast(IntDType::I64)) };
    num_powi_of_floats: (floats([2, 5]), ints([2, 5], 5)), 0.5..1.5, true => |(x, e): (Tensor<2>, Tensor<2, Int>)| x.powi(e.float());
    num_pad_floats: floats([2, 3, 4]), -1.0..1.0, true => |x: Tensor<3>| (x.clone().pad([(1, 2), (0, 3)], 0.5), x.clone().pad([(1, 2), (3, 0)], PadMode::Reflect), x.pad([(4, 1), (0, 2)], PadMode::Edge));
    num_pad_ints: ints([2, 3, 4], 9), -1.0..1.0, true => |i: Tensor<3, Int>| (i.clone().pad([(1, 2), (0, 3)], -2.0), i.clone().pad([(1, 2), (3, 0)], PadMode::Reflect), i.clone().pad([(4, 1), (0, 2)], PadMode::Edge), i.cast(IntDType::I16).pad([(1, 1)], 7.0).cast(IntDType::I64));
    num_pad_batch: floats([3, 2]), -1.0..1.0, true => |x: Tensor<2>| (x.clone().pad([(1, 2), (0, 0)], 0.0), x.pad([(2, 1), (1, 0)], PadMode::Edge));
    num_pad_infinity: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| x.pad([(1, 1)], f32::NEG_INFINITY).exp();
    num_triangles: floats([2, 4, 4]), -1.0..1.0, true => |x: Tensor<3>| (x.clone().triu(1), x.tril(-1));
    num_one_hot: ints([2, 3], 4), 0.0..1.0, true => |i: Tensor<2, Int>| { let b = i.dims()[0]; let c = Tensor::<1, Int>::arange(0..4, &i.device()).reshape([1, 1, 4]); i.reshape([b, 3, 1]).equal(c).int().sum_dim(1) };
    num_dot_and_eye: (floats([3]), floats([3])), -1.0..1.0, false => |(a, b): (Tensor<1>, Tensor<1>)| { let d = a.device(); (a.clone().dot(b), Tensor::<2>::eye(3, &d) * a.unsqueeze::<2>()) };
    num_fmod: (floats([2, 9]), floats([2, 9])), -3.0..3.0, true => |(a, b): (Tensor<2>, Tensor<2>)| { let b = b.abs() + 0.5; a.fmod(b) };
    num_of_nothing: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let none = x.slice(s![.., 0..0]); (none.clone().sum_dim(1), none.clone().prod_dim(1), none.clone().sum(), none.mean_dim(1).is_nan()) };
    num_sorted_nothing: floats([2, 3]), -1.0..1.0, true => |x: Tensor<2>| { let none = x.slice(s![.., 0..0]); (none.clone().sort(1).sum_dim(1), none.argsort(1).sum_dim(1)) };
}

/// A sequence of any length in the middle.
fn sequence<O: Values>(name: &str, f: impl Fn(Tensor<3>) -> O + Send + 'static) {
    let exported = Exporter::new()
        .name(name)
        .input("x")
        .float_range("x", 0.5..1.5)
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("x", 1, "time")
        .export(&Nothing, floats::<3>([2, 6, 3]), move |_, x| f(x))
        .unwrap_or_else(|e| panic!("{e}"));
    verify(name, &exported);
}

fn num_time_reductions() {
    sequence("num_time_reductions", |x| {
        let i = (x.clone() * 8.0).floor().int();
        (
            (x.clone().mean_dim(1), x.sum()),
            (i.clone().mean_dim(1), i.clone().mean()),
            i.clone().sum_dims(&[0, 1]),
            i.max(),
        )
    });
}

fn num_time_order() {
    sequence("num_time_order", |x| {
        (x.clone().sort(1), x.clone().argsort_descending(1), x.clone().topk(3, 1), x.argmax(1))
    });
}

fn num_time_cumulative() {
    sequence("num_time_cumulative", |x| (x.clone().cumsum(1), x.clone().cumprod(1), x.clone().cummin(1), x.cummax(1)));
}

fn num_opset(opset: i64) {
    let sample = (floats::<2>([2, 5]), ints::<2>([2, 5], 9));
    let name = format!("num_opset_{opset}");
    let exported = Exporter::new()
        .name(&name)
        .opset(opset)
        .export(&Nothing, sample, |_, (x, i): (Tensor<2>, Tensor<2, Int>)| {
            (
                (x.clone().max_dim(1), x.clone().mean_dim(1), x.clone().sum_dims(&[0, 1]), x.clone().prod_dim(1)),
                (i.clone().max_abs_dim(1), i.clone().mean_dim(1), i.clone().min(), i.clone().sum()),
                (x.clone().pad([(1, 1)], 0.0), x.clone().clamp(-0.5, 0.5), x.clone() % 0.75, x.sort(1)),
                (i.clone().cummax(1), i.clone().argmax(1), i.clone().topk(2, 1), i.powi_scalar(3)),
            )
        })
        .unwrap_or_else(|e| panic!("{e}"));
    verify(&name, &exported);
}

fn num_opset_17() {
    num_opset(17);
}

fn num_opset_21() {
    num_opset(21);
}

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![num_time_reductions, num_time_order, num_time_cumulative, num_opset_17, num_opset_21]
}
