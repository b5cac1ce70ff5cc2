//! Trained runs to a bundle: every graph is checked against Burn before the manifest is written.

use std::path::{Path, PathBuf};

use burn::backend::TensorData;
use burn::tensor::Device;
use ndarray::{Array2, ArrayD, Dimension, IxDyn};
use serde_json::{Map, Value, json};

use super::stages::{Base, decoder, encoder, prior_graph, quantizer, step_graphs};
use super::verify::run;
use super::{Comparison, Exported, Tolerance};
use crate::bundle::{Bundle, BundleWriter, Graph, Made, Manifest, Role, Verification, sha256};
use crate::model::{Prior, Vqvae};
use crate::runtime::{Backend, Engine, EngineOptions, Session, engine, parity};
use crate::train::run::BURN_VERSION;
use crate::train::{TrainedPrior, TrainedVqvae};
use crate::{Error, ErrorKind, Result};

/// Random inputs that every graph is checked on, for each engine.
const CASES: usize = 3;
const SEED: u64 = 1;

/// What to export, and where to.
#[derive(Debug, Clone)]
pub struct BundleRequest {
    /// The VQ-VAE's run folder.
    pub vqvae: PathBuf,
    /// The prior's run folder.
    pub prior: Option<PathBuf>,
    /// The bundle's folder.
    pub out: PathBuf,
    /// The operator set.
    pub opset: i64,
    /// Whether weights are stored in 16 bits; the codebook never is.
    pub half_weights: bool,
    /// What the model scored, for the manifest.
    pub scores: Value,
    /// Where ONNX Runtime is, and how many threads the checks may use.
    pub options: EngineOptions,
}

/// Exports the runs, checks every graph against Burn on tract and, where its library is found, on
/// ONNX Runtime, and writes the bundle. `told` hears of every file with its worst errors.
///
/// # Errors
/// A run that cannot be read, an operation without a lowering, or a graph that differs from Burn;
/// no `bundle.json` is written then.
pub fn export_bundle(request: &BundleRequest, mut told: impl FnMut(&Role, &Value)) -> Result<Bundle> {
    let device = Device::flex();
    let vqvae = TrainedVqvae::load(&request.vqvae, &device)?;
    let prior = request.prior.as_deref().map(|root| TrainedPrior::load(root, &vqvae, &device)).transpose()?;
    let mut writer = BundleWriter::create(&request.out)?;
    let checks = Checks::new(&vqvae.model, &request.options)?;
    let base = Base::new(&vqvae, request);

    let mut graphs = vec![
        (Role::Encoder, encoder(&base, &vqvae.model, &device)?),
        (Role::Quantizer, quantizer(&base, &vqvae.model, &device)?),
        (Role::Decoder, decoder(&base, &vqvae.model, &device)?),
    ];
    if let Some(prior) = &prior {
        let whole = prior_graph(&base, &prior.model, &device)?;
        let digest = sha256(whole.bytes());
        graphs.push((Role::Prior, whole));
        if let Prior::Gated(net) = &prior.model {
            graphs.extend(step_graphs(&base, net, &digest, &device)?);
        }
    }
    let mut verification = Verification::default();
    let (mut on_tract, mut on_ort) = (Map::new(), Map::new());
    for (role, exported) in &graphs {
        let graph = writer.add(role, exported.bytes())?;
        let worst = checks.run(role, exported, &graph)?;
        on_tract.insert(role.to_string(), worst["tract"].clone());
        on_ort.insert(role.to_string(), worst["ort"].clone());
        told(role, &worst);
    }
    verification.tract = on_tract.into();
    if checks.has_ort() {
        verification.ort = on_ort.into();
    }
    writer.finish(Manifest {
        made: made(&vqvae, prior.as_ref(), request),
        verification,
        scores: request.scores.clone(),
        ..Manifest::new(base.run.clone(), base.sizes)
    })
}

/// How the model came to be, for the manifest.
fn made(vqvae: &TrainedVqvae, prior: Option<&TrainedPrior>, request: &BundleRequest) -> Made {
    let run = &vqvae.manifest;
    let describe = |manifest: &crate::train::run::Manifest, state: &crate::train::run::State| {
        json!({
            "preset": manifest.preset_name, "device": manifest.device, "seed": manifest.seed,
            "splits": manifest.splits, "slices": manifest.slices, "epoch": state.epoch,
            "validation_score": state.score, "versions": manifest.versions,
        })
    };
    let mut other = Map::new();
    other.insert("vqvae".to_owned(), describe(run, &vqvae.state));
    if let Some(prior) = prior {
        other.insert("prior".to_owned(), describe(&prior.manifest, &prior.state));
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

/// The engines that graphs are checked on, and what the check of codes needs.
struct Checks {
    tract: Box<dyn Engine>,
    ort: Option<Box<dyn Engine>>,
    codebook: Array2<f32>,
}

impl Checks {
    fn new(model: &Vqvae, options: &EngineOptions) -> Result<Self> {
        let codebook = model.quantizer.codebook.val();
        let [size, dim] = codebook.dims();
        let values: Vec<f32> = codebook.into_data().iter::<f32>().collect();
        let codebook = Array2::from_shape_vec((size, dim), values).expect("a codebook is [K, D]");
        let ort = engine(Backend::Ort, options).and_then(|engine| engine.check().map(|_| engine));
        if let Err(why) = &ort {
            tracing::warn!("not verified on ort: {why}");
        }
        Ok(Self { tract: engine(Backend::Tract, options)?, ort: ort.ok(), codebook })
    }

    fn has_ort(&self) -> bool {
        self.ort.is_some()
    }

    /// The largest absolute errors of a graph against Burn, by engine.
    fn run(&self, role: &Role, exported: &Exported, graph: &Graph) -> Result<Value> {
        let mut worst = Map::new();
        for engine in [Some(&self.tract), self.ort.as_ref()].into_iter().flatten() {
            let session = engine.load(graph)?;
            let error = match role {
                Role::Quantizer => self.codes(exported, session.as_ref())?,
                role => values(role, exported, session.as_ref())?,
            };
            match error {
                Ok(error) => worst.insert(engine.name().to_owned(), error.into()),
                Err(error) => {
                    let why = format!("on {} it is up to {error:.3e} away from Burn", engine.name());
                    return Err(Error::new(ErrorKind::Check, "exported graph differs from Burn", graph.name(), why)
                        .hint(
                            "this is a defect of the exporter or the engine; please report it with the run's preset",
                        ));
                }
            };
        }
        Ok(worst.into())
    }

    /// The largest difference in squared distance, where codes differ; `Err` where one is not excused.
    fn codes(&self, exported: &Exported, session: &dyn Session) -> Result<std::result::Result<f64, f64>> {
        let mut worst = 0f64;
        for case in exported.cases(CASES, SEED) {
            let outputs = run(session, &case.inputs)?;
            let latents = array::<f32, ndarray::Ix4>(&case.inputs[0].1);
            let expected = array::<i64, ndarray::Ix3>(&case.expected[0].1);
            let found = array::<i64, ndarray::Ix3>(&outputs[0]);
            let report = parity::compare_codes(&self.codebook, &latents, &found, &expected, parity::Tolerance::CPU);
            worst = worst.max(report.max_abs);
            if !report.pass {
                return Ok(Err(worst));
            }
        }
        Ok(Ok(worst))
    }
}

/// The largest absolute error of a graph's floats; `Err` where it is outside of the tolerance.
fn values(role: &Role, exported: &Exported, session: &dyn Session) -> Result<std::result::Result<f64, f64>> {
    let atol = if role.as_str().starts_with("prior") { 1e-4 } else { 1e-5 };
    let worst = exported.verify_with(CASES, SEED, Tolerance { atol, rtol: 1e-4 }, |inputs| run(session, inputs))?;
    let error = worst.iter().map(|comparison| comparison.max_abs).fold(0.0, f64::max);
    Ok(if worst.iter().all(Comparison::pass) { Ok(error) } else { Err(error) })
}

fn array<T: burn::tensor::Element, D: Dimension>(data: &TensorData) -> ndarray::Array<T, D> {
    let values: Vec<T> = data.iter::<T>().collect();
    ArrayD::from_shape_vec(IxDyn(data.shape().as_slice()), values)
        .ok()
        .and_then(|array| array.into_dimensionality().ok())
        .expect("the shape is that of the graph's contract")
}

/// Reads scores that `oasis eval --json` printed.
///
/// # Errors
/// Not a file of JSON.
pub fn read_scores(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).map_err(|why| Error::input("cannot read scores", path, why))?;
    serde_json::from_str(&text)
        .map_err(|why| Error::input("cannot read scores", path, why).hint("pass what oasis eval --json printed"))
}
