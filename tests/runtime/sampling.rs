//! The sampler on the toy bundle.

use std::ops::ControlFlow;

use ndarray::{Array3, Axis, s};
use oasis::bundle::{BundleWriter, Manifest, Role};
use oasis::onnx::ModelFile;
use oasis::runtime::{
    Backend, Choice, Condition, Engine, EngineInfo, EngineOptions, Given, Oasis, Progress, SampleRequest, Session,
    Tensor, TensorView, engine,
};
use oasis::{ErrorKind, Result, Subject};

use super::noise::{draw, uniform};
use super::toy;

fn open_on(threads: usize) -> (tempfile::TempDir, Oasis) {
    let (dir, bundle) = toy::bundle();
    (dir, Oasis::open_with(&bundle, Backend::Tract, &EngineOptions::default().threads(threads)).unwrap())
}

fn open() -> (tempfile::TempDir, Oasis) {
    open_on(2)
}

fn sample(oasis: &Oasis, request: &SampleRequest) -> Result<Array3<i64>> {
    oasis.sampler()?.sample(request, &mut |_| ControlFlow::Continue(()))
}

#[test]
fn a_sample_depends_on_its_seed_and_number_only() {
    let (_dir, oasis) = open();
    let all = sample(&oasis, &SampleRequest::new(5, 11)).unwrap();
    assert_eq!(all, sample(&oasis, &SampleRequest::new(5, 11)).unwrap());
    assert_ne!(all, sample(&oasis, &SampleRequest::new(5, 12)).unwrap());
    assert_ne!(all.index_axis(Axis(0), 0), all.index_axis(Axis(0), 1));
    for first in 0..5 {
        let alone = sample(&oasis, &SampleRequest::new(1, 11).first(first as u64)).unwrap();
        assert_eq!(alone.index_axis(Axis(0), 0), all.index_axis(Axis(0), first));
    }
}

#[test]
fn samples_are_those_drawn_code_by_code() {
    let (_dir, oasis) = open();
    let request = SampleRequest::new(3, 21);
    let condition = ndarray::arr2(&[[32_i64, 3]; 3]);
    let mut codes = Array3::zeros((3, 4, 4));
    for (row, column) in (0..4).flat_map(|row| (0..4).map(move |column| (row, column))) {
        let logits = oasis.prior_logits(codes.view(), condition.view()).unwrap();
        for index in 0..3 {
            let here = logits.slice(s![index, .., row, column]).to_vec();
            codes[[index, row, column]] = draw(&here, 21, index as u64, row as u16, column as u16);
        }
    }
    assert_eq!(sample(&oasis, &request).unwrap(), codes);
}

#[test]
fn temperature_zero_is_the_likeliest_at_each_step() {
    let (_dir, oasis) = open();
    let choice = Choice::default().temperature(0.0);
    let cold = sample(&oasis, &SampleRequest::new(2, 1).choice(choice)).unwrap();
    assert_eq!(cold.index_axis(Axis(0), 0), cold.index_axis(Axis(0), 1));
    let top_1 = Choice::default().top_k(1);
    assert_eq!(cold, sample(&oasis, &SampleRequest::new(2, 9).choice(top_1)).unwrap());
    let condition = ndarray::arr2(&[[32_i64, 3], [32, 3]]);
    let logits = oasis.prior_logits(cold.view(), condition.view()).unwrap();
    for ((n, y, x), code) in cold.indexed_iter() {
        let at = logits.slice(s![n, .., y, x]);
        assert!(at.iter().all(|logit| *logit <= at[*code as usize]));
    }
}

#[test]
fn conditions_change_samples_and_apply_to_their_own() {
    let (_dir, oasis) = open();
    let near = Condition::default().slice(0).class(0);
    let far = Condition::default().slice(31);
    let request = |conditions: Vec<Condition>| SampleRequest::new(2, 3).conditions(conditions);
    let both = sample(&oasis, &request(vec![near, far])).unwrap();
    let nears = sample(&oasis, &request(vec![near])).unwrap();
    let fars = sample(&oasis, &request(vec![far])).unwrap();
    assert_ne!(nears, fars);
    assert_eq!(both.index_axis(Axis(0), 0), nears.index_axis(Axis(0), 0));
    assert_eq!(both.index_axis(Axis(0), 1), fars.index_axis(Axis(0), 1));
}

#[test]
fn given_rows_are_kept_and_the_rest_follows_from_them() {
    let (_dir, oasis) = open();
    let first = sample(&oasis, &SampleRequest::new(2, 5)).unwrap();
    let with =
        |codes: Array3<i64>, rows: usize| sample(&oasis, &SampleRequest::new(2, 5).given(Given::new(codes, rows)));
    // The same noise after the same rows gives the same samples.
    assert_eq!(with(first.clone(), 2).unwrap(), first);
    assert_eq!(with(first.clone(), 4).unwrap(), first);
    assert_eq!(with(Array3::zeros((1, 4, 4)), 0).unwrap(), first);
    let zeros = with(Array3::zeros((1, 4, 4)), 2).unwrap();
    assert!(zeros.slice(s![.., ..2, ..]).iter().all(|code| *code == 0));
    let (input, usage) = (ErrorKind::Input, ErrorKind::Usage);
    let wrong = [
        (Array3::zeros((3, 4, 4)), 2, input, Subject::setting("given"), "found 3 grids, expected 1 or 2"),
        (Array3::zeros((1, 4, 5)), 2, input, Subject::tensor("codes"), "found shape [1, 4, 5], expected [n, 4, 4]"),
        (Array3::from_elem((1, 4, 4), 8), 2, input, Subject::tensor("codes"), "found code 8, expected 0 to 7"),
        (Array3::zeros((1, 4, 4)), 5, usage, Subject::setting("rows"), "found 5, expected 0 to 4"),
    ];
    for (codes, rows, kind, subject, why) in wrong {
        let error = with(codes, rows).unwrap_err();
        assert_eq!((error.kind(), error.subject(), error.why()), (kind, &subject, why));
    }
}

#[test]
fn requests_outside_their_ranges_are_usage_errors() {
    let (_dir, oasis) = open();
    let base = SampleRequest::new(2, 1);
    let choice = |choice: Choice| base.clone().choice(choice);
    let condition = |condition: Condition| base.clone().condition(condition);
    let (drawn, shown) = (Choice::default(), Condition::default());
    let bad = [
        (SampleRequest::new(0, 1), "count"),
        (choice(drawn.temperature(-0.5)), "temperature"),
        (choice(drawn.top_k(9)), "top_k"),
        (choice(drawn.top_p(1.5)), "top_p"),
        (condition(shown.slice(33)), "slice"),
        (condition(shown.slice(-1)), "slice"),
        (condition(shown.class(4)), "class"),
        (base.clone().conditions([shown; 3]), "conditions"),
    ];
    let sampler = oasis.sampler().unwrap();
    for (request, setting) in bad {
        let error = sample(&oasis, &request).unwrap_err();
        assert_eq!((error.kind(), error.subject()), (ErrorKind::Usage, &Subject::setting(setting)), "{request:?}");
        assert_eq!(sampler.check(&request).unwrap_err().to_string(), error.to_string());
        assert_eq!(error.hints().len(), 1, "{error}");
    }
    assert_eq!(sample(&oasis, &condition(shown.slice(32).class(3))).unwrap(), sample(&oasis, &base).unwrap());
}

#[test]
fn progress_tells_of_rows_and_can_stop() {
    let (_dir, oasis) = open();
    let mut seen = Vec::new();
    let sampler = oasis.sampler().unwrap();
    let stopped = sampler.sample(&SampleRequest::new(1, 1), &mut |Progress { rows_done, rows, .. }| {
        seen.push((rows_done, rows));
        ControlFlow::Break(())
    });
    let error = stopped.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(matches!(seen[..], [(1..4, 4)]), "{seen:?}");
    assert_eq!(error.why(), format!("stopped after {} of 4 rows", seen[0].0));
    seen.clear();
    let mut watch = |Progress { rows_done, rows, .. }: Progress| {
        seen.push((rows_done, rows));
        ControlFlow::Continue(())
    };
    sampler.sample(&SampleRequest::new(3, 1), &mut watch).unwrap();
    assert!(seen.is_sorted_by(|a, b| a.0 < b.0), "{seen:?}");
    assert_eq!(seen.last(), Some(&(4, 4)));
}

/// A wave is 16 samples a thread, and the progress tells the number of waves.
#[test]
fn the_engine_s_threads_are_those_of_sampling() {
    let request = SampleRequest::new(40, 8);
    let expected = sample(&open_on(1).1, &request).unwrap();
    for (threads, waves) in [(1, 3), (2, 2), (3, 1)] {
        let (_dir, oasis) = open_on(threads);
        let mut rows = 0;
        let mut watch = |progress: Progress| {
            rows = progress.rows;
            ControlFlow::Continue(())
        };
        assert_eq!(oasis.sampler().unwrap().sample(&request, &mut watch).unwrap(), expected);
        assert_eq!(rows, 4 * waves, "{threads} threads");
    }
}

#[test]
fn a_bundle_without_a_prior_has_no_sampler() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = BundleWriter::create(dir.path()).unwrap();
    for role in [Role::Encoder, Role::Quantizer, Role::Decoder] {
        writer.add(&role, &toy::model(&role).write()).unwrap();
    }
    let bundle = writer.finish(Manifest::new("toy", toy::sizes())).unwrap();
    let oasis = Oasis::open(&bundle, Backend::Tract).unwrap();
    let error = oasis.sampler().err().unwrap();
    assert_eq!((error.kind(), error.why()), (ErrorKind::Input, "the bundle has no file of role `prior`"));
}

#[test]
fn nan_in_the_logits_is_a_model_error() {
    let dir = tempfile::tempdir().unwrap();
    let bundle = toy::write(&dir.path().join("toy"), |role, model| {
        if *role == Role::Prior {
            model.weights[2] = super::wire::floats("condition.weight", &[2, 8], &[f32::NAN; 16]);
        }
    });
    let oasis = Oasis::open(&bundle.unwrap(), Backend::Tract).unwrap();
    let error = sample(&oasis, &SampleRequest::new(1, 1)).unwrap_err();
    let refused = |error: oasis::Error| {
        let why = "found NaN in `logits` of the prior, expected finite values";
        assert_eq!((error.kind(), error.what(), error.why()), (ErrorKind::Model, "tract gives wrong values", why));
        assert!(error.subject().to_string().ends_with("prior.onnx"), "{error}");
    };
    refused(error);
    let (codes, condition) = (Array3::zeros((1, 4, 4)), ndarray::arr2(&[[32_i64, 3]]));
    refused(oasis.bits_per_code(codes.view(), condition.view()).unwrap_err());
}

/// tract with float errors of its own in the logits.
struct Shaky(Box<dyn Engine>);

struct ShakySession(Box<dyn Session>);

impl Engine for Shaky {
    fn name(&self) -> &str {
        "shaky"
    }

    fn check(&self) -> Result<EngineInfo> {
        self.0.check()
    }

    fn load(&self, file: &ModelFile) -> Result<Box<dyn Session>> {
        Ok(Box::new(ShakySession(self.0.load(file)?)))
    }
}

impl Session for ShakySession {
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        let mut outputs = self.0.run(inputs)?;
        for (_, tensor) in outputs.iter_mut().filter(|(name, _)| name == "logits") {
            let Tensor::F32(logits) = tensor else { panic!("floats") };
            for (at, logit) in logits.iter_mut().enumerate() {
                *logit += 8e-5 * (uniform(5, at as u64) as f32 - 0.5);
            }
        }
        Ok(outputs)
    }
}

/// Nearly 100,000 draws at a low temperature, of which some 20 fall differently where each engine decides for itself.
#[test]
fn float_errors_of_an_engine_change_no_sample() {
    let (_dir, oasis) = open();
    let exact = engine(Backend::Tract, &EngineOptions::default()).unwrap();
    let shaky = Oasis::with_engine(oasis.bundle(), Box::new(Shaky(exact))).unwrap();
    let drawn = Choice::default();
    let choices = [drawn.temperature(0.2), drawn.temperature(0.5).top_k(6), drawn.temperature(0.5).top_p(0.9)];
    for choice in choices {
        let request = SampleRequest::new(2000, 4).choice(choice);
        assert!(sample(&oasis, &request).unwrap() == sample(&shaky, &request).unwrap(), "{choice:?}");
    }
}

#[test]
fn bits_per_code_are_those_of_the_logits() {
    let (_dir, oasis) = open();
    let codes = sample(&oasis, &SampleRequest::new(9, 2)).unwrap();
    let condition = ndarray::Array2::from_shape_fn((9, 2), |(n, axis)| [n as i64, 3][axis]);
    let bits = oasis.bits_per_code(codes.view(), condition.view()).unwrap();
    let logits = oasis.prior_logits(codes.view(), condition.view()).unwrap();
    for (n, bits) in bits.iter().enumerate() {
        let mut total = 0.0;
        for y in 0..4 {
            for x in 0..4 {
                let weights = logits.slice(s![n, .., y, x]).mapv(|logit| f64::from(logit).exp());
                total -= (weights[codes[[n, y, x]] as usize] / weights.sum()).log2();
            }
        }
        assert!((bits - total / 16.0).abs() < 1e-6, "{bits} {total}");
    }
    let error = oasis.bits_per_code(codes.view(), condition.slice(s![..3, ..])).unwrap_err();
    assert_eq!((error.kind(), error.why()), (ErrorKind::Input, "found shape [3, 2], expected [9, 2]"));
}
