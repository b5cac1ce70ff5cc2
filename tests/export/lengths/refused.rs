//! Forward passes that do something else at some length: refused with the lengths, or exported for those it is meant for.

use burn::tensor::{Tensor, s};
use libtest_mimic::Trial;
use oasis::export::{Exported, Exporter};

use crate::common::{Nothing, floats, verify};

pub fn trials() -> Vec<Trial> {
    crate::trials![
        another_path_at_some_lengths_is_refused,
        another_constant_at_some_lengths_is_refused,
        a_loop_over_time_is_told,
        multiples_are_exported_where_they_are_named,
        a_range_is_recorded_at_both_ends,
        lengths_that_fail_at_an_end_are_limits,
        limits_that_do_not_fit_are_refused,
        samples_in_doubt_are_refused
    ]
}

fn timed() -> Exporter {
    Exporter::new().input("x").dynamic_axis("x", 1, "time")
}

fn export(exporter: &Exporter, f: impl Fn(Tensor<2>) -> Tensor<2> + Send + 'static) -> oasis::Result<Exported> {
    exporter.export(&Nothing, floats::<2>([2, 12]), move |_, x: Tensor<2>| f(x))
}

fn error(exporter: &Exporter, f: impl Fn(Tensor<2>) -> Tensor<2> + Send + 'static) -> String {
    export(exporter, f).expect_err("another path").to_string()
}

fn time(x: &Tensor<2>) -> usize {
    x.dims()[1]
}

fn another_path_at_some_lengths_is_refused() {
    type Condition = fn(usize) -> bool;
    let conditions: [(&str, Condition); 7] = [
        ("odd", |t| t % 2 == 1),
        ("no multiple of 3", |t| t % 3 != 0),
        ("no multiple of 8", |t| t % 8 != 0),
        ("3 more than a multiple of 4", |t| t % 4 == 3),
        ("short", |t| t < 6),
        ("long", |t| t > 30),
        ("far longer", |t| t > 100),
    ];
    for (name, condition) in conditions {
        let error = error(&timed(), move |x| if condition(time(&x)) { x.exp() } else { x.sin() });
        let (alike, other) =
            error.split_once(", and something else where it is time ").unwrap_or_else(|| panic!("{name}: {error}"));
        let alike: Vec<usize> = alike.rsplit_once("where it is time ").map_or(Vec::new(), |(_, lengths)| {
            lengths.split(", ").map(|length| length.parse().expect("a length")).collect()
        });
        let other: usize = other.split(':').next().and_then(|length| length.parse().ok()).expect("a length");
        assert!(alike.contains(&12) && alike.iter().all(|t| condition(*t) == condition(12)), "{name}: {error}");
        assert_ne!(condition(other), condition(12), "{name}: {error}");
    }
}

fn another_constant_at_some_lengths_is_refused() {
    let error = |f: fn(usize) -> f32| {
        error(&timed(), move |x| {
            let t = time(&x);
            x * f(t)
        })
    };
    for f in [|t| if t % 2 == 1 { 2.5 } else { 3.5 }, |t| if t > 100 { 0.25 } else { 0.75 }, |t| (t as f32).sin()]
        as [fn(usize) -> f32; 3]
    {
        let error = error(f);
        assert!(error.contains("Numeric::MulScalar"), "{error}");
    }
}

fn a_loop_over_time_is_told() {
    let error = error(&timed(), |x| {
        let mut state = x.clone().slice(s![.., 0..1]);
        for step in 1..time(&x) {
            state = (state * 0.5 + x.clone().slice(s![.., step..=step])).tanh();
        }
        state
    });
    assert!(error.contains("the number of operations follows time"), "{error}");
}

fn multiples_are_exported_where_they_are_named() {
    let halves = |x: Tensor<2>| {
        let t = time(&x);
        assert!(t.is_multiple_of(4), "{t} is no multiple of 4");
        x.clone().slice(s![.., ..t / 2]) + x.slice(s![.., t / 2..])
    };
    let refused = export(&timed(), halves).expect_err("lengths that are no multiples");
    assert!(refused.to_string().contains("is no multiple of 4"), "{refused}");
    assert!(refused.hints().iter().any(|hint| hint.contains("dynamic_axis_multiple_of(\"time\"")), "{refused:?}");
    let exported = export(&timed().dynamic_axis_multiple_of("time", 4), halves).expect("multiples of 4");
    assert_eq!(exported.model().metadata, [("oasis.axis.time".to_owned(), "multiple of 4".to_owned())]);
    assert_eq!(exported.outputs()[0].to_string(), "output f32 [2, floor(time/2)]");
    assert!(exported.cases(8, 1).unwrap().iter().all(|case| case.inputs[0].1.shape()[1].is_multiple_of(4)));
    verify("len_multiples", &exported);
}

fn a_range_is_recorded_at_both_ends() {
    let limited = |limit: usize| move |x: Tensor<2>| if time(&x) > limit { x.exp() } else { x.sin() };
    let range = timed().dynamic_axis_range("time", 4..=600);
    assert!(error(&range, limited(500)).contains("something else where it is time 600"));
    assert!(
        error(&range, |x| if time(&x) < 5 { x.exp() } else { x.sin() }).contains("something else where it is time 4")
    );
    let exported = export(&range, limited(600)).expect("one path for all lengths");
    assert_eq!(exported.model().metadata, [("oasis.axis.time".to_owned(), "at least 4, at most 600".to_owned())]);
    assert!(exported.cases(8, 1).unwrap().iter().all(|case| (4..=600).contains(&case.inputs[0].1.shape()[1])));
    verify("len_range", &exported);
}

fn lengths_that_fail_at_an_end_are_limits() {
    let exported = export(&timed(), |x| {
        let t = time(&x);
        assert!((8..=40).contains(&t), "{t} is too short or too long");
        x.slice(s![.., 3..])
    });
    let exported = exported.expect("lengths of 8 to 40");
    let metadata = exported.model().metadata.clone();
    let [(key, limits)] = metadata.as_slice() else { panic!("{metadata:?}") };
    assert_eq!(key, "oasis.axis.time");
    assert!(limits.contains("at least ") && limits.contains("at most "), "{limits}");
    assert!(exported.cases(8, 1).unwrap().iter().all(|case| (8..=40).contains(&case.inputs[0].1.shape()[1])));
    verify("len_limits", &exported);
}

fn limits_that_do_not_fit_are_refused() {
    let error = |exporter: Exporter| {
        let error = export(&exporter, |x| x.exp()).expect_err("a usage error");
        assert_eq!(error.kind(), oasis::ErrorKind::Usage);
        error.to_string().replacen("cannot export to ONNX: model: ", "", 1)
    };
    assert_eq!(
        error(timed().dynamic_axis_multiple_of("time", 5)),
        "time is 12 in the sample, which is not multiple of 5"
    );
    assert_eq!(
        error(timed().dynamic_axis_multiple_of("tme", 4)),
        "tme was given lengths, and no axis is named so by dynamic_axis"
    );
    assert_eq!(
        error(timed().dynamic_axis_range("time", 16..=64)),
        "time is 12 in the sample, which is not at least 16, at most 64"
    );
    assert_eq!(error(timed().dynamic_axis_multiple_of("time", 0)), "there is no length that time may have");
}

fn samples_in_doubt_are_refused() {
    let half = |_: &Nothing, x: Tensor<2>| {
        let t = time(&x);
        x.slice(s![.., ..t / 2]).mean_dim(1).repeat_dim(1, t / 2)
    };
    let samples = |lengths: &[usize]| lengths.iter().map(|t| floats::<2>([2, *t])).collect::<Vec<_>>();
    let error = timed().export_samples(&Nothing, samples(&[8, 12]), half).expect_err("two samples").to_string();
    assert!(error.contains("which the recordings do not tell apart"), "{error}");
    let exported =
        timed().export_samples(&Nothing, samples(&[8, 12, 13, 18, 31, 66, 5, 7, 144]), half).expect("nine samples");
    assert_eq!(exported.outputs()[0].to_string(), "output f32 [2, floor(time/2)]");
}
