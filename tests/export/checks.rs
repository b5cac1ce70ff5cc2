//! What is drawn to check a model, and what the check says.

use burn::module::Param;
use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor, TensorData};
use oasis::ErrorKind;
use oasis::export::{Exporter, Tolerance};

use crate::common::{engines, floats, ints};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        floats_without_a_range_are_of_every_kind,
        floats_with_a_range_stay_in_it,
        integers_reach_the_ends_of_their_range,
        ranges_that_nobody_gave_are_named,
        a_panic_in_burn_is_an_error_that_says_at_which_input,
        large_results_pass_and_faults_in_them_do_not,
        masked_results_do_not_excuse_a_fault,
        cases_are_repeated_by_their_seed
    ]
}

/// The values of the first input in each of four cases.
fn drawn(exporter: Exporter, forward: impl Fn(Tensor<2>) -> Tensor<2> + Send + 'static) -> Vec<Vec<f64>> {
    let exported = exporter.export_fn(floats([40, 10]), forward).expect("a function");
    let cases = exported.cases(4, 1).expect("cases");
    cases.iter().map(|case| case.inputs[0].1.iter::<f64>().collect()).collect()
}

fn floats_without_a_range_are_of_every_kind() {
    let [plain, ties, large, others] = drawn(Exporter::new(), |x| x * 2.0).try_into().expect("four cases");
    let share = |values: &[f64], wanted: fn(f64) -> bool| values.iter().filter(|x| wanted(**x)).count() as f64 / 400.0;
    assert!((0.4..0.6).contains(&share(&plain, |x| x < 0.0)) && share(&plain, |x| x.abs() <= 1.0) == 1.0);
    let mut kinds = ties;
    kinds.sort_by(f64::total_cmp);
    kinds.dedup();
    assert_eq!(kinds.len(), 8);
    assert!(
        share(&large, |x| x > 16.0) > 0.02
            && share(&large, |x| x < -16.0) > 0.02
            && share(&large, |x| x.abs() < 1.0) > 0.2
    );
    assert!(others.iter().any(|x| x.is_nan()) && others.contains(&f64::INFINITY) && others.contains(&0.0));
    // Where nothing says what an operation makes of them, they are finite, and without ties.
    let [_, _, _, others] = drawn(Exporter::new(), |x| softmax(x, 1)).try_into().expect("four cases");
    assert!(others.iter().all(|x| x.is_finite()));
    let mut kinds = drawn(Exporter::new(), |x| x.sort_with_indices(1).1.float()).swap_remove(1);
    kinds.sort_by(f64::total_cmp);
    kinds.dedup();
    assert!(kinds.len() > 100);
}

fn floats_with_a_range_stay_in_it() {
    let cases = drawn(Exporter::new().input("x").float_range("x", 2.0..3.0), |x| x * 2.0);
    assert!(cases.iter().flatten().all(|x| (2.0..3.0).contains(x)));
}

fn integers_reach_the_ends_of_their_range() {
    let exported = Exporter::new()
        .input("x")
        .int_range("x", i64::from(i32::MIN)..i64::from(i32::MAX) + 1)
        .export_fn(ints::<1>([50], 3), |x: Tensor<1, Int>| x.clone().max() - x.min())
        .expect("a difference");
    for case in exported.cases(3, 1).expect("cases") {
        let values: Vec<i64> = case.inputs[0].1.iter().collect();
        assert!(values.contains(&i32::MIN.into()) && values.contains(&i32::MAX.into()));
        assert!(values.iter().any(|x| x.abs() < i64::from(i32::MAX) / 2));
    }
}

fn ranges_that_nobody_gave_are_named() {
    let export = |exporter: Exporter| {
        let sample = (ints::<1>([4], 5), floats::<1>([4]));
        let f = |(i, x): (Tensor<1, Int>, Tensor<1>)| i.float() * x;
        exporter.input("ids").input("x").export_fn(sample, f).expect("a product")
    };
    let (unknown, known) = (export(Exporter::new()), export(Exporter::new().int_range("ids", 0..9)));
    assert_eq!(unknown.assumed_ranges(), [("ids", 0..=4)]);
    assert_eq!((known.assumed_ranges(), known.int_range("ids"), known.int_range("x")), (vec![], Some(0..=8), None));
    let engine = engines()[0].as_ref();
    let told = unknown.verify(engine, 1).expect("a result").remove(0);
    assert_eq!(told.assumed, [("ids".to_owned(), 0..=4)]);
    assert!(told.to_string().contains("ids was drawn from 0 to 4 as in the sample"), "{told}");
    assert_eq!(known.verify(engine, 1).expect("a result").remove(0).assumed, []);
}

fn a_panic_in_burn_is_an_error_that_says_at_which_input() {
    let table = Param::from_tensor(floats::<2>([5, 2]));
    let exported = Exporter::new()
        .name("rows")
        .input("ids")
        .int_range("ids", 0..9)
        .dynamic_axis("ids", 0, "count")
        .export(&table, ints::<1>([3], 5), |table: &Param<Tensor<2>>, ids: Tensor<1, Int>| table.val().select(0, ids))
        .expect("rows of a table");
    let errors = [
        exported.cases(3, 7).expect_err("a row that the table has not"),
        exported.case(&[("count", 40)], 7).expect_err("a row that the table has not"),
        exported.verify(engines()[0].as_ref(), 3).expect_err("a row that the table has not"),
    ];
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::Model);
        assert!(error.why().contains("it panicked on case") && error.why().contains("ids ["), "{error}");
        assert!(error.hints()[0].contains("int_range"), "{error}");
    }
    assert!(errors[1].why().contains("case 0 of seed 7 (count 40, ids [40] of 0 to 8): "), "{}", errors[1]);
    let error = exported.case(&[("batch", 2)], 1).expect_err("an axis that the model has not");
    assert_eq!(error.message(), "cannot make a case: rows: there is no dynamic axis batch; the axes are count");
}

fn large_results_pass_and_faults_in_them_do_not() {
    let exported = Exporter::new()
        .input("x")
        .float_range("x", -300.0..300.0)
        .dynamic_axis("x", 0, "batch")
        .export_fn(floats::<2>([2, 500]), |x: Tensor<2>| x.clone().matmul(x.transpose()))
        .expect("products");
    for engine in engines() {
        let outputs = exported.verify(engine.as_ref(), 3).expect("results");
        assert!(outputs.iter().all(oasis::export::Comparison::pass), "{}: {outputs:?}", engine.name());
    }
    let case = exported.case(&[("batch", 30)], 1).expect("a case");
    let expected = &case.expected[0].1;
    let tolerance = exported.tolerance().scaled(expected);
    let most = expected.iter::<f32>().map(f32::abs).fold(0.0, f32::max);
    let moved = |by: f32| {
        let values: Vec<f32> = expected.iter::<f32>().map(|x| x + by * most).collect();
        let data = TensorData::new(values, expected.shape().clone());
        case.compare(&[data], tolerance).expect("of one shape").remove(0).pass()
    };
    assert!(moved(1e-7) && !moved(1e-4) && !moved(-1e-3));
}

fn masked_results_do_not_excuse_a_fault() {
    let mut values: Vec<f32> = (0..100).map(|i| if i % 3 == 0 { -1e9 } else { i as f32 / 50.0 }).collect();
    let expected = TensorData::new(values.clone(), [100]);
    values[50] += 1e-3;
    let tolerance = Tolerance::default().scaled(&expected);
    let found = oasis::export::compare("logits", &expected, &TensorData::new(values, [100]), tolerance);
    assert_eq!(found.expect("of one shape").outside, 1);
}

fn cases_are_repeated_by_their_seed() {
    let exported = Exporter::new().export_fn(floats::<2>([2, 3]), |x: Tensor<2>| x * 2.0).expect("a product");
    let inputs = |seed| exported.cases(2, seed).expect("cases").into_iter().map(|case| case.inputs).collect::<Vec<_>>();
    assert_eq!(inputs(3), inputs(3));
    assert_ne!(inputs(3), inputs(4));
}
