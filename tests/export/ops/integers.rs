//! Bits, shifts and products of integers, and logic.

use burn::tensor::{Bool, Int, IntDType, Tensor};
use oasis::export::Exporter;

use crate::common::{Nothing, floats, ints, longs, verify};
use crate::functions;

functions! {
    int_bits: (ints([2, 5], 60), ints([2, 1], 31)), -1.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a - 30; (a.clone().bitwise_and(b.clone()), a.clone().bitwise_or(b.clone()), a.clone().bitwise_xor(b), a.bitwise_not()) };
    int_bits_scalar: ints([2, 5], 60), -1.0..1.0, true => |a: Tensor<2, Int>| { let a = a - 30; (a.clone().bitwise_and_scalar(-6), a.clone().bitwise_or_scalar(9), a.bitwise_xor_scalar(5)) };
    int_bits_narrow: (ints([2, 5], 60), ints([2, 5], 31)), -1.0..1.0, true => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a.cast(IntDType::I32) - 30; let b = b.cast(IntDType::I32); (a.clone().bitwise_and(b.clone()).cast(IntDType::I64), a.clone().bitwise_or_scalar(12).cast(IntDType::I64), a.clone().bitwise_xor(b).cast(IntDType::I64), a.bitwise_not().cast(IntDType::I64)) };
    int_bits_bytes: ints([2, 5], 60), -1.0..1.0, true => |a: Tensor<2, Int>| (a.clone().cast(IntDType::U8).bitwise_not().cast(IntDType::I64), a.clone().cast(IntDType::I8).bitwise_xor_scalar(-1).cast(IntDType::I64), a.cast(IntDType::U32).bitwise_and_scalar(12).cast(IntDType::I64));
    int_shifts_left: (longs([2, 5], 60), longs([2, 5], 60)), -1.0..1.0, true => |(a, n): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a - 30; (a.clone().bitwise_left_shift(n.clone()), a.clone().bitwise_left_shift(n + 40), a.clone().bitwise_left_shift_scalar(63), a.bitwise_left_shift_scalar(66)) };
    int_shifts_right: (longs([2, 5], 60), longs([2, 5], 7)), -1.0..1.0, true => |(a, n): (Tensor<2, Int>, Tensor<2, Int>)| { let a = (a - 30) * 5; (a.clone().bitwise_right_shift(n.clone()), a.clone().bitwise_right_shift(n * 10 + 3), a.clone().bitwise_right_shift_scalar(3), (a.clone().bitwise_right_shift_scalar(63), a.clone().bitwise_right_shift_scalar(0), a.bitwise_right_shift_scalar(65))) };
    int_shifts_round: (longs([2, 5], 60), longs([2, 5], 7)), -1.0..1.0, true => |(a, n): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a - 30; let n = n - 6; (a.clone().bitwise_left_shift(n.clone()), a.bitwise_right_shift(n)) };
    int_shifts_narrow: (ints([2, 5], 60), ints([2, 5], 40)), -1.0..1.0, true => |(a, n): (Tensor<2, Int>, Tensor<2, Int>)| { let a = a.cast(IntDType::I32) - 30; let n = n.cast(IntDType::I32); (a.clone().bitwise_left_shift(n.clone()).cast(IntDType::I64), a.clone().bitwise_right_shift(n).cast(IntDType::I64), a.clone().bitwise_right_shift_scalar(31).cast(IntDType::I64), a.bitwise_left_shift_scalar(31).cast(IntDType::I64)) };
    int_shifts_bytes: (ints([2, 5], 60), ints([2, 5], 9)), -1.0..1.0, true => |(a, n): (Tensor<2, Int>, Tensor<2, Int>)| { let b = a.clone().cast(IntDType::I8) - 30; let m = n.clone().cast(IntDType::I8); (b.clone().bitwise_left_shift(m.clone()).cast(IntDType::I64), b.clone().bitwise_right_shift(m).cast(IntDType::I64), b.clone().bitwise_right_shift_scalar(7).cast(IntDType::I64), b.bitwise_left_shift_scalar(3).cast(IntDType::I64)) };
    int_shifts_unsigned: (ints([2, 5], 60), ints([2, 5], 9)), -1.0..1.0, true => |(a, n): (Tensor<2, Int>, Tensor<2, Int>)| { let b = a.clone().cast(IntDType::U8) * 4; let m = n.clone().cast(IntDType::U8); (b.clone().bitwise_left_shift(m.clone()).cast(IntDType::I64), b.clone().bitwise_right_shift(m).cast(IntDType::I64), a.clone().cast(IntDType::U32).bitwise_right_shift_scalar(2).cast(IntDType::I64), a.cast(IntDType::U16).bitwise_left_shift_scalar(13).cast(IntDType::I64)) };
    int_matmul_batched: (ints([2, 3, 4], 9), ints([2, 4, 2], 5)), -1.0..1.0, true => |(a, b): (Tensor<3, Int>, Tensor<3, Int>)| (a - 4).matmul(b);
    int_matmul_narrow: (ints([3, 4], 9), ints([4, 2], 5)), -1.0..1.0, false => |(a, b): (Tensor<2, Int>, Tensor<2, Int>)| a.cast(IntDType::I32).matmul(b.cast(IntDType::I32)).cast(IntDType::I64);
    int_matmul_wide: (longs([2, 3, 4], 9), longs([2, 4, 2], 5)), -1.0..1.0, true => |(a, b): (Tensor<3, Int>, Tensor<3, Int>)| (a - 4).matmul(b);
    int_square_wide: longs([2, 5], 60), -1.0..1.0, true => |a: Tensor<2, Int>| (a - 30).square();
    int_square: ints([2, 5], 60), -1.0..1.0, true => |a: Tensor<2, Int>| (a - 30).square();
    int_into_float: ints([2, 5], 60), -1.0..1.0, true => |a: Tensor<2, Int>| { let a = a - 30; (a.clone().float(), a.clone().cast(IntDType::I32).float(), a.cast(IntDType::I8).float()) };
    int_from_bool: ints([2, 5], 3), -1.0..1.0, true => |a: Tensor<2, Int>| { let m = a.greater_elem(0); (m.clone().int(), m.float()) };
    int_logic: (ints([2, 5], 2).equal_elem(1), ints([2, 1], 2).equal_elem(0)), -1.0..1.0, true => |(a, b): (Tensor<2, Bool>, Tensor<2, Bool>)| (a.clone().bool_and(b.clone()), a.clone().bool_or(b.clone()), a.clone().bool_xor(b.clone()), a.bool_not().bool_xor(b));
    int_arange: floats([2, 5]), -1.0..1.0, true => |x: Tensor<2>| { let d = x.device(); let b = x.dims()[0] as i64; (x, Tensor::<1, Int>::arange_step(3..20, 4, &d), Tensor::<1, Int>::arange(2..b + 2, &d).unsqueeze_dim::<2>(1)) };
}

fn int_opset_17() {
    let sample = (longs::<2>([2, 5], 60), longs::<2>([2, 5], 31));
    let exported = Exporter::new()
        .opset(17)
        .export(&Nothing, sample, |_, (a, b): (Tensor<2, Int>, Tensor<2, Int>)| {
            let a = a - 30;
            let b = b - 15;
            (
                (a.clone().bitwise_and(b.clone()), a.clone().bitwise_or(b.clone()), a.clone().bitwise_xor(b.clone())),
                (a.clone().bitwise_and_scalar(-6), a.clone().bitwise_or_scalar(9), a.clone().bitwise_xor_scalar(-5)),
                a.clone().bitwise_not(),
                (a.clone().bitwise_left_shift_scalar(5), a.bitwise_right_shift(b.abs())),
            )
        })
        .unwrap_or_else(|e| panic!("{e}"));
    verify("int_opset_17", &exported);
}

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![int_opset_17]
}
