//! Made-up slices, training, resume, export, and the runtime on what was exported.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use burn::tensor::Device;
use ndarray::{Array4, ArrayD, s};
use oasis::bundle::Role;
use oasis::data::{Dataset, Fit, Frame, SliceFile, Split, phantom};
use oasis::model::Preset;
use oasis::model::preset::Schedule;
use oasis::publish::{PublishRequest, publish};
use oasis::runtime::{Backend, Choice, Condition, Given, Oasis, SampleRequest, TensorView};
use oasis::train::{Outcome, RunRecord, TrainRequest, TrainedVqvae, train_prior, train_vqvae};
use oasis::{ErrorKind, jobs};
use serde_json::{Value, json};

use super::alone::alone;

/// A preset that trains in seconds.
fn request(data: &Path, out: &Path, preset: &str, epochs: usize) -> TrainRequest {
    let set = [
        "vqvae.channels=[8,16]".to_owned(),
        "vqvae.codebook_size=32".to_owned(),
        "vqvae.latent_dim=8".to_owned(),
        "vqvae_training.batch=16".to_owned(),
        "prior.channels=8".to_owned(),
        "prior_training.batch=16".to_owned(),
        format!("vqvae_training.epochs={epochs}"),
        format!("prior_training.epochs={epochs}"),
    ];
    let mut request = TrainRequest::new(data, out, preset, &set).unwrap();
    request.seed = 3;
    request
}

/// Nothing stops these trainings.
static GO: AtomicBool = AtomicBool::new(false);

fn train(request: &TrainRequest) -> oasis::Result<Outcome> {
    train_vqvae(request, &GO, |_| {})
}

fn export(vqvae: &Path, prior: Option<&Path>, out: &Path) -> oasis::Result<oasis::bundle::Bundle> {
    export_as(vqvae, prior, out, false)
}

fn export_as(
    vqvae: &Path,
    prior: Option<&Path>,
    out: &Path,
    half_weights: bool,
) -> oasis::Result<oasis::bundle::Bundle> {
    let mut request = PublishRequest::new(vqvae, out);
    request.prior = prior.map(Path::to_owned);
    request.half_weights = half_weights;
    publish(&request, |_, _| {})
}

#[test]
fn slices_become_a_bundle_that_reconstructs_and_samples() {
    let _generator = alone();
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    phantom::write_dataset(&at("data"), 3, 1, &|_, _| {}).unwrap();

    let whole = train(&request(&at("data"), &at("vqvae"), "oasis", 2)).unwrap();
    assert_eq!((whole.state.epoch, whole.state.step, whole.interrupted), (2, 4, false));
    let history = std::fs::read_to_string(at("vqvae").join("history.csv")).unwrap();
    assert_eq!(history.lines().count(), 3, "{history}");
    assert!(at("vqvae").join("curves.svg").is_file());

    // Over a run that is there already.
    let again = train(&request(&at("data"), &at("vqvae"), "oasis", 2)).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Input);
    let folder = at("vqvae").display().to_string();
    assert_eq!(again.message(), format!("cannot start a training: {folder}: the folder is not empty"));
    assert_eq!(again.hints(), ["set `resume` to go on with the run in it, or choose another folder for `out`"]);

    train_prior(&request(&at("data"), &at("prior"), "oasis", 1), &at("vqvae"), &GO, |_, _| {}, |_| {}).unwrap();
    let bundle = export(&at("vqvae"), Some(&at("prior")), &at("bundle")).unwrap();
    let oasis = Oasis::open(&bundle, Backend::Tract).unwrap();

    // The engines keep to Burn with rounded weights too, in little more than half the bytes.
    let half = export_as(&at("vqvae"), Some(&at("prior")), &at("half"), true).unwrap();
    let bytes = |bundle: &oasis::bundle::Bundle, role: &str| bundle.manifest().files[role].bytes;
    assert!(bytes(&half, "encoder") * 10 < bytes(&bundle, "encoder") * 7);
    assert_eq!(half.manifest().made.other["weights"], "f16");

    let dataset = Dataset::open(&at("data")).unwrap();
    let files = dataset.split(Split::Test).unwrap();
    let evaluate = |files: &[SliceFile], workers, csv: &Path| {
        let mut stream = jobs::Stream::new(files).workers(workers);
        let (report, ended) = jobs::evaluate(&oasis, &mut stream, Some(csv)).unwrap();
        assert!(ended.failures.is_empty() && !ended.interrupted);
        report
    };
    let report = evaluate(files, 3, &at("whole.csv"));
    assert_eq!(report.images, 32);
    assert!(report.ssim.mean > 0.3 && report.ssim.mean < 1.0, "{report:?}");

    // Shards, merged, give exactly what one run gives.
    let shards: Vec<_> = (0..2)
        .map(|index| {
            let part: Vec<_> = files.iter().skip(index).step_by(2).cloned().collect();
            let path = at(&format!("shard{index}.csv"));
            evaluate(&part, 1, &path);
            path
        })
        .collect();
    let mut joined = jobs::merge(&shards, oasis.bundle(), Some(&at("merged.csv"))).unwrap();
    joined.seconds = report.seconds;
    assert_eq!(joined, report);
    assert_eq!(std::fs::read(at("merged.csv")).unwrap(), std::fs::read(at("whole.csv")).unwrap());
    let other = jobs::merge(&shards, &half, None).unwrap_err();
    assert!(other.hints()[0].contains("`bundle`"), "{other}");

    let codes = oasis.sampler().unwrap().sample(&SampleRequest::new(2, 1), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(codes.dim(), (2, 32, 32));
    assert_eq!(oasis.decode(codes.view()).unwrap().dim(), (2, 1, 256, 256));
    steps_draw_what_passes_draw(&bundle);
    steps_of_another_prior_are_refused(&at("bundle"), &at("half"));
    a_state_of_the_wrong_shape_is_refused(&oasis);
    let frame = Frame::decode(&files[0].path, Fit::Exact).unwrap();
    let image = Array4::from_shape_vec((1, 1, 256, 256), frame.pixels.iter().copied().collect()).unwrap();
    assert_eq!(oasis.reconstruct(image.view()).unwrap().dim(), (1, 1, 256, 256));

    // A prior over the codes of another VQ-VAE is refused, and nothing is written.
    let mut other = request(&at("data"), &at("other"), "oasis", 1);
    other.seed = 4;
    train(&other).unwrap();
    let mixed = export(&at("other"), Some(&at("prior")), &at("mixed")).unwrap_err();
    let digest = |run: &str| TrainedVqvae::load(&at(run), &Device::flex()).unwrap().digest;
    let (found, expected) = (digest("vqvae"), digest("other"));
    let why = format!("it was trained on codes of weights {found}, expected {expected}");
    let what = "the prior belongs to another VQ-VAE";
    assert_eq!(mixed.message(), format!("{what}: {}: {why}", at("prior").display()));
    assert!(!at("mixed").exists());

    // A folder of the other model.
    let swapped = export(&at("prior"), None, &at("mixed")).unwrap_err();
    let why = "found the run of a prior, expected that of a VQ-VAE";
    assert_eq!(swapped.message(), format!("wrong kind of run: {}: {why}", at("prior").display()));
    assert_eq!(swapped.hints(), ["name the run folder of a VQ-VAE in `vqvae`"]);
}

/// On every engine that is here: any number of samples, of any condition, from nothing or from given rows.
fn steps_draw_what_passes_draw(bundle: &oasis::bundle::Bundle) {
    let mut go_on = |_| ControlFlow::Continue(());
    for backend in [Backend::Tract, Backend::Ort] {
        let opened = Oasis::open(bundle, backend);
        if backend == Backend::Ort && std::env::var_os("OASIS_REQUIRE_ORT").is_none() && opened.is_err() {
            continue;
        }
        let oasis = opened.unwrap();
        let sampler = oasis.sampler().unwrap();
        let one = Condition::default().slice(7).class(1);
        let two = SampleRequest::new(2, 5).conditions([one, Condition::default()]);
        let drawn = sampler.sample(&two, &mut go_on).unwrap();
        assert_eq!(drawn, sampler.sample_by_passes(&two, &mut go_on).unwrap(), "{backend}");

        let given = Given::new(drawn.slice(s![..1, .., ..]).to_owned(), 29);
        let choice = Choice::default().temperature(0.8).top_k(9).top_p(0.95);
        let more = SampleRequest::new(37, 6).given(given).choice(choice);
        let completed = sampler.sample(&more, &mut go_on).unwrap();
        assert_eq!(completed, sampler.sample_by_passes(&more, &mut go_on).unwrap(), "{backend}");
        let kept = completed.slice(s![36, ..29, ..]);
        assert_eq!(kept, drawn.slice(s![0, ..29, ..]));
    }
}

fn a_state_of_the_wrong_shape_is_refused(oasis: &Oasis) {
    let step = oasis.bundle().file(&Role::PriorStepCode).unwrap();
    let shape = |input: &str| -> Vec<usize> {
        let port = step.model().graph.input(input).unwrap();
        port.dims().iter().map(|dim| dim.fixed().unwrap_or(2)).collect()
    };
    let (code, mirrored) = (ArrayD::<i64>::zeros(shape("code")), ArrayD::<i64>::zeros(shape("mirrored")));
    let (context, left) = (ArrayD::<f32>::zeros(shape("context")), ArrayD::<f32>::zeros(shape("left")));
    let run = |left: &ArrayD<f32>| {
        let inputs = [
            ("code", TensorView::integers(&code)),
            ("mirrored", TensorView::integers(&mirrored)),
            ("context", TensorView::floats(&context)),
            ("left", TensorView::floats(left)),
        ];
        oasis.run(&Role::PriorStepCode, &inputs)
    };
    assert_eq!(run(&left).unwrap().len(), 2);
    let mut short = shape("left");
    short[2] -= 1;
    let error = run(&ArrayD::zeros(short)).unwrap_err();
    assert!(error.why().contains("input `left`") && error.subject().to_string().contains("prior_step_code"), "{error}");
}

/// `other` holds the same prior with rounded weights, which makes it another one.
fn steps_of_another_prior_are_refused(bundle: &Path, other: &Path) {
    let manifest = |folder: &Path| -> Value {
        serde_json::from_slice(&std::fs::read(folder.join("bundle.json")).unwrap()).unwrap()
    };
    let mixed = tempfile::tempdir().unwrap();
    let mut text = manifest(bundle);
    for entry in std::fs::read_dir(bundle).unwrap().map(|entry| entry.unwrap().path()) {
        std::fs::copy(&entry, mixed.path().join(entry.file_name().unwrap())).unwrap();
    }
    for step in ["prior_step_row", "prior_step_code"] {
        let file = format!("{step}.onnx");
        std::fs::copy(other.join(&file), mixed.path().join(&file)).unwrap();
        text["files"][step] = manifest(other)["files"][step].clone();
    }
    std::fs::write(mixed.path().join("bundle.json"), text.to_string()).unwrap();
    let error = oasis::bundle::Bundle::open(mixed.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.subject().to_string().contains("prior_step") && error.why().contains("sha256"), "{error}");
}

#[test]
fn a_resumed_training_is_an_uninterrupted_one() {
    let _generator = alone();
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    phantom::write_dataset(&at("data"), 3, 2, &|_, _| {}).unwrap();
    let constant = |out: &str, epochs: usize| {
        // The learning rate must not depend on how many epochs are asked for.
        let mut request = request(&at("data"), &at(out), "oasis", epochs);
        request.preset.vqvae_training.recipe.schedule = Schedule::Constant;
        request
    };
    train(&constant("straight", 2)).unwrap();
    train(&constant("stopped", 1)).unwrap();
    let mut resumed = constant("stopped", 2);
    resumed.resume = true;
    let outcome = train(&resumed).unwrap();
    assert_eq!((outcome.state.epoch, outcome.interrupted), (2, false));
    // Epoch, loss, learning rate and validation, digit for digit; images a second are left out.
    let history = |name: &str| -> Vec<Vec<String>> {
        let history = std::fs::read_to_string(at(name).join("history.csv")).unwrap();
        let fields = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut rows: Vec<_> = history.lines().map(fields).collect();
        assert_eq!(rows[0][..4], ["epoch", "loss", "learning_rate", "images_per_second"]);
        rows.iter_mut().for_each(|row| drop(row.remove(3)));
        rows
    };
    assert_eq!(history("straight").len(), 3);
    assert_eq!(history("stopped"), history("straight"));

    // Nothing is left to do: no epoch, and the run as it was.
    let done = train(&resumed).unwrap();
    assert_eq!((&done.state, &done.validation[..], done.interrupted), (&outcome.state, &[][..], false));

    resumed.seed = 9;
    let other = train(&resumed).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Usage);
    let why = "the run in it was started with another preset, setting, seed, data, split or VQ-VAE";
    assert_eq!(other.message(), format!("cannot resume: {}: {why}", at("stopped").display()));
    let hint =
        "give the `preset`, `set` and `seed` that run.json in this folder holds, or choose another folder for `out`";
    assert_eq!(other.hints(), [hint]);
}

#[test]
fn the_keras_preset_trains_and_exports() {
    let _generator = alone();
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    phantom::write_dataset(&at("data"), 3, 3, &|_, _| {}).unwrap();
    let mut small = request(&at("data"), &at("vqvae"), "keras", 1);
    small.preset.vqvae.window = [64, 64];
    train(&small).unwrap();
    let mut prior = request(&at("data"), &at("prior"), "keras", 1);
    prior.preset.prior_training.recipe.batch = 8;
    train_prior(&prior, &at("vqvae"), &GO, |_, _| {}, |_| {}).unwrap();
    let bundle = export(&at("vqvae"), Some(&at("prior")), &at("bundle")).unwrap();
    assert_eq!(bundle.sizes().grid, [16, 16]);
}

#[test]
fn a_run_record_reads_as_it_did_when_run_folders_began() {
    let dir = tempfile::tempdir().unwrap();
    let text = json!({
        "kind": "vqvae",
        "preset_name": "oasis",
        "preset": {
            "vqvae": {
                "net": "oasis", "window": [192, 160], "patch": [3, 5], "stride": [2, 1], "channels": [64, 128],
                "blocks": 2, "latent_dim": 32, "codebook_size": 1024, "quantizer": "ema", "commitment": 0.25,
                "decay": 0.99, "revive_every": 20,
            },
            "vqvae_training": {
                "loss": "l1-ssim", "ssim_weight": 1.0, "optimizer": "adamw", "learning_rate": 0.001,
                "schedule": "cosine", "weight_decay": 0.0001, "batch": 8, "epochs": 14, "mirror": true, "shift": 2,
                "brightness": 0.1,
            },
            "prior": {"net": "gated", "channels": 48, "layers": 6, "dropout": 0.1},
            "prior_training": {
                "optimizer": "adamw", "learning_rate": 0.0015, "schedule": "cosine", "weight_decay": 0.001, "batch": 16,
                "epochs": 8, "condition_dropout": 0.1, "mirror": true,
            },
        },
        "seed": 1,
        "device": "cpu",
        "versions": "oasis 0.1.0, burn 0.22.1",
        "commit": null,
        "dataset": "0f",
        "splits": ["train"],
        "slices": 4608,
        "vqvae": null,
    });
    std::fs::write(dir.path().join("run.json"), text.to_string()).unwrap();
    let record = RunRecord::read(dir.path()).unwrap();
    assert_eq!(record.preset, Preset::named("oasis", &[]).unwrap());
    assert_eq!(serde_json::to_value(&record).unwrap(), text);

    let damaged = text.to_string().replace("\"decay\":0.99", "\"decay\":1.5");
    std::fs::write(dir.path().join("run.json"), damaged).unwrap();
    let error = RunRecord::read(dir.path()).unwrap_err();
    let (path, why) = (dir.path().join("run.json"), "bad setting: vqvae.decay: expected 0 to below 1");
    assert_eq!(error.message(), format!("cannot use the run: {}: {why}", path.display()));
}
