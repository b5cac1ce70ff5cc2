//! One engine that decides close draws for all.

use std::sync::OnceLock;

use ndarray::{Array3, ArrayView1, ArrayView2, Axis, s};

use crate::Result;
use crate::bundle::Graph;
use crate::runtime::backend::{Backend, engine};
use crate::runtime::engine::{EngineOptions, Session};
use crate::runtime::tensor::{Tensor, TensorView};

/// The prior's full pass by tract, over one grid on one thread: the same numbers whichever engine samples. There is none
/// in a binary without tract, nor for a prior that tract cannot load; its engine's own logits then decide.
#[derive(Default)]
pub(in crate::runtime) struct Referee {
    session: OnceLock<Option<Box<dyn Session>>>,
}

impl Referee {
    /// The logits of a place, from the codes before it in raster order; `None` where there is no referee.
    ///
    /// # Errors
    /// Those of tract.
    pub(super) fn logits(
        &self,
        prior: &Graph,
        codes: ArrayView2<'_, i64>,
        condition: ArrayView1<'_, i64>,
        [row, column]: [usize; 2],
    ) -> Result<Option<Vec<f32>>> {
        let Some(session) = self.session(prior) else { return Ok(None) };
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
        let logits = logits.expect("the contract's types are held");
        Ok(Some(logits.slice(s![0, .., row, column]).to_vec()))
    }

    /// The referee's prior, loaded once.
    pub(super) fn session(&self, prior: &Graph) -> Option<&dyn Session> {
        let load = || {
            let options = EngineOptions { threads: Some(1), ..EngineOptions::default() };
            engine(Backend::Tract, &options).and_then(|engine| engine.load(prior))
        };
        let session = self.session.get_or_init(|| {
            let loaded = cfg!(feature = "tract").then(load)?;
            loaded.inspect_err(|why| tracing::warn!("close draws are left to the engine: {why}")).ok()
        });
        session.as_deref()
    }
}
