//! Integers of the width that the forward pass has in Burn: they overflow as there, and meet those of the module.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Int, IntDType, Tensor, TensorData};
use oasis::export::{Exported, Exporter};

use crate::common::{engines, floats, ints, verify};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        integers_of_burns_default_type_overflow_at_32_bits,
        integers_of_32_bits_overflow_in_every_operation,
        products_of_matrices_overflow,
        narrow_integers_overflow_at_their_width,
        wide_integers_do_not_overflow_at_32_bits,
        integers_of_a_module_meet_inputs,
        integers_that_the_forward_pass_makes_are_of_burns_type,
        integers_that_are_only_moved_need_no_cast,
        the_boundary_is_of_64_bits
    ]
}

type Ints<const D: usize> = Tensor<D, Int>;

/// Whole numbers of a type.
fn whole<const D: usize>(dtype: IntDType, shape: [usize; D], values: &[i64]) -> Ints<D> {
    let dtype: burn::tensor::DType = dtype.into();
    Tensor::from_data(TensorData::new(values.to_vec(), shape), (&Device::flex(), dtype))
}

/// An exporter of two inputs that may hold every integer of a width.
fn exporter(name: &str, inputs: usize, range: std::ops::Range<i64>) -> Exporter {
    let names = ["a", "b"];
    let exporter = Exporter::new().name(name);
    names[..inputs].iter().fold(exporter, |exporter, name| exporter.input(*name).int_range(*name, range.clone()))
}

const ALL_32: std::ops::Range<i64> = i32::MIN as i64..i32::MAX as i64 + 1;

fn integers_of_burns_default_type_overflow_at_32_bits() {
    // As people write it: no element type is named anywhere.
    let sample: Ints<1> = Tensor::from_data([1, i32::MAX, i32::MIN], &Device::flex());
    let exported = exporter("width_default", 1, ALL_32)
        .export_fn(sample, |x: Ints<1>| (x.clone() + 1, x * 3))
        .expect("a sum and a product");
    let inputs = vec![("a".to_owned(), TensorData::from([i64::from(i32::MAX), i64::from(i32::MIN), 5]))];
    // A tract with overflow checks does not add these up.
    for engine in engines().iter().filter(|engine| engine.name() != "tract" || !cfg!(debug_assertions)) {
        let outputs = exported.run(engine.as_ref(), &inputs).expect("results");
        let outputs: Vec<Vec<i64>> = outputs.iter().map(|data| data.iter::<i64>().collect()).collect();
        let sums = [i64::from(i32::MIN), i64::from(i32::MIN) + 1, 6];
        let products = [i64::from(i32::MAX.wrapping_mul(3)), i64::from(i32::MIN.wrapping_mul(3)), 15];
        assert_eq!(outputs, [sums, products], "{}", engine.name());
    }
    verify("width_default", &exported);
}

fn integers_of_32_bits_overflow_in_every_operation() {
    let sample = || whole(IntDType::I32, [2, 3], &[1, 2, 3, 4, 5, 6]);
    let exported = exporter("width_32", 2, ALL_32)
        .export_fn((sample(), sample()), |(a, b): (Ints<2>, Ints<2>)| {
            let sums = (a.clone() + b.clone(), a.clone() - b.clone(), a.clone() * b.clone(), a.clone() * 7 - 9);
            let signs = (a.clone().neg(), a.clone().abs(), a.clone().sign(), a.clone().bitwise_not());
            let shifts = (a.clone().bitwise_left_shift_scalar(3), a.clone().bitwise_right_shift_scalar(3));
            let reduced = (a.clone().sum(), a.clone().sum_dim(1), b.clone().prod_dim(1), a.clone().max_dim(1));
            let others = (a.clone().float(), a.clone().greater(b.clone()), a.clone().powi_scalar(2), a + b.clone() * b);
            (sums, signs, shifts, reduced, others)
        })
        .expect("operations on 32 bits");
    verify("width_32", &exported);
}

fn products_of_matrices_overflow() {
    let exported = exporter("width_32_matmul", 2, ALL_32)
        .export_fn((ints::<2>([2, 3], 5), ints::<2>([3, 2], 5)), |(a, b): (Ints<2>, Ints<2>)| a.matmul(b))
        .expect("a product");
    verify("width_32_matmul", &exported);
}

fn narrow_integers_overflow_at_their_width() {
    for (dtype, range) in [(IntDType::U8, 0..256), (IntDType::I8, -128..128), (IntDType::I16, -32768..32768)] {
        let name = format!("width_{}", format!("{dtype:?}").to_lowercase());
        let exported = exporter(&name, 1, range)
            .export_fn(whole(dtype, [2, 3], &[1, 2, 3, 4, 5, 6]), |a: Ints<2>| {
                (a.clone() + 100, a.clone() * a.clone(), a.clone().sum_dim(1), a.cast(IntDType::I64) + 100)
            })
            .expect("narrow integers");
        verify(&name, &exported);
    }
    let exported = exporter("width_casts", 1, i64::MIN..i64::MAX)
        .export_fn(whole(IntDType::I64, [2, 3], &[1, 2, 3, 4, 5, 6]), |a: Ints<2>| {
            (a.clone().cast(IntDType::I32), a.clone().cast(IntDType::I8), a.cast(IntDType::U8))
        })
        .expect("casts");
    verify("width_casts", &exported);
}

fn wide_integers_do_not_overflow_at_32_bits() {
    let most = 1 << 40;
    let sample = || whole(IntDType::I64, [2, 3], &[1, 2, 3, 4, 5, 6]);
    let sums = exporter("width_64_sums", 1, -most..most).export_fn(sample(), |a: Ints<2>| a.sum_dim(1)).expect("sums");
    verify("width_64_sums", &sums);
    let exported = exporter("width_64", 1, -most..most)
        .export_fn(sample(), |a: Ints<2>| (a.clone() * 3 + 1, a.clone().neg(), a.max_dim(1)))
        .expect("wide integers");
    let case = exported.case(&[], 1).expect("a case");
    assert!(case.expected[0].1.iter::<i64>().any(|x| x.abs() > i64::from(u32::MAX)), "{case:?}");
    verify("width_64", &exported);
}

#[derive(Module, Debug)]
struct Offsets {
    rows: Param<Tensor<1, Int>>,
}

impl Offsets {
    fn of(dtype: IntDType) -> Self {
        Self { rows: Param::initialized(ParamId::new(), whole(dtype, [3], &[3, 100, 1])) }
    }
}

/// Exports the sum and the product of an input and a module's integers.
fn with_module(name: &str, dtype: IntDType, range: std::ops::Range<i64>) -> Exported {
    exporter(name, 1, range)
        .export(&Offsets::of(dtype), whole(dtype, [2, 3], &[1, 2, 3, 4, 5, 6]), |net: &Offsets, x: Ints<2>| {
            (x.clone() + net.rows.val().unsqueeze(), x * net.rows.val().unsqueeze())
        })
        .expect("integers of a module")
}

fn integers_of_a_module_meet_inputs() {
    verify("width_module_i32", &with_module("width_module_i32", IntDType::I32, ALL_32));
    verify("width_module_i64", &with_module("width_module_i64", IntDType::I64, -1000..1000));
    verify("width_module_u8", &with_module("width_module_u8", IntDType::U8, 0..256));
    verify("width_module_i16", &with_module("width_module_i16", IntDType::I16, -32768..32768));
}

fn integers_that_the_forward_pass_makes_are_of_burns_type() {
    let exported = exporter("width_made", 1, ALL_32)
        .input("x")
        .float_range("x", -9.0..9.0)
        .export_fn((ints::<1>([4], 5), floats::<1>([4])), |(a, x): (Ints<1>, Tensor<1>)| {
            let positions: Ints<1> = Tensor::arange(0..4, &a.device());
            let ones: Ints<1> = Tensor::ones([4], &a.device());
            let large: Ints<1> = Tensor::from_data([i32::MAX, 1, i32::MIN, 7], &a.device());
            let order = x.clone().argmax(0) + a.clone();
            (a.clone() + positions, a.clone() - ones, a + large.clone(), (x.int() + large, order))
        })
        .expect("integers that the forward pass makes");
    verify("width_made", &exported);
}

fn integers_that_are_only_moved_need_no_cast() {
    let table = Param::from_tensor(floats::<2>([9, 4]));
    let exported = Exporter::new()
        .input("ids")
        .int_range("ids", 0..9)
        .dynamic_axis("ids", 0, "batch")
        .export(&table, ints::<2>([2, 5], 9), |table: &Param<Tensor<2>>, ids: Ints<2>| {
            let [batch, length] = ids.dims();
            let rows = table.val().select(0, ids.clone().transpose().reshape([batch * length]));
            (rows.clone().argmax(1), rows, ids)
        })
        .expect("a table");
    assert!(!exported.summary().operators.contains_key("Cast"), "{}", exported.summary());
    verify("width_moved", &exported);
}

fn the_boundary_is_of_64_bits() {
    let exported = Exporter::new()
        .export_fn(whole(IntDType::U8, [3], &[1, 2, 3]), |x: Ints<1>| (x.clone() + 255, x.clone(), x))
        .expect("bytes");
    let ports = exported.inputs().iter().chain(exported.outputs()).map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(ports, ["input i64 [3]", "output_0 i64 [3]", "output_1 i64 [3]", "output_2 i64 [3]"]);
    verify("width_boundary", &exported);
}
