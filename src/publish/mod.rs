//! Trained runs become a bundle: every graph is checked against Burn before the manifest is written.

mod check;
mod graphs;

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde_json::{Map, Value, json};

use self::check::Checks;
use self::graphs::{Base, decoder, encoder, prior, prior_steps, quantizer};
use crate::bundle::{Bundle, BundleWriter, Made, Manifest, Role, Sizes, Verification};
use crate::digest::sha256;
use crate::model::Prior;
use crate::runtime::EngineOptions;
use crate::train::{BURN_VERSION, RunRecord, State, TrainedPrior, TrainedVqvae};
use crate::{Error, Result};

pub use self::check::GraphErrors;

/// Which runs become a bundle, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishRequest {
    /// The VQ-VAE's run folder.
    pub vqvae: PathBuf,
    /// The prior's run folder; without it the bundle can reconstruct but not sample.
    pub prior: Option<PathBuf>,
    /// The bundle's folder; without it the bundle is made in memory alone.
    pub out: Option<PathBuf>,
    /// The ONNX operator set, 17 to 21.
    pub opset: i64,
    /// Whether weights are stored in 16 bits; the codebook never is.
    pub half_weights: bool,
    /// What the model scored, for the manifest: the object that `oasis eval` prints as JSON, or null.
    pub scores: Value,
    /// Where ONNX Runtime is, and how many threads the checks may use.
    pub options: EngineOptions,
}

impl PublishRequest {
    /// The VQ-VAE's run to a bundle in memory: opset 18, weights in 32 bits, no prior, no scores.
    pub fn new(vqvae: impl Into<PathBuf>) -> Self {
        Self {
            vqvae: vqvae.into(),
            prior: None,
            out: None,
            opset: 18,
            half_weights: false,
            scores: Value::Null,
            options: EngineOptions::default(),
        }
    }
}

/// Exports the runs, checks every graph against Burn on tract and, where its library is found, on ONNX Runtime, and
/// writes the bundle. `told` is called for each graph once it is checked, with how far the engines' results are from
/// Burn's.
///
/// # Errors
/// [`ErrorKind::Input`](crate::ErrorKind::Input) for a run that cannot be read,
/// [`ErrorKind::Model`](crate::ErrorKind::Model) for an operation without a lowering,
/// [`ErrorKind::Check`](crate::ErrorKind::Check) for a graph whose results differ from Burn's; no `bundle.json` is
/// written then.
pub fn publish(request: &PublishRequest, mut told: impl FnMut(&Role, &GraphErrors)) -> Result<Bundle> {
    let device = Device::flex();
    let vqvae = TrainedVqvae::load(&request.vqvae, &device)?;
    let trained_prior = request.prior.as_deref().map(|root| TrainedPrior::load(root, &vqvae, &device)).transpose()?;
    let mut writer = request.out.as_deref().map_or_else(|| Ok(BundleWriter::in_memory()), BundleWriter::create)?;
    let checks = Checks::new(&vqvae.model, &request.options)?;
    let config = &vqvae.record.preset.vqvae;
    let sizes = Sizes { grid: config.grid(), codebook_size: config.codebook_size, latent_dim: config.latent_dim };
    let base =
        Base { run: vqvae.digest[..16].to_owned(), sizes, opset: request.opset, half_weights: request.half_weights };

    let mut graphs = vec![
        (Role::Encoder, encoder(&base, &vqvae.model, &device)?),
        (Role::Quantizer, quantizer(&base, &vqvae.model, &device)?),
        (Role::Decoder, decoder(&base, &vqvae.model, &device)?),
    ];
    if let Some(trained) = &trained_prior {
        let whole = prior(&base, &trained.model, &device)?;
        let digest = sha256(whole.bytes());
        graphs.push((Role::Prior, whole));
        if let Prior::Gated(net) = &trained.model {
            graphs.extend(prior_steps(&base, net, &digest, &device)?);
        }
    }
    let (mut on_tract, mut on_ort) = (Map::new(), Map::new());
    for (role, exported) in &graphs {
        let graph = writer.add(role, exported.bytes())?;
        let errors = checks.run(role, exported, &graph)?;
        on_tract.insert(role.to_string(), errors.tract.into());
        if let Some(error) = errors.ort {
            on_ort.insert(role.to_string(), error.into());
        }
        told(role, &errors);
    }
    let mut verification = Verification { tract: on_tract.into(), ..Verification::default() };
    if checks.has_ort() {
        verification.ort = on_ort.into();
    }
    writer.finish(Manifest {
        made: made(&vqvae, trained_prior.as_ref(), request),
        verification,
        scores: request.scores.clone(),
        ..Manifest::new(base.run.clone(), base.sizes)
    })
}

/// How the model came to be, for the manifest.
fn made(vqvae: &TrainedVqvae, prior: Option<&TrainedPrior>, request: &PublishRequest) -> Made {
    let run = &vqvae.record;
    let describe = |record: &RunRecord, state: &State| {
        json!({
            "preset": record.preset_name, "device": record.device, "seed": record.seed,
            "splits": record.splits, "slices": record.slices, "epoch": state.epoch,
            "validation_score": state.score, "versions": record.versions,
        })
    };
    let mut other = Map::new();
    other.insert("vqvae".to_owned(), describe(run, &vqvae.state));
    if let Some(prior) = prior {
        other.insert("prior".to_owned(), describe(&prior.record, &prior.state));
    }
    other.insert("weights".to_owned(), if request.half_weights { "f16" } else { "f32" }.into());
    Made {
        dataset_digest: run.dataset.clone(),
        split: run.splits.join("+"),
        seed: run.seed,
        commit: run.commit.clone().unwrap_or_else(|| "unknown".to_owned()),
        device: run.device.clone(),
        versions: [("oasis", env!("CARGO_PKG_VERSION")), ("burn", BURN_VERSION)]
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .into(),
        other,
    }
}

/// Reads scores: the object that `oasis eval` prints as JSON.
///
/// # Errors
/// [`ErrorKind::Input`](crate::ErrorKind::Input) where the file cannot be read or does not hold JSON.
pub fn read_scores(path: &Path) -> Result<Value> {
    const READ: &str = "cannot read scores";
    const MAX_FILE: u64 = 16 << 20;
    let bytes = crate::fs::read(path, MAX_FILE).map_err(|why| Error::input(READ, path, &why).caused_by(why))?;
    serde_json::from_slice(&bytes).map_err(|why| {
        Error::input(READ, path, &why).caused_by(why).hint("give a file of what `oasis eval` prints as JSON")
    })
}
