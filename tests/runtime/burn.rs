//! Burn on the shipped bundle, which these tests are built with.

use std::ops::ControlFlow;
use std::path::Path;

use ndarray::{Array2, Array3, Array4, Axis, s};
use oasis::bundle::{Bundle, Role};
use oasis::data::phantom;
#[cfg(not(feature = "vulkan"))]
use oasis::runtime::BurnDevice;
use oasis::runtime::parity::compare;
use oasis::runtime::{Backend, EngineOptions, Given, Oasis, SampleRequest, TensorView, doctor, engine};
use oasis::{ErrorKind, metrics};

use super::skips::skipped;
use super::toy;

fn shipped() -> Bundle {
    Bundle::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx")).unwrap()
}

fn phantoms(count: u8) -> Vec<Array2<f32>> {
    (0..count).map(|number| phantom::draw(5, number.into(), 8 + 4 * number)).collect()
}

fn batch(count: u8) -> Array4<f32> {
    let images = phantoms(count);
    let views: Vec<_> = images.iter().map(|image| image.view().insert_axis(Axis(0))).collect();
    ndarray::stack(Axis(0), &views).unwrap()
}

#[test]
fn burn_agrees_with_the_other_engines_on_batches_of_one_and_three() {
    let bundle = shipped();
    let mut backends = vec![Backend::Tract, Backend::Burn];
    let ort = doctor::examine(Backend::Ort, &EngineOptions::default());
    if ort.available {
        backends.push(Backend::Ort);
    } else {
        assert!(!cfg!(feature = "ort") || std::env::var_os("OASIS_REQUIRE_ORT").is_none(), "{ort:?}");
        skipped(&format!("no ONNX Runtime to compare with Burn: {ort:?}"));
    }
    let opened: Vec<Oasis> = backends.iter().map(|backend| Oasis::open(&bundle, *backend).unwrap()).collect();
    let engines: Vec<&Oasis> = opened.iter().collect();
    for count in [1, 3] {
        let images = phantoms(count).into_iter().map(Ok);
        let compared = compare(&engines, images, &|a, b| metrics::ssim(a, b), &mut |_| ControlFlow::Continue(()));
        let report = compared.unwrap();
        assert!(report.pass, "{}", serde_json::to_string_pretty(&report).unwrap());
        assert_eq!(report.pairs.len(), engines.len() * (engines.len() - 1) / 2);
        assert!(report.pairs.iter().all(|pair| pair.images == usize::from(count) && pair.stages.prior.is_some()));
    }
}

#[test]
fn four_threads_at_once_give_what_one_gives() {
    let (bundle, images) = (shipped(), batch(3));
    for (threads, runs) in [(1, 4), (1, 1), (2, 1)] {
        let options = EngineOptions::default().threads(threads).runs(runs);
        let oasis = Oasis::open_with(&bundle, Backend::Burn, &options).unwrap();
        let expected = oasis.reconstruct(images.view()).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2 {
                        assert_eq!(oasis.reconstruct(images.view()).unwrap(), expected);
                    }
                });
            }
        });
    }
}

#[test]
fn views_that_are_not_in_one_piece_are_read_right() {
    let oasis = Oasis::open(&shipped(), Backend::Burn).unwrap();
    let mut mirrored = batch(1);
    mirrored.invert_axis(Axis(3));
    let copied = mirrored.as_standard_layout().into_owned();
    assert_eq!(oasis.latents(mirrored.view()).unwrap(), oasis.latents(copied.view()).unwrap());
}

#[test]
fn samples_repeat_and_keep_what_is_given() {
    let oasis = Oasis::open(&shipped(), Backend::Burn).unwrap();
    let [height, width] = oasis.sizes().grid;
    let rows = height - 5;
    let request = SampleRequest::new(2, 3).given(Given::new(Array3::from_elem((1, height, width), 7), rows));
    let sampler = oasis.sampler().unwrap();
    let sample = || sampler.sample(&request, &mut |_| ControlFlow::Continue(())).unwrap();
    let drawn = sample();
    assert_eq!(drawn, sample());
    assert!(drawn.slice(s![.., ..rows, ..]).iter().all(|code| *code == 7));
    assert_eq!(oasis.decode(drawn.view()).unwrap().dim(), (2, 1, 256, 256));
}

#[test]
fn a_bundle_that_was_not_built_in_is_refused_with_the_command_that_builds_it_in() {
    let (_dir, bundle) = toy::bundle();
    let oasis = Oasis::open(&bundle, Backend::Burn).unwrap();
    for role in Role::FIXED {
        let error = oasis.load(&role).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Environment);
        assert!(error.subject().to_string().contains(&role.file_name()), "{error}");
        for bundle in [&bundle, &shipped()] {
            assert!(error.why().contains(bundle.file(&role).unwrap().sha256().unwrap()), "{error}");
        }
        let command = "OASIS_BURN_BUNDLE=DIR cargo build --release --features burn-engine";
        assert!(error.hints()[0].contains(command), "{:?}", error.hints());
    }
}

#[test]
fn a_session_names_the_input_that_does_not_fit() {
    let bundle = shipped();
    let engine = engine(Backend::Burn, &EngineOptions::default()).unwrap();
    let session = engine.load(bundle.file(&Role::Encoder).unwrap()).unwrap();
    let error = session.run(&[("picture", TensorView::floats(&batch(1)))]).unwrap_err();
    assert_eq!((error.kind(), error.why()), (ErrorKind::Model, "found input `picture`, expected image"));
    assert!(error.subject().to_string().ends_with("encoder.onnx"), "{error}");
}

#[test]
fn devices_that_are_not_there_say_so() {
    #[cfg(not(feature = "vulkan"))]
    {
        let options = EngineOptions::default().burn_device(BurnDevice::Vulkan);
        let error = engine(Backend::Burn, &options).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Environment);
        let build = "build with `cargo build --release --features burn-engine,vulkan`";
        assert_eq!(error.hints(), [build, "or set `burn_device` to cpu"]);
    }
    let report = doctor::examine(Backend::Burn, &EngineOptions::default());
    assert_eq!(report.info.unwrap().providers, ["cpu (flex)"]);
}
