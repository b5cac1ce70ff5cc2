//! Steps whose state cannot be exported.

use burn::tensor::{Device, Int, Tensor};
use oasis::ErrorKind;
use oasis::export::{Exported, Exporter};

use super::zeros;
use crate::common::{Nothing, floats};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![states_that_are_refused]
}

fn states_that_are_refused() {
    let exporter = || Exporter::new().input("x").output("y");
    let x = || zeros([1, 3]);
    let shrinks = exporter().state("s", zeros([1, 3])).export(&Nothing, x(), |_, x, s| (x, s.narrow(1, 0, 2)));
    said(shrinks, "the state s is [1, 3] before a step and [1, 2] after it, but it may only grow along one axis");
    let both = exporter()
        .state("s", zeros([1, 3]))
        .export(&Nothing, x(), |_, x, s| (x.clone(), s.repeat_dim(0, 2).repeat_dim(1, 2)));
    said(both, "the state s is [1, 3] before a step and [2, 6] after it, but it may only grow along one axis");
    let fewer = exporter()
        .state("s", vec![zeros([1, 3]), zeros([1, 3])])
        .export(&Nothing, x(), |_, x, s| (x, s.into_iter().take(1).collect()));
    said(fewer, "the state is 2 tensors, and 1 after a step");
    let named =
        exporter()
            .state("s", zeros([1, 3]))
            .named([("a", "b"), ("c", "d")])
            .export(&Nothing, x(), |_, x, s| (x.clone() + s.clone(), s + x));
    said(named, "2 states were named, but there are 1");
    let twice = exporter().state("x", zeros([1, 3])).export(&Nothing, x(), |_, x, s| (x.clone() + s.clone(), s + x));
    said(twice, "the input name x was given twice");
    let unlike = exporter()
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("s", 0, "batch")
        .state("s", floats([2, 3]))
        .export(&Nothing, zeros([2, 3]), |_, x, s| (x.clone() + s.clone(), s + x));
    said(unlike, "the first values of s differ along batch, whose size is free");
    let none = exporter().state("s", zeros([1, 3])).export_samples(
        &Nothing,
        Vec::<(Tensor<2, Int>, Tensor<2>)>::new(),
        |_, x, s| (x, s),
    );
    said(none, "no sample was given");
    let device = Device::flex();
    let fine = exporter()
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("s", 0, "batch")
        .state("s", Tensor::<2, Int>::ones([2, 3], &device))
        .export(&Nothing, zeros([2, 3]), |_, x, s: Tensor<2, Int>| (x + s.clone().float(), s + 1));
    assert!(fine.is_ok(), "{fine:?}");
}

fn said(exported: oasis::Result<Exported>, why: &str) {
    let error = exported.expect_err(why);
    assert_eq!((error.kind(), error.why()), (ErrorKind::Usage, why));
}
