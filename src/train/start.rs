//! Trainings from a request: slices, run folder and model are made ready, then the loop runs.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::device::{device_failed, guarded};
use super::event::{Event, Outcome};
use super::images::Images;
use super::prior::{CodeGrids, PriorObjective};
use super::record::{ModelKind, RunRecord};
use super::request::TrainRequest;
use super::run::{BURN_VERSION, Run};
use super::trained::TrainedVqvae;
use super::trainer::{self, Training};
use super::vqvae::VqvaeObjective;
use crate::data::{Dataset, SliceFile, Split};
use crate::model::condition::conditions;
use crate::model::{Prior, Vqvae};
use crate::{Error, ErrorKind, Result};

/// Trains a VQ-VAE until its recipe ends or `stop` is set. `watch` is told of steps and epochs.
///
/// # Errors
/// [`ErrorKind::Input`] for slices that cannot be read and a run folder that cannot be read or written,
/// [`ErrorKind::Usage`] for a run folder of another training, [`ErrorKind::Environment`] for a device that fails, and
/// [`ErrorKind::Check`] for a loss that is not finite. The last whole checkpoint stays in each case.
pub fn train_vqvae(request: &TrainRequest, stop: &AtomicBool, watch: impl FnMut(Event<'_>)) -> Result<Outcome> {
    let device = request.device.open()?.autodiff();
    let slices = Slices::open(request)?;
    let record = slices.record(request, ModelKind::Vqvae, None)?;
    let resumes = check_folder(request, &record)?;
    let (train, validate) = (Images::decode(&slices.train)?, Images::decode(&slices.validate)?);
    let run = open_folder(request, &record, resumes)?;
    device.seed(request.seed);
    let model = Vqvae::new(&request.preset.vqvae, &device).materialize();
    let objective = VqvaeObjective::new(
        request.preset.vqvae.clone(),
        request.preset.vqvae_training.clone(),
        train,
        validate,
        device.clone(),
    );
    trainer::train(&training(request, &run, &device, stop), &objective, model, watch)
}

/// Trains a prior over the codes of the VQ-VAE in the run folder `vqvae`, until its recipe ends or `stop` is set. First
/// all slices are encoded: before each batch `encoded` is told how many slices it has, and how many there are in all.
///
/// # Errors
/// Those of [`train_vqvae`]; also [`ErrorKind::Input`] for a VQ-VAE run without a finished epoch, and
/// [`ErrorKind::Interrupted`] where `stop` is set before all slices are encoded.
pub fn train_prior(
    request: &TrainRequest,
    vqvae: &Path,
    stop: &AtomicBool,
    mut encoded: impl FnMut(usize, usize),
    watch: impl FnMut(Event<'_>),
) -> Result<Outcome> {
    let device = request.device.open()?.autodiff();
    let frozen = TrainedVqvae::load(vqvae, &device.clone().without_autodiff())?;
    let mut request = request.clone();
    request.preset.vqvae = frozen.record.preset.vqvae.clone();
    request.preset.vqvae_training = frozen.record.preset.vqvae_training.clone();
    let slices = Slices::open(&request)?;
    let record = slices.record(&request, ModelKind::Prior, Some(frozen.digest.clone()))?;
    let resumes = check_folder(&request, &record)?;

    let mirror = request.preset.prior_training.mirror;
    let total = slices.train.len() * (1 + usize::from(mirror)) + slices.validate.len();
    let plain = device.clone().without_autodiff();
    let mut encode = |files: &[SliceFile], mirror: bool| -> Result<CodeGrids> {
        let conditions = conditions(&slices.dataset, files)?;
        let images = Images::decode(files)?;
        let go_on = |count| {
            encoded(count, total);
            !stop.load(Ordering::Relaxed)
        };
        let work = || Ok(CodeGrids::encode(&frozen.model, &images, &conditions, mirror, &plain, go_on));
        let grids = guarded(work, |why| device_failed("encoding the slices", why))?;
        grids.ok_or_else(|| {
            let why = "the slices are not encoded yet";
            Error::new(ErrorKind::Interrupted, "training stopped", request.out.as_path(), why)
                .hint("start again with the same command")
        })
    };
    let train = encode(&slices.train, mirror)?;
    let validate = encode(&slices.validate, false)?;
    let run = open_folder(&request, &record, resumes)?;

    device.seed(request.seed);
    let codebook = Tensor::from_data(frozen.model.quantizer.codebook.val().into_data(), &device);
    let model = Prior::new(&request.preset.prior, &request.preset.vqvae, &device).materialize();
    let model = model.with_codebook(codebook);
    let objective = PriorObjective::new(request.preset.prior_training.clone(), train, validate, device.clone());
    trainer::train(&training(&request, &run, &device, stop), &objective, model, watch)
}

fn training<'a>(request: &TrainRequest, run: &'a Run, device: &'a Device, stop: &'a AtomicBool) -> Training<'a> {
    Training { run, seed: request.seed, last_is_best: request.join_validate, device, stop }
}

/// The slices of a training, split by subject.
struct Slices {
    dataset: Dataset,
    train: Vec<SliceFile>,
    validate: Vec<SliceFile>,
}

impl Slices {
    fn open(request: &TrainRequest) -> Result<Self> {
        let dataset = Dataset::open(&request.data)?;
        let validate = dataset.split(Split::Validate)?.to_vec();
        let mut train = dataset.split(Split::Train)?.to_vec();
        if request.join_validate {
            train.extend(validate.iter().cloned());
        }
        Ok(Self { dataset, train, validate })
    }

    /// The record of a training on these slices; `vqvae` is the digest of the VQ-VAE that a prior is trained over.
    fn record(&self, request: &TrainRequest, kind: ModelKind, vqvae: Option<String>) -> Result<RunRecord> {
        let splits = if request.join_validate { vec!["train", "validate"] } else { vec!["train"] };
        Ok(RunRecord {
            kind,
            preset_name: request.preset_name.clone(),
            preset: request.preset.clone(),
            seed: request.seed,
            device: request.device.to_string(),
            versions: format!("oasis {}, burn {BURN_VERSION}", env!("CARGO_PKG_VERSION")),
            commit: request.commit.clone(),
            dataset: self.dataset.digest(&[Split::Train, Split::Validate])?,
            splits: splits.into_iter().map(str::to_owned).collect(),
            slices: self.train.len(),
            vqvae,
        })
    }
}

/// Checks that the run folder can take this training: it can hold a new run, or with `resume` it holds a run of the
/// same training. Returns whether there is a run to go on with.
fn check_folder(request: &TrainRequest, record: &RunRecord) -> Result<bool> {
    match Run::check_new(&request.out) {
        Ok(()) => return Ok(false),
        Err(why) if !request.resume => return Err(why),
        Err(_) => {}
    }
    if RunRecord::read(&request.out)?.resumes_as(record) {
        return Ok(true);
    }
    let why = "the run in it was started with another preset, setting, seed, data, split or VQ-VAE";
    Err(Error::new(ErrorKind::Usage, "cannot resume", request.out.as_path(), why).hint(
        "give the `preset`, `set` and `seed` that run.json in this folder holds, or choose another folder for `out`",
    ))
}

/// Opens the run folder that [`check_folder`] passed.
fn open_folder(request: &TrainRequest, record: &RunRecord, resumes: bool) -> Result<Run> {
    if resumes { Run::resume(&request.out, record) } else { Run::create(&request.out, record) }
}
