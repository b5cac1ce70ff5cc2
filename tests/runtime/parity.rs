//! The comparison of engines, with one that errs on purpose.

use std::ops::ControlFlow;

use ndarray::{Array2, ArrayView2, Axis, s};
use oasis::bundle::{Bundle, Role, keys};
use oasis::onnx::ModelFile;
use oasis::runtime::parity::{Report, compare, compare_samples};
use oasis::runtime::{
    Backend, Engine, EngineInfo, EngineOptions, Oasis, SampleRequest, Session, Tensor, TensorView, engine,
};
use oasis::{ErrorKind, Result, Subject};

use super::toy;

/// tract, with a constant added to the outputs of one role.
struct Nudged {
    tract: Box<dyn Engine>,
    role: Role,
    by: f32,
}

struct NudgedSession {
    session: Box<dyn Session>,
    by: f32,
}

impl Engine for Nudged {
    fn name(&self) -> &str {
        "nudged"
    }

    fn check(&self) -> Result<EngineInfo> {
        self.tract.check()
    }

    fn load(&self, file: &ModelFile) -> Result<Box<dyn Session>> {
        let session = self.tract.load(file)?;
        let nudged = file.model().property(keys::ROLE) == Some(self.role.as_str());
        let by = if nudged { self.by } else { 0.0 };
        Ok(Box::new(NudgedSession { session, by }))
    }
}

impl Session for NudgedSession {
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        let nudge = |(name, tensor): (String, Tensor)| {
            let tensor = match tensor {
                Tensor::F32(array) => Tensor::F32(array + self.by),
                Tensor::I64(array) if self.by != 0.0 => Tensor::I64(array.mapv(|code| (code + 1) % toy::K as i64)),
                other => other,
            };
            (name, tensor)
        };
        Ok(self.session.run(inputs)?.into_iter().map(nudge).collect())
    }
}

/// A stand-in for SSIM that moves as much as the images do.
fn likeness(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> f64 {
    1.0 - a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / a.len() as f64
}

pub fn images(count: usize) -> Vec<Result<Array2<f32>>> {
    let images = toy::images(count);
    images.axis_iter(Axis(0)).map(|image| Ok(image.slice(s![0, .., ..]).to_owned())).collect()
}

pub fn run(engines: &[&Oasis], count: usize) -> Result<Report> {
    compare(engines, images(count), &likeness, &mut |_| ControlFlow::Continue(()))
}

fn against(bundle: &Bundle, role: Role, by: f32) -> Report {
    try_against(bundle, role, by).unwrap()
}

fn try_against(bundle: &Bundle, role: Role, by: f32) -> Result<Report> {
    let tract = engine(Backend::Tract, &EngineOptions::default()).unwrap();
    let nudged = Oasis::with_engine(bundle, Box::new(Nudged { tract, role, by })).unwrap();
    let tract = Oasis::open(bundle, Backend::Tract).unwrap();
    run(&[&tract, &nudged], 3)
}

#[test]
fn an_engine_agrees_with_itself() {
    let (_dir, bundle) = toy::bundle();
    let report = against(&bundle, Role::Encoder, 0.0);
    let pair = &report.pairs[0];
    assert!(report.pass && pair.pass);
    assert_eq!((pair.images, pair.codes.flips, pair.codes.agreement), (3, 0, 1.0));
    let json = serde_json::to_value(&report).unwrap();
    for field in ["max_abs", "mean_abs", "atol", "rtol", "pass"] {
        for stage in ["encoder", "quantizer", "decoder", "prior"] {
            assert!(!json["pairs"][0]["stages"][stage][field].is_null(), "{stage} {field}");
        }
    }
    let pair = &json["pairs"][0];
    assert_eq!((&pair["a"], &pair["b"]), (&"tract".into(), &"nudged".into()));
    assert_eq!(pair["ssim"]["max_abs_diff"], 0.0);
    assert_eq!(pair["ssim"]["a_mean"], pair["ssim"]["b_mean"]);
    let codes = serde_json::json!({"agreement": 1.0, "flips": 0, "unexcused_flips": 0, "max_margin": null});
    assert_eq!(pair["codes"], codes);
    assert_eq!(pair.get("samples"), None);
}

#[test]
fn a_nudge_of_each_stage_fails_that_stage() {
    let (_dir, bundle) = toy::bundle();
    for role in Role::FIXED {
        let report = against(&bundle, role.clone(), 0.01);
        let stages = report.pairs[0].stages;
        let passes = [stages.encoder, stages.quantizer, stages.decoder, stages.prior.unwrap()];
        let expected = Role::FIXED.map(|other| other != role);
        assert!(!report.pass, "{role}");
        assert_eq!(passes.map(|stage| stage.pass), expected, "{role}");
    }
}

#[test]
fn a_nudge_within_tolerance_passes_and_what_is_not_finite_is_an_error() {
    let (_dir, bundle) = toy::bundle();
    assert!(against(&bundle, Role::Decoder, 5e-6).pass);
    for role in [Role::Encoder, Role::Decoder, Role::Prior] {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = try_against(&bundle, role.clone(), value).unwrap_err();
            assert_eq!((error.kind(), error.what()), (ErrorKind::Model, "nudged gives wrong values"));
            assert!(error.subject().to_string().ends_with(&role.file_name()), "{error}");
        }
    }
}

#[test]
fn one_engine_under_two_names_is_refused() {
    let (_dir, bundle) = toy::bundle();
    let [a, b] = [0, 1].map(|_| Oasis::open(&bundle, Backend::Tract).unwrap());
    for (engines, why) in [
        (&[&a, &b][..], "found tract,tract, which names one engine twice"),
        (&[&a], "found 1, expected at least two engines"),
    ] {
        let error = run(engines, 1).unwrap_err();
        assert_eq!((error.kind(), error.why()), (ErrorKind::Usage, why));
        assert_eq!(error.subject(), &Subject::setting("backends"));
    }
}

#[test]
fn no_image_is_an_error_and_so_is_a_bad_one() {
    let (_dir, bundle) = toy::bundle();
    let a = Oasis::open(&bundle, Backend::Tract).unwrap();
    let tract = engine(Backend::Tract, &EngineOptions::default()).unwrap();
    let b = Oasis::with_engine(&bundle, Box::new(Nudged { tract, role: Role::Prior, by: 0.0 })).unwrap();
    let none = run(&[&a, &b], 0).unwrap_err();
    assert_eq!((none.kind(), none.why()), (ErrorKind::Input, "there is none"));
    let small = vec![Ok(Array2::zeros((16, 16)))];
    let error = compare(&[&a, &b], small, &likeness, &mut |_| ControlFlow::Continue(())).unwrap_err();
    let why = "image 0: found shape [16, 16], expected [256, 256]";
    assert_eq!((error.kind(), error.why()), (ErrorKind::Input, why));
    let stopped = compare(&[&a, &b], images(20), &likeness, &mut |_| ControlFlow::Break(()));
    let stopped = stopped.unwrap_err();
    assert_eq!((stopped.kind(), stopped.why()), (ErrorKind::Interrupted, "stopped after 8 images"));
}

#[test]
fn samples_are_counted_for_the_engines_of_the_report() {
    let (_dir, bundle) = toy::bundle();
    let plain = engine(Backend::Tract, &EngineOptions::default()).unwrap();
    let other = Oasis::with_engine(&bundle, Box::new(Nudged { tract: plain, role: Role::Prior, by: 0.0 })).unwrap();
    let tract = Oasis::open(&bundle, Backend::Tract).unwrap();
    let engines = [&tract, &other];
    let mut report = run(&engines, 1).unwrap();
    let mut go_on = |_| ControlFlow::Continue(());
    compare_samples(&engines, &SampleRequest::new(5, 3), &mut report, &mut go_on).unwrap();
    let samples = report.pairs[0].samples.unwrap();
    assert_eq!((samples.count, samples.identical, samples.pass, report.pass), (5, 5, true, true));

    let error = compare_samples(&[&tract, &tract], &SampleRequest::new(5, 3), &mut report, &mut go_on).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}
