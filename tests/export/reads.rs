//! Forward passes that read the values of tensors are refused, with the place in the caller's code and the way out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::module::{Module, Param};
use burn::tensor::{Bool, Device, Int, Tensor};
use oasis::export::{Exporter, Values};
use oasis::{Error, ErrorKind};

use crate::common::{Nothing, floats, ints, verify};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        thresholds_are_refused,
        values_of_inputs_are_refused,
        checks_of_burn_that_read_are_refused,
        a_loop_whose_count_is_read_is_refused,
        the_module_that_reads_is_named,
        inputs_cannot_leave_the_recording,
        a_read_that_is_caught_is_refused,
        parameters_and_constants_can_be_read,
        what_is_computed_from_parameters_cannot_be_read,
        a_forward_pass_that_remembers_is_refused
    ]
}

/// The error of a forward pass that reads values, which both ways to export must give.
fn refused<I, O>(sample: I, forward: impl Fn(I) -> O + Clone + Send + 'static) -> Error
where
    I: Values + Send + 'static,
    O: Values,
{
    let given = forward.clone();
    let error = Exporter::new()
        .export_samples(&Nothing, vec![sample.clone()], move |_, x| given(x))
        .expect_err("a read with given samples");
    assert!(error.why().contains("reads the values of a tensor"), "{error}");
    let error = Exporter::new().export_fn(sample, forward).expect_err("a read");
    tells(&error);
    error
}

/// The error names this file and says what to do instead.
fn tells(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.why().contains("reads the values of a tensor"), "{error}");
    assert!(error.why().contains("tests/export/reads.rs:"), "{error}");
    assert!(error.hints()[0].contains("mask_where") && error.hints()[1].contains("before the export"), "{error}");
    assert!(error.to_string().contains("(hint: choose by value with tensors"), "{error}");
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
}

fn thresholds_are_refused() {
    refused(floats::<2>([2, 3]), |x: Tensor<2>| if x.clone().mean().into_scalar::<f32>() > 0.5 { x * 2.0 } else { x });
    refused(floats::<2>([2, 3]), |x: Tensor<2>| match x.clone().greater_elem(100.0).any().into_scalar::<bool>() {
        true => x.clamp_max(100.0),
        false => x,
    });
    refused(
        (floats::<2>([2, 3]), floats::<2>([2, 3])),
        |(x, y): (Tensor<2>, Tensor<2>)| {
            if x.to_data() == y.to_data() { x } else { x + y }
        },
    );
    // A threshold that no other values of the sample's size would cross.
    refused(
        ints::<1>([3], 5),
        |x: Tensor<1, Int>| if x.clone().sum().into_scalar::<i64>() > 1 << 40 { x + 1 } else { x },
    );
}

fn values_of_inputs_are_refused() {
    // A whole number of thousands is the same for every small number of steps.
    refused((floats::<2>([2, 3]), ints::<1>([1], 5)), |(x, steps): (Tensor<2>, Tensor<1, Int>)| {
        let thousands = steps.into_scalar::<i64>() / 1000;
        x * thousands as f32
    });
    refused((floats::<2>([2, 3]), ints::<1>([1], 2).equal_elem(1)), |(x, double): (Tensor<2>, Tensor<1, Bool>)| {
        if double.into_scalar::<bool>() { x * 2.0 } else { x }
    });
    refused(floats::<1>([1]), |x: Tensor<1>| {
        let value: Vec<f32> = x.clone().try_into_data().expect("values").iter().collect();
        x * value[0].signum()
    });
}

fn checks_of_burn_that_read_are_refused() {
    let error = refused(ints::<1>([3], 4), |x: Tensor<1, Int>| x.one_hot::<2>(4));
    assert!(error.why().contains("by `one_hot`") && error.hints()[0].contains("one_hot"), "{error}");
    let error = refused(floats::<2>([2, 3]), |x: Tensor<2>| x.greater_elem(0.0).argwhere());
    assert!(error.why().contains("by `argwhere`"), "{error}");
    let error =
        refused(
            floats::<2>([2, 3]),
            |x: Tensor<2>| {
                if x.clone().all_close(x.clone() * 2.0, None, None) { x } else { x * 2.0 }
            },
        );
    assert!(error.why().contains("by `all_close`"), "{error}");
}

fn a_loop_whose_count_is_read_is_refused() {
    refused((floats::<2>([2, 3]), ints::<1>([1], 3)), |(mut x, count): (Tensor<2>, Tensor<1, Int>)| {
        for _ in 0..count.into_scalar::<i64>() {
            x = x * 2.0;
        }
        x
    });
}

#[derive(Module, Debug)]
struct Gate {
    weight: Param<Tensor<1>>,
}

impl Gate {
    #[inline(never)]
    fn open(&self, x: Tensor<2>) -> bool {
        let score = x.matmul(self.weight.val().unsqueeze_dim(1));
        score.sum().into_scalar::<f32>() > 0.0
    }
}

#[derive(Module, Debug)]
struct Gated {
    gate: Gate,
}

fn the_module_that_reads_is_named() {
    let net = Gated { gate: Gate { weight: Param::from_tensor(floats([3])) } };
    let forward = |net: &Gated, x: Tensor<2>| if net.gate.open(x.clone()) { x } else { x * 0.5 };
    let error = Exporter::new().export(&net, floats([2, 3]), forward).expect_err("a read");
    tells(&error);
    // The type is left out where the function was put into its caller.
    assert!(error.why().contains("open, and"), "{error}");
}

fn inputs_cannot_leave_the_recording() {
    let error = Exporter::new().export_fn(floats::<2>([2, 3]), |x: Tensor<2>| {
        let here = x.clone().to_device(&Device::flex());
        x + here.mean().into_scalar::<f32>()
    });
    tells(&error.expect_err("a copy on another device"));
}

fn a_read_that_is_caught_is_refused() {
    let error = Exporter::new().export_fn(floats::<2>([2, 3]), |x: Tensor<2>| {
        let y = x.clone();
        match catch_unwind(AssertUnwindSafe(move || y.max().into_scalar::<f32>())) {
            Ok(most) => x / most,
            Err(_) => x,
        }
    });
    tells(&error.expect_err("a read that is caught"));
}

fn parameters_and_constants_can_be_read() {
    let weight = Param::from_tensor(floats::<1>([1]) * 3.0);
    let forward = |weight: &Param<Tensor<1>>, x: Tensor<2>| {
        let scale: f32 = weight.val().into_scalar();
        let one: i64 = Tensor::<1, Int>::from_data([7], &x.device()).into_scalar();
        x * scale + one as f32
    };
    let exported = Exporter::new().export(&weight, floats([2, 3]), forward).expect("numbers that depend on no input");
    verify("reads_parameter", &exported);
}

fn what_is_computed_from_parameters_cannot_be_read() {
    let weight = Param::from_tensor(floats::<1>([3]));
    let forward = |weight: &Param<Tensor<1>>, x: Tensor<2>| x * weight.val().sum().into_scalar::<f32>();
    tells(&Exporter::new().export(&weight, floats([2, 3]), forward).expect_err("a computed value"));
}

fn a_forward_pass_that_remembers_is_refused() {
    let forward = || {
        let calls = Arc::new(AtomicUsize::new(0));
        move |x: Tensor<2>| x * calls.fetch_add(1, Ordering::Relaxed) as f32
    };
    let sample = floats::<2>([2, 3]);
    let given = forward();
    let errors = [
        Exporter::new().export_fn(sample.clone(), forward()).expect_err("a counter"),
        Exporter::new().export_samples(&Nothing, vec![sample], move |_, x| given(x)).expect_err("a counter"),
    ];
    for error in errors {
        assert!(error.why().contains("Numeric::MulScalar"), "{error}");
    }
}
