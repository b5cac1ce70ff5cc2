//! Operations on random shapes and settings.

use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions, PadMode};
use burn::tensor::{Slice, Tensor};
use oasis::export::Exporter;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::common::{Nothing, engines, floats};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        random_broadcasts,
        random_slices,
        random_permutes_and_reshapes,
        random_reductions,
        random_pads,
        random_convolutions,
        random_pools,
        random_joins
    ]
}

const CASES: u32 = 24;

/// Runs a property on the same cases every time.
fn property<S: Strategy>(strategy: S, check: impl Fn(S::Value)) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let result = runner.run(&strategy, |value| {
        check(value);
        Ok(())
    });
    if let Err(why) = result {
        panic!("{why}");
    }
}

/// Exports a function of one tensor with a dynamic first axis, and runs it on every engine.
fn check<const D: usize, const E: usize>(shape: [usize; D], f: impl Fn(Tensor<D>) -> Tensor<E> + Send + 'static) {
    let exported = Exporter::new()
        .name("random")
        .input("x")
        .float_range("x", -1.0..1.0)
        .dynamic_axis("x", 0, "batch")
        .export(&Nothing, floats(shape), move |_, x| f(x))
        .unwrap_or_else(|error| panic!("{error}"));
    for engine in engines() {
        let outputs = exported.verify(engine.as_ref(), 2).unwrap_or_else(|error| panic!("{error}"));
        assert!(outputs.iter().all(|output| output.pass()), "{}: {outputs:?} {}", engine.name(), exported.summary());
    }
}

fn random_broadcasts() {
    let dim = || 1..5usize;
    property(([dim(), dim(), dim()], [any::<bool>(), any::<bool>()]), |([a, b, c], [x, y])| {
        check([a, b, c], move |t| {
            let other = floats([1, if x { 1 } else { b }, if y { 1 } else { c }]).to_device(&t.device());
            (t.clone() + other.clone()) * other - t
        });
    });
}

fn random_slices() {
    let axis = (1..9usize).prop_flat_map(|len| {
        (Just(len), 0..len, 1..4isize, any::<bool>()).prop_flat_map(|(len, start, step, back)| {
            (Just(len), Just(start), start + 1..=len, Just(if back { -step } else { step }))
        })
    });
    property([axis.clone(), axis], |[(a, from, to, by), (b, start, end, step)]| {
        check([2, a, b], move |t| {
            let range = |start: usize, end: usize, step| Slice::new(start as isize, Some(end as isize), step);
            t.slice([Slice::full(), range(from, to, by), range(start, end, step)])
        });
    });
}

fn random_permutes_and_reshapes() {
    let order = Just(vec![0usize, 1, 2, 3]).prop_shuffle();
    property((order, 1..4usize, 1..4usize, 1..4usize), |(order, a, b, c)| {
        check([2, a, b, c], move |t| {
            let axes = [order[0], order[1], order[2], order[3]].map(|axis| axis as isize);
            let turned = t.permute(axes);
            let [p, q, r, s] = turned.dims();
            turned.reshape([p * q, r * s])
        });
    });
}

fn random_reductions() {
    property((1..5usize, 1..6usize, 1..3usize), |(a, b, axis)| {
        check([2, a, b], move |t| {
            let sum = t.clone().sum_dim(axis) + t.clone().mean_dim(axis);
            t.clone().max_dim(axis) - t.min_dim(axis) + sum
        });
    });
}

fn random_pads() {
    let pad = || (0..3usize, 0..3usize);
    property(([3..6usize, 3..6usize], [pad(), pad()], 0..3usize), |([a, b], [rows, columns], mode)| {
        check([2, a, b], move |t| {
            let mode = [PadMode::Constant(0.5), PadMode::Reflect, PadMode::Edge][mode];
            t.pad([rows, columns], mode)
        });
    });
}

fn random_convolutions() {
    let settings = ([1..4usize, 1..4usize], [1..3usize, 1..3usize], [0..3usize, 0..3usize], [1..3usize, 1..3usize]);
    property((settings, 1..3usize, 1..3usize), |((kernel, stride, pad, dilation), groups, width)| {
        let (inputs, outputs) = (groups * width, groups * 2);
        check([2, inputs, 9, 8], move |t| {
            let weight = floats([outputs, width, kernel[0], kernel[1]]).to_device(&t.device());
            conv2d(t, weight, None, ConvOptions::new(stride, pad, dilation, groups))
        });
    });
}

fn random_pools() {
    let settings = ([1..4usize, 1..4usize], [1..3usize, 1..3usize], any::<[bool; 2]>());
    property((settings, [0..2usize, 0..2usize]), |((kernel, stride, [ceil, count]), pad)| {
        let pad = [pad[0].min(kernel[0] / 2), pad[1].min(kernel[1] / 2)];
        check([2, 2, 8, 7], move |t| {
            let most = MaxPoolOptions::new(kernel).with_stride(stride).with_padding(pad).with_ceil_mode(ceil);
            let mean = AvgPoolOptions::new(kernel).with_stride(stride).with_padding(pad).with_ceil_mode(ceil);
            max_pool2d(t.clone(), most) + avg_pool2d(t, mean.with_count_include_pad(count))
        });
    });
}

fn random_joins() {
    property((1..4usize, 1..4usize, 1..3usize, 1..4usize), |(a, b, axis, times)| {
        check([2, a, b], move |t| {
            Tensor::cat(vec![t.clone(), t.clone().repeat_dim(axis, times), t.flip([axis])], axis)
        });
    });
}
