//! Checking a bundle's graphs against Burn, on every engine that runs here.

use burn::backend::TensorData;
use burn::tensor::Element;
use ndarray::{Array, Array2, ArrayD, Dimension, Ix3, Ix4, IxDyn};
use serde::Serialize;

use crate::bundle::Role;
use crate::export::{Comparison, Exported, Tolerance, run};
use crate::model::Vqvae;
use crate::onnx::ModelFile;
use crate::runtime::{Backend, Engine, EngineOptions, Session, engine, parity};
use crate::{Error, ErrorKind, Result};

/// Random inputs that every graph is checked on, for each engine.
const CASES: usize = 3;
const SEED: u64 = 1;

/// How far a graph's outputs are from Burn's on each engine: the largest absolute difference.
///
/// Codes have no distance of their own. Where the engine chose another codeword than Burn, what counts is the difference
/// of the squared distances from the latents to the two codewords.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GraphErrors {
    /// On tract.
    pub tract: f64,
    /// On ONNX Runtime; `None` where its library is not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ort: Option<f64>,
}

/// Whether an engine's results are as close to Burn's as they must be, with the largest error.
enum Verified {
    Within(f64),
    Beyond(f64),
}

impl Verified {
    fn new(pass: bool, error: f64) -> Self {
        if pass { Self::Within(error) } else { Self::Beyond(error) }
    }
}

/// The engines that graphs are checked on, and what the check of codes needs.
pub(super) struct Checks {
    tract: Box<dyn Engine>,
    ort: Option<Box<dyn Engine>>,
    /// `[K, D]`.
    codebook: Array2<f32>,
}

impl Checks {
    pub(super) fn new(model: &Vqvae, options: &EngineOptions) -> Result<Self> {
        let codebook = array(&model.quantizer.codebook.val().into_data());
        let ort = engine(Backend::Ort, options).and_then(|engine| engine.check().map(|_| engine));
        if let Err(why) = &ort {
            tracing::warn!("graphs are not checked on ONNX Runtime: {why}");
        }
        Ok(Self { tract: engine(Backend::Tract, options)?, ort: ort.ok(), codebook })
    }

    /// Whether graphs are checked on ONNX Runtime as well.
    pub(super) fn has_ort(&self) -> bool {
        self.ort.is_some()
    }

    /// Runs random inputs through a model on each engine and compares with what `exported` computes in Burn.
    pub(super) fn run(&self, role: &Role, exported: &Exported, file: &ModelFile) -> Result<GraphErrors> {
        let on = |engine: &dyn Engine| self.run_on(engine, role, exported, file);
        let ort = self.ort.as_deref().map(on).transpose()?;
        Ok(GraphErrors { tract: on(self.tract.as_ref())?, ort })
    }

    fn run_on(&self, engine: &dyn Engine, role: &Role, exported: &Exported, file: &ModelFile) -> Result<f64> {
        let session = engine.load(file)?;
        let verified = match role {
            Role::Quantizer => self.codes(exported, session.as_ref())?,
            role => values(role, exported, session.as_ref())?,
        };
        match verified {
            Verified::Within(error) => Ok(error),
            Verified::Beyond(error) => {
                let why = format!("on {} its results are up to {error:.3e} away from Burn's", engine.name());
                Err(Error::new(ErrorKind::Check, "exported graph differs from Burn", file.name(), why)
                    .hint("this is a defect of the exporter or the engine; please report it with the run's preset"))
            }
        }
    }

    /// Compares codes: they may differ only where two codewords are about equally near.
    fn codes(&self, exported: &Exported, session: &dyn Session) -> Result<Verified> {
        let mut worst = 0f64;
        for case in exported.cases(CASES, SEED)? {
            let outputs = run(session, &case.inputs)?;
            let latents = array::<f32, Ix4>(&case.inputs[0].1);
            let expected = array::<i64, Ix3>(&case.expected[0].1);
            let found = array::<i64, Ix3>(&outputs[0]);
            let report = parity::compare_codes(&self.codebook, &latents, &found, &expected, parity::Limits::CPU);
            worst = worst.max(report.max_abs);
            if !report.pass {
                return Ok(Verified::Beyond(worst));
            }
        }
        Ok(Verified::Within(worst))
    }
}

/// Compares floats, logits less strictly than the rest.
fn values(role: &Role, exported: &Exported, session: &dyn Session) -> Result<Verified> {
    let atol = if role.as_str().starts_with("prior") { 1e-4 } else { 1e-5 };
    let worst = exported.verify_with(CASES, SEED, Tolerance { atol, rtol: 1e-4 }, |inputs| run(session, inputs))?;
    let error = worst.iter().map(|comparison| comparison.max_abs).fold(0.0, f64::max);
    Ok(Verified::new(worst.iter().all(Comparison::pass), error))
}

fn array<T: Element, D: Dimension>(data: &TensorData) -> Array<T, D> {
    let values: Vec<T> = data.iter::<T>().collect();
    ArrayD::from_shape_vec(IxDyn(data.shape().as_slice()), values)
        .ok()
        .and_then(|array| array.into_dimensionality().ok())
        .expect("the shape is that of the graph's contract")
}
