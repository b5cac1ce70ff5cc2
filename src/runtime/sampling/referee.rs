//! One engine that decides close draws for all engines.

use std::sync::OnceLock;

use ndarray::{Array3, ArrayView1, ArrayView2, Axis, s};

use crate::Result;
use crate::bundle::{Role, Sizes};
use crate::engine::{Session, Tensor, TensorView};
use crate::onnx::ModelFile;
use crate::runtime::backend::{Backend, engine};
use crate::runtime::contract::Checked;
use crate::runtime::options::EngineOptions;

/// The name of the referee's engine.
pub(super) const REFEREE: &str = "tract";

/// The whole prior on tract, run over one grid on one thread, which gives the same logits whichever engine samples. Where
/// the binary has no tract, or tract cannot load the prior, there is no referee and the sampling engine's own logits
/// decide.
pub(super) struct Referee {
    prior: ModelFile,
    sizes: Sizes,
    session: OnceLock<Option<Checked>>,
}

impl Referee {
    /// The referee of a prior of a bundle of these sizes, which is loaded when it is first needed.
    pub(super) fn new(prior: &ModelFile, sizes: Sizes) -> Self {
        Self { prior: prior.clone(), sizes, session: OnceLock::new() }
    }

    /// Loads the prior, where that is not done, and gives its session; `None` where there is no referee.
    pub(super) fn load(&self) -> Option<&dyn Session> {
        let load = || -> Result<Checked> {
            let options = EngineOptions::default().threads(1);
            let session = engine(Backend::Tract, &options).and_then(|engine| engine.load(&self.prior))?;
            Ok(Checked::new(session, REFEREE, &Role::Prior, &self.prior, self.sizes))
        };
        let session = self.session.get_or_init(|| {
            let loaded = cfg!(feature = "tract").then(load)?;
            loaded.inspect_err(|why| tracing::warn!("close draws are left to the engine: {why}")).ok()
        });
        session.as_ref().map(|session| session as &dyn Session)
    }

    /// The logits at a place, given the codes before it in raster order; `None` where there is no referee.
    ///
    /// # Errors
    /// Those of tract.
    pub(super) fn logits(
        &self,
        codes: ArrayView2<'_, i64>,
        condition: ArrayView1<'_, i64>,
        [row, column]: [usize; 2],
    ) -> Result<Option<Vec<f32>>> {
        let Some(session) = self.load() else { return Ok(None) };
        let (h, w) = codes.dim();
        let mut before = Array3::zeros((1, h, w));
        before.slice_mut(s![0, ..row, ..]).assign(&codes.slice(s![..row, ..]));
        before.slice_mut(s![0, row, ..column]).assign(&codes.slice(s![row, ..column]));
        let condition = condition.insert_axis(Axis(0));
        let inputs = [("codes", TensorView::integers(&before)), ("condition", TensorView::integers(&condition))];
        let outputs = session.run(&inputs)?;
        let logits = outputs.into_iter().find_map(|(_, value)| match value {
            Tensor::F32(logits) => Some(logits),
            _ => None,
        });
        let logits = logits.expect("the bundle's contract says that logits are f32");
        Ok(Some(logits.slice(s![0, .., row, column]).to_vec()))
    }
}
