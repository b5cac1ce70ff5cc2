//! What cannot be exported is said, all of it, before anything is written.

use burn::nn::conv::Conv2dConfig;
use burn::tensor::{Device, Distribution, IndexingUpdateOp, Int, Tensor, TensorData};
use oasis::ErrorKind;
use oasis::export::{Exporter, Tolerance};

use crate::common::{Nothing, floats};
use crate::listed::ERRORS;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        every_offender_is_listed_with_its_parameters,
        settings_that_follow_the_batch_are_named,
        a_nudged_result_does_not_pass
    ]
}

fn every_offender_is_listed_with_its_parameters() {
    let conv = Conv2dConfig::new([1, 2], [3, 3]).init(&Device::flex());
    let error = Exporter::new()
        .name("noisy")
        .opset(17)
        .export(&conv, floats::<4>([2, 1, 6, 6]), |m, x| {
            let y = m.forward(x);
            let noise = Tensor::random(y.dims(), Distribution::Default, &y.device());
            let rows = Tensor::<1, Int>::from_ints([0, 0], &y.device());
            (y.clone() + noise).select_assign(3, rows, y.narrow(3, 0, 2), IndexingUpdateOp::Max)
        })
        .expect_err("random numbers");
    assert_eq!(error.kind(), ErrorKind::Model);
    ERRORS.check("every_offender_is_listed_with_its_parameters", &error.to_string());
}

fn settings_that_follow_the_batch_are_named() {
    let error = Exporter::new()
        .input("x")
        .dynamic_axis("x", 0, "batch")
        .export(&Nothing, floats::<2>([2, 3]), |_, x: Tensor<2>| {
            let slope = x.dims()[0] as f64;
            burn::tensor::activation::leaky_relu(x, slope)
        })
        .expect_err("a setting");
    ERRORS.check("settings_that_follow_the_batch_are_named", &error.to_string());
}

fn a_nudged_result_does_not_pass() {
    let exported = Exporter::new().export(&Nothing, floats::<2>([2, 3]), |_, x: Tensor<2>| x * 2.0).expect("a model");
    let run = |nudge: f32| {
        let comparisons = exported.verify_with(2, 1, Tolerance::default(), |inputs| {
            let mut values: Vec<f32> = inputs[0].1.iter::<f32>().map(|x| x * 2.0).collect();
            values[4] += nudge;
            Ok(vec![TensorData::new(values, [2, 3])])
        });
        comparisons.expect("outputs of the right shape").remove(0)
    };
    assert!(run(0.0).pass());
    let nudged = run(1e-3);
    assert_eq!((nudged.pass(), nudged.outside, nudged.elements), (false, 2, 12));
    assert!(!run(f32::NAN).pass());
    let wrong = exported.verify_with(1, 1, Tolerance::default(), |_| Ok(vec![TensorData::from([1.0f32])]));
    assert_eq!(wrong.expect_err("a wrong shape").kind(), ErrorKind::Check);
}
