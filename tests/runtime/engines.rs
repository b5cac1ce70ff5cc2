//! The pipeline on the toy bundle.

use ndarray::{Array2, Array3, Array4, Axis, s};
use oasis::bundle::Role;
use oasis::onnx::ModelFile;
use oasis::runtime::{Backend, EngineOptions, Oasis, TensorView, doctor, engine};
use oasis::{Error, ErrorKind, Subject};

use super::toy;

fn open(threads: usize) -> (tempfile::TempDir, Oasis) {
    let (dir, bundle) = toy::bundle();
    let options = EngineOptions::default().threads(threads);
    (dir, Oasis::open_with(&bundle, Backend::Tract, &options).unwrap())
}

#[test]
fn shapes_and_ranges_are_the_contract_s() {
    let (_dir, oasis) = open(2);
    let images = toy::images(3);
    let latents = oasis.latents(images.view()).unwrap();
    assert_eq!(latents.dim(), (3, toy::D, toy::GRID, toy::GRID));
    let codes = oasis.encode(images.view()).unwrap();
    assert_eq!(codes, oasis.quantize(latents.view()).unwrap());
    assert!(codes.iter().any(|code| *code != codes[[0, 0, 0]]));
    let decoded = oasis.decode(codes.view()).unwrap();
    assert_eq!(decoded, oasis.reconstruct(images.view()).unwrap());
    assert!(decoded.iter().all(|value| (0.0..=1.0).contains(value)));
    let condition = Array2::from_shape_fn((3, 2), |(_, axis)| [32, 3][axis]);
    let logits = oasis.prior_logits(codes.view(), condition.view()).unwrap();
    assert_eq!(logits.dim(), (3, toy::K, toy::GRID, toy::GRID));
}

#[test]
fn codes_are_those_of_the_nearest_codewords() {
    let (_dir, oasis) = open(1);
    let latents = oasis.latents(toy::images(2).view()).unwrap();
    let codes = oasis.quantize(latents.view()).unwrap();
    let codebook = oasis.bundle().codebook().unwrap();
    for ((n, y, x), code) in codes.indexed_iter() {
        let z = latents.slice(s![n, .., y, x]);
        let distances: Vec<f32> = codebook.rows().into_iter().map(|e| (&z - &e).mapv(|v| v * v).sum()).collect();
        let nearest = (0..toy::K).min_by(|&i, &j| distances[i].total_cmp(&distances[j])).unwrap();
        assert_eq!(*code, nearest as i64);
    }
}

#[test]
fn a_batch_equals_its_images_on_any_number_of_threads() {
    let images = toy::images(5);
    let (_dir, one) = open(1);
    let expected = one.reconstruct(images.view()).unwrap();
    for threads in [1, 2, 3] {
        let (_dir, oasis) = open(threads);
        assert_eq!(oasis.reconstruct(images.view()).unwrap(), expected, "{threads} threads");
        for (index, image) in images.axis_iter(Axis(0)).enumerate() {
            let alone = oasis.reconstruct(image.insert_axis(Axis(0))).unwrap();
            assert_eq!(alone.slice(s![0, .., .., ..]), expected.slice(s![index, .., .., ..]));
        }
    }
}

#[test]
fn one_pipeline_serves_many_threads() {
    let (_dir, oasis) = open(2);
    let images = toy::images(2);
    let expected = oasis.reconstruct(images.view()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(oasis.reconstruct(images.view()).unwrap(), expected);
                }
            });
        }
    });
}

/// 8 threads that each run 1,000 images, one at a time and in batches, on engines of several settings.
#[test]
fn eight_threads_of_a_thousand_images_give_the_same_codes() {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let images = toy::images(10);
    let mut all = Vec::new();
    for threads in [1, 2] {
        let (_dir, oasis) = open(threads);
        let work = |batch: usize| {
            let mut hash = DefaultHasher::new();
            for _ in 0..100 {
                for images in images.axis_chunks_iter(Axis(0), batch) {
                    oasis.encode(images).unwrap().iter().for_each(|code| code.hash(&mut hash));
                }
            }
            hash.finish()
        };
        std::thread::scope(|scope| {
            let running: Vec<_> =
                [1, 1, 1, 1, 2, 5, 10, 10].map(|batch| scope.spawn(move || work(batch))).into_iter().collect();
            all.extend(running.into_iter().map(|thread| thread.join().unwrap()));
        });
    }
    assert!(all.iter().all(|hash| *hash == all[0]), "{all:?}");
}

#[test]
fn views_that_are_not_in_one_piece_are_read_right() {
    let (_dir, oasis) = open(1);
    let images = toy::images(2);
    let mut mirrored = images.clone();
    mirrored.invert_axis(Axis(3));
    let copied = mirrored.as_standard_layout().into_owned();
    assert_eq!(oasis.latents(mirrored.view()).unwrap(), oasis.latents(copied.view()).unwrap());
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let (_dir, oasis) = open(1);
    let small = Array4::zeros((1, 1, 128, 256));
    let refused = |error: Error, tensor: &str, why: &str| {
        assert_eq!((error.kind(), error.subject(), error.why()), (ErrorKind::Input, &Subject::tensor(tensor), why));
    };
    let shape = "found shape [1, 1, 128, 256], expected [n, 1, 256, 256]";
    refused(oasis.encode(small.view()).unwrap_err(), "image", shape);
    let none = Array4::zeros((0, 1, 256, 256));
    let shape = "found shape [0, 1, 256, 256], expected [n, 1, 256, 256]";
    refused(oasis.encode(none.view()).unwrap_err(), "image", shape);
    for value in [f32::NAN, 255.0, -0.1] {
        let images = Array4::from_elem((1, 1, 256, 256), value);
        let why = format!("found value {value}, expected values in 0..1");
        refused(oasis.encode(images.view()).unwrap_err(), "image", &why);
    }
    let latents = Array4::from_elem((1, toy::D, toy::GRID, toy::GRID), f32::INFINITY);
    refused(oasis.quantize(latents.view()).unwrap_err(), "latents", "found value inf, expected finite values");
    for code in [-1, toy::K as i64] {
        let codes = Array3::from_elem((1, toy::GRID, toy::GRID), code);
        refused(oasis.decode(codes.view()).unwrap_err(), "codes", &format!("found code {code}, expected 0 to 7"));
    }
    let codes = Array3::zeros((1, toy::GRID, toy::GRID));
    for condition in [[33, 0], [0, 4], [-1, 0]] {
        let why = format!("found {condition:?}, expected a slice in 0..=32 and a class in 0..=3");
        let condition = Array2::from_shape_fn((1, 2), |(_, axis)| condition[axis]);
        refused(oasis.prior_logits(codes.view(), condition.view()).unwrap_err(), "condition", &why);
    }
}

#[test]
fn a_session_names_the_input_that_does_not_fit() {
    let (_dir, bundle) = toy::bundle();
    let engine = engine(Backend::Tract, &EngineOptions::default()).unwrap();
    let session = engine.load(bundle.file(&Role::Encoder).unwrap()).unwrap();
    let image = toy::images(1);
    let codes = Array3::<i64>::zeros((1, 4, 4));
    let wrong = [
        (vec![("picture", TensorView::floats(&image))], "found input `picture`, expected image"),
        (vec![], "input `image` is missing"),
        (
            vec![("image", TensorView::integers(&codes))],
            "found i64 [1, 4, 4] for input `image`, expected image f32 [batch, 1, 256, 256]",
        ),
    ];
    for (inputs, why) in wrong {
        let error = session.run(&inputs).unwrap_err();
        assert_eq!((error.kind(), error.why()), (ErrorKind::Model, why));
        assert!(error.subject().to_string().ends_with("encoder.onnx"), "{error}");
    }
}

#[test]
fn an_operator_that_tract_lacks_is_an_error_that_names_it() {
    let mut model = toy::model(&Role::Encoder);
    model.nodes[0] = super::wire::node("Convolute", &["image"], "latents", &[]);
    let file = ModelFile::read("odd.onnx", model.write()).unwrap().with_workload(Role::Encoder.workload());
    let engine = engine(Backend::Tract, &EngineOptions::default()).unwrap();
    let error = engine.load(&file).err().unwrap();
    assert_eq!((error.kind(), error.subject().to_string().as_str()), (ErrorKind::Model, "odd.onnx"));
    assert!(error.why().contains("Convolute"), "{error}");
}

#[test]
fn the_doctor_reports_every_engine() {
    let report = doctor::report(&EngineOptions::default());
    let names: Vec<_> = report.engines.iter().map(|engine| engine.name.as_str()).collect();
    assert_eq!(names, ["tract", "ort", "ort-cuda", "burn"]);
    assert!(report.engines[0].available);
    for engine in &report.engines {
        assert_eq!(engine.available, engine.reason.is_none());
        assert_eq!(engine.available, engine.info.is_some());
        assert!(engine.available || !engine.hints.is_empty(), "{engine:?}");
    }
    let threads = std::thread::available_parallelism().unwrap().get();
    assert_eq!(serde_json::to_value(&report).unwrap()["machine"]["threads"], threads);
    let tract = report.engines[0].info.as_ref().unwrap();
    let lock = include_str!("../../Cargo.lock");
    assert!(lock.contains(&format!("name = \"tract-onnx\"\nversion = \"{}\"\n", tract.version)), "{tract:?}");
    assert_eq!((tract.library.as_str(), &tract.wanted, tract.threads), ("tract", &tract.version, threads));
}
