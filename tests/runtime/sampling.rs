//! The sampler on the toy bundle.

use std::ops::ControlFlow;

use ndarray::{Array3, Axis, s};
use oasis::bundle::Graph;
use oasis::runtime::{
    Backend, Choice, Condition, Engine, EngineInfo, EngineOptions, Given, Noise, Oasis, Progress, SampleRequest,
    Session, Tensor, TensorView, engine, uniform,
};
use oasis::{ErrorKind, Result};

use super::toy;

fn open() -> (tempfile::TempDir, Oasis) {
    let (dir, bundle) = toy::bundle();
    let options = EngineOptions { threads: Some(2), ..EngineOptions::default() };
    (dir, Oasis::open_with(&bundle, Backend::Tract, &options).unwrap())
}

fn sample(oasis: &Oasis, request: &SampleRequest) -> Result<Array3<i64>> {
    oasis.sample(request, &mut |_| ControlFlow::Continue(()))
}

#[test]
fn a_sample_depends_on_its_seed_and_number_only() {
    let (_dir, oasis) = open();
    let all = sample(&oasis, &SampleRequest::new(5, 11)).unwrap();
    assert_eq!(all, sample(&oasis, &SampleRequest::new(5, 11)).unwrap());
    assert_ne!(all, sample(&oasis, &SampleRequest::new(5, 12)).unwrap());
    assert_ne!(all.index_axis(Axis(0), 0), all.index_axis(Axis(0), 1));
    for first in 0..5 {
        let request = SampleRequest { first: first as u64, ..SampleRequest::new(1, 11) };
        let alone = sample(&oasis, &request).unwrap();
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
            let noise = Noise::new(request.seed, index as u64, row as u16, column as u16);
            let code = request.choice.draw(&logits.slice(s![index, .., row, column]).to_vec(), noise).unwrap().code;
            codes[[index, row, column]] = code as i64;
        }
    }
    assert_eq!(sample(&oasis, &request).unwrap(), codes);
}

#[test]
fn temperature_zero_is_the_likeliest_at_each_step() {
    let (_dir, oasis) = open();
    let choice = Choice { temperature: 0.0, ..Choice::default() };
    let cold = sample(&oasis, &SampleRequest { choice, ..SampleRequest::new(2, 1) }).unwrap();
    assert_eq!(cold.index_axis(Axis(0), 0), cold.index_axis(Axis(0), 1));
    let top_1 = Choice { top_k: Some(1), ..Choice::default() };
    assert_eq!(cold, sample(&oasis, &SampleRequest { choice: top_1, ..SampleRequest::new(2, 9) }).unwrap());
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
    let near = Condition { slice: Some(0), class: Some(0) };
    let far = Condition { slice: Some(31), class: None };
    let request = |conditions: Vec<Condition>| SampleRequest { conditions, ..SampleRequest::new(2, 3) };
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
    let with = |codes: Array3<i64>, rows: usize| {
        let given = Some(Given { codes, rows });
        sample(&oasis, &SampleRequest { given, ..SampleRequest::new(2, 5) })
    };
    // The same noise after the same rows gives the same samples.
    assert_eq!(with(first.clone(), 2).unwrap(), first);
    assert_eq!(with(first.clone(), 4).unwrap(), first);
    assert_eq!(with(Array3::zeros((1, 4, 4)), 0).unwrap(), first);
    let zeros = with(Array3::zeros((1, 4, 4)), 2).unwrap();
    assert!(zeros.slice(s![.., ..2, ..]).iter().all(|code| *code == 0));
    assert!(with(Array3::zeros((3, 4, 4)), 2).is_err());
    assert!(with(Array3::zeros((1, 4, 5)), 2).is_err());
    assert!(with(Array3::from_elem((1, 4, 4), 8), 2).is_err());
    assert_eq!(with(Array3::zeros((1, 4, 4)), 5).unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn requests_outside_their_ranges_are_usage_errors() {
    let (_dir, oasis) = open();
    let base = SampleRequest::new(2, 1);
    let choice = |choice: Choice| SampleRequest { choice, ..base.clone() };
    let condition = |slice, class| {
        let conditions = vec![Condition { slice, class }];
        SampleRequest { conditions, ..base.clone() }
    };
    let bad = [
        SampleRequest::new(0, 1),
        choice(Choice { temperature: -0.5, ..Choice::default() }),
        choice(Choice { top_k: Some(9), ..Choice::default() }),
        choice(Choice { top_p: Some(1.5), ..Choice::default() }),
        condition(Some(33), None),
        condition(Some(-1), None),
        condition(None, Some(4)),
        SampleRequest { conditions: vec![Condition::default(); 3], ..base.clone() },
    ];
    for request in bad {
        assert_eq!(sample(&oasis, &request).unwrap_err().kind(), ErrorKind::Usage, "{request:?}");
    }
    assert!(sample(&oasis, &condition(Some(32), Some(3))).is_ok());
}

#[test]
fn progress_tells_of_rows_and_can_stop() {
    let (_dir, oasis) = open();
    let mut seen = Vec::new();
    let stopped = oasis.sample(&SampleRequest::new(1, 1), &mut |progress| {
        seen.push(progress);
        ControlFlow::Break(())
    });
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Interrupted);
    assert!(matches!(seen[..], [Progress { rows_done: 1..4, rows: 4 }]), "{seen:?}");
    seen.clear();
    let mut watch = |progress: Progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    };
    oasis.sample(&SampleRequest::new(3, 1), &mut watch).unwrap();
    assert!(seen.is_sorted_by(|a, b| a.rows_done < b.rows_done), "{seen:?}");
    assert_eq!(seen.last(), Some(&Progress { rows_done: 4, rows: 4 }));
}

#[test]
fn logits_that_are_no_numbers_are_a_model_error() {
    let dir = tempfile::tempdir().unwrap();
    let bundle = toy::write(&dir.path().join("toy"), |role, model| {
        if *role == oasis::bundle::Role::Prior {
            model.weights[2] = super::wire::floats("condition.weight", &[2, 8], &[f32::NAN; 16]);
        }
    });
    let oasis = Oasis::open(&bundle.unwrap(), Backend::Tract).unwrap();
    let error = sample(&oasis, &SampleRequest::new(1, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.to_string().contains("prior.onnx") && error.why().contains("row 0, column 0"), "{error}");
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

    fn load(&self, graph: &Graph) -> Result<Box<dyn Session>> {
        Ok(Box::new(ShakySession(self.0.load(graph)?)))
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
    let (top_k, top_p) = (Some(6), Some(0.9));
    let choices = [
        Choice { temperature: 0.2, ..Choice::default() },
        Choice { temperature: 0.5, top_k, ..Choice::default() },
        Choice { temperature: 0.5, top_p, ..Choice::default() },
    ];
    for choice in choices {
        let request = SampleRequest { choice, ..SampleRequest::new(2000, 4) };
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
    assert!(oasis.bits_per_code(codes.view(), condition.slice(s![..3, ..])).is_err());
}
