//! One engine that decides close draws for all.

use std::sync::{Arc, Mutex};

use ndarray::{Array3, ArrayView1, ArrayView2, Axis, s};

use crate::Result;
use crate::bundle::Graph;
use crate::runtime::backend::{Backend, engine};
use crate::runtime::engine::{EngineOptions, Session};
use crate::runtime::tensor::{Tensor, TensorView};

/// The prior's full pass by tract, over one grid on one thread: the same numbers whichever engine samples.
#[derive(Default)]
pub(in crate::runtime) struct Referee {
    session: Mutex<Option<Arc<dyn Session>>>,
}

impl Referee {
    /// The logits of a place, from the codes before it in raster order. `None` in a binary without tract, which decides
    /// by its own engine's logits.
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
        if !cfg!(feature = "tract") {
            return Ok(None);
        }
        let (h, w) = codes.dim();
        let mut before = Array3::zeros((1, h, w));
        before.slice_mut(s![0, ..row, ..]).assign(&codes.slice(s![..row, ..]));
        before.slice_mut(s![0, row, ..column]).assign(&codes.slice(s![row, ..column]));
        let condition = condition.insert_axis(Axis(0));
        let inputs = [("codes", TensorView::integers(&before)), ("condition", TensorView::integers(&condition))];
        let outputs = self.session(prior)?.run(&inputs)?;
        let logits = outputs.into_iter().find_map(|(_, value)| match value {
            Tensor::F32(logits) => Some(logits),
            _ => None,
        });
        let logits = logits.expect("the contract's types are held");
        Ok(Some(logits.slice(s![0, .., row, column]).to_vec()))
    }

    fn session(&self, prior: &Graph) -> Result<Arc<dyn Session>> {
        let mut session = self.session.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(session) = session.as_ref() {
            return Ok(session.clone());
        }
        let options = EngineOptions { threads: Some(1), ..EngineOptions::default() };
        let loaded: Arc<dyn Session> = engine(Backend::Tract, &options)?.load(prior)?.into();
        *session = Some(loaded.clone());
        Ok(loaded)
    }
}
