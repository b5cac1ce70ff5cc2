//! A validated training request, and how it is carried out.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::device::DeviceKind;
use super::images::Images;
use super::prior::{CodeGrids, PriorObjective, conditions};
use super::run::{BURN_VERSION, Kind, Manifest, Run, State, load_module};
use super::trainer::{self, Event, Outcome, Training, guarded};
use super::vqvae::VqvaeObjective;
use crate::data::{Dataset, SliceFile, Split};
use crate::digest::sha256;
use crate::model::{Preset, Prior, Vqvae};
use crate::{Error, ErrorKind, Result};

/// What to train, on what, into which folder.
#[derive(Debug, Clone)]
pub struct TrainRequest {
    /// The slices, in the dataset's layout.
    pub data: PathBuf,
    /// The run folder.
    pub out: PathBuf,
    /// The preset's name.
    pub preset_name: String,
    /// Sizes and training.
    pub preset: Preset,
    /// Where to train.
    pub device: DeviceKind,
    /// Seed of every random draw.
    pub seed: u64,
    /// Train on the validation slices too.
    pub join_validate: bool,
    /// Continue the run in `out`, if there is one.
    pub resume: bool,
    /// The source's commit, for the manifest.
    pub commit: Option<String>,
}

/// Trains a VQ-VAE, until it is done or `stop` is set.
///
/// # Errors
/// See [`trainer::train`]; also data that cannot be read, and a run folder of another training.
pub fn train_vqvae(request: &TrainRequest, stop: &AtomicBool, watch: impl FnMut(Event<'_>)) -> Result<Outcome> {
    let device = request.device.open()?.autodiff();
    let slices = Slices::open(request)?;
    let manifest = slices.manifest(request, Kind::Vqvae, None)?;
    let resumes = check_folder(request, &manifest)?;
    let (train, validate) = (Images::decode(&slices.train)?, Images::decode(&slices.validate)?);
    let run = start(request, &manifest, resumes)?;
    device.seed(request.seed);
    let model = Vqvae::new(&request.preset.vqvae, &device).materialize();
    let objective = VqvaeObjective::new(
        request.preset.vqvae.clone(),
        request.preset.vqvae_training.clone(),
        train,
        validate,
        device.clone(),
    );
    let (seed, last_is_best) = (request.seed, request.join_validate);
    trainer::train(&Training { run: &run, seed, last_is_best, device: &device, stop }, &objective, model, watch)
}

/// Trains a prior over the codes of the VQ-VAE in the run folder `vqvae`. `encoded` is told of
/// every batch of slices that becomes codes, with how many there are in all.
///
/// # Errors
/// As [`train_vqvae`]; also a VQ-VAE run that has no finished epoch, and `stop` before the slices are encoded.
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
    request.preset.vqvae = frozen.manifest.preset.vqvae.clone();
    request.preset.vqvae_training = frozen.manifest.preset.vqvae_training.clone();
    let slices = Slices::open(&request)?;
    let manifest = slices.manifest(&request, Kind::Prior, Some(frozen.digest.clone()))?;
    let resumes = check_folder(&request, &manifest)?;

    let mirror = request.preset.prior_training.mirror;
    let total = slices.train.len() * (1 + usize::from(mirror)) + slices.validate.len();
    let plain = device.clone().without_autodiff();
    let mut encode = |files: &[SliceFile], mirror: bool| -> Result<CodeGrids> {
        let images = Images::decode(files)?;
        let conditions = conditions(&slices.dataset, files);
        let go_on = |count| {
            encoded(count, total);
            !stop.load(Ordering::Relaxed)
        };
        let grids = guarded(0, || Ok(CodeGrids::encode(&frozen.model, &images, &conditions, mirror, &plain, go_on)))?;
        grids.ok_or_else(|| {
            Error::new(
                ErrorKind::Interrupted,
                "training stopped",
                request.out.display(),
                "the slices are not encoded yet",
            )
            .hint("begin again with the same command")
        })
    };
    let train = encode(&slices.train, mirror)?;
    let validate = encode(&slices.validate, false)?;
    let run = start(&request, &manifest, resumes)?;

    device.seed(request.seed);
    let codebook = Tensor::from_data(frozen.model.quantizer.codebook.val().into_data(), &device);
    let model = Prior::new(&request.preset.prior, &request.preset.vqvae, &device).materialize();
    let model = model.with_codebook(codebook);
    let objective = PriorObjective::new(request.preset.prior_training.clone(), train, validate, device.clone());
    let (seed, last_is_best) = (request.seed, request.join_validate);
    trainer::train(&Training { run: &run, seed, last_is_best, device: &device, stop }, &objective, model, watch)
}

/// A VQ-VAE read back from its run folder.
pub struct TrainedVqvae {
    /// The best weights.
    pub model: Vqvae,
    /// How they came to be.
    pub manifest: Manifest,
    /// sha256 of the weights.
    pub digest: String,
    /// The epoch they are from.
    pub state: State,
}

impl TrainedVqvae {
    /// Reads the best weights of a run onto `device`.
    ///
    /// # Errors
    /// Not a VQ-VAE's run folder, or damaged weights.
    pub fn load(root: &Path, device: &Device) -> Result<Self> {
        let (run, manifest) = open_kind(root, Kind::Vqvae, "--vqvae")?;
        let (state, folder) = run.best()?;
        let path = folder.join("model.bpk");
        let model = load_module(Vqvae::new(&manifest.preset.vqvae, device), &path)?;
        Ok(Self { model, manifest, digest: digest(&path)?, state })
    }
}

/// A prior read back from its run folder.
pub struct TrainedPrior {
    /// The best weights.
    pub model: Prior,
    /// How they came to be.
    pub manifest: Manifest,
    /// The epoch they are from.
    pub state: State,
}

impl TrainedPrior {
    /// Reads the best weights of a run onto `device`, and holds them against the VQ-VAE.
    ///
    /// # Errors
    /// Not a prior's run folder, damaged weights, or a prior over the codes of another VQ-VAE.
    pub fn load(root: &Path, vqvae: &TrainedVqvae, device: &Device) -> Result<Self> {
        let (run, manifest) = open_kind(root, Kind::Prior, "--prior")?;
        if manifest.vqvae.as_deref() != Some(&vqvae.digest) {
            let found = manifest.vqvae.as_deref().unwrap_or("none");
            return Err(Error::input(
                "the prior belongs to another VQ-VAE",
                root,
                format!("it was trained on codes of weights {found}, expected {}", vqvae.digest),
            )
            .hint("train the prior again: oasis train prior --vqvae RUN --out RUN"));
        }
        let (state, folder) = run.best()?;
        let fresh = Prior::new(&manifest.preset.prior, &manifest.preset.vqvae, device);
        let model = load_module(fresh, &folder.join("model.bpk"))?;
        Ok(Self { model, manifest, state })
    }
}

fn open_kind(root: &Path, kind: Kind, flag: &str) -> Result<(Run, Manifest)> {
    let (run, manifest) = Run::open(root)?;
    if manifest.kind == kind {
        return Ok((run, manifest));
    }
    Err(Error::input("wrong kind of run", root, format!("found a run of {:?}, expected {kind:?}", manifest.kind))
        .hint(format!("pass the other run folder to {flag}")))
}

/// sha256 of a file, as hex.
fn digest(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|why| Error::input("cannot read the weights", path, why))?;
    Ok(sha256(&bytes))
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

    fn manifest(&self, request: &TrainRequest, kind: Kind, vqvae: Option<String>) -> Result<Manifest> {
        let splits = if request.join_validate { vec!["train", "validate"] } else { vec!["train"] };
        Ok(Manifest {
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

/// Checks that the run folder can take this training: a new one, or with `resume` the one that is there, if any.
/// Whether there is one.
fn check_folder(request: &TrainRequest, manifest: &Manifest) -> Result<bool> {
    match Run::check_new(&request.out) {
        Ok(()) => return Ok(false),
        Err(why) if !request.resume => return Err(why),
        Err(_) => {}
    }
    let (_, found) = Run::open(&request.out)?;
    // A training may be continued for longer than it was started for.
    let same = |manifest: &Manifest| {
        let mut manifest = manifest.clone();
        manifest.preset.vqvae_training.recipe.epochs = 1;
        manifest.preset.prior_training.recipe.epochs = 1;
        Manifest { device: String::new(), versions: String::new(), commit: None, ..manifest }
    };
    if same(&found) == same(manifest) {
        return Ok(true);
    }
    Err(Error::new(
        ErrorKind::Usage,
        "cannot resume",
        request.out.display(),
        "the run was started with another preset, setting, seed, data, split or VQ-VAE",
    )
    .hint("repeat the --preset, --set and --seed that run.json in this folder tells of, or choose another --out"))
}

/// Opens the run folder that [`check_folder`] passed.
fn start(request: &TrainRequest, manifest: &Manifest, resumes: bool) -> Result<Run> {
    if !resumes {
        return Run::create(&request.out, manifest);
    }
    let (run, _) = Run::open(&request.out)?;
    run.sweep()?;
    run.write_manifest(manifest)?;
    Ok(run)
}
