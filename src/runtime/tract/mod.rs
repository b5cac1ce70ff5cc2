//! The pure-Rust engine.
//!
//! A plan is made for each set of input shapes, since tract infers some shapes only from concrete ones. The fixed roles
//! treat images independently, and tract is fastest on one at a time: their batches are split, with the threads on different
//! images where there are enough of them and inside one image else.

mod convert;
mod session;

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::Factoid;

use self::session::{TractSession, fix_shapes, shapes};
use super::engine::{Engine, EngineInfo, EngineOptions, Session};
use crate::bundle::Graph;
use crate::bundle::onnx::Dim;
use crate::{Error, ErrorKind, Result};

/// The version that `Cargo.toml` asks for.
const VERSION: &str = "0.23.9";

pub(super) struct Tract {
    threads: usize,
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl Tract {
    pub(super) fn new(options: &EngineOptions) -> Result<Self> {
        let threads = options.thread_count();
        let pool = (threads > 1)
            .then(|| {
                rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .thread_name(|index| format!("tract-{index}"))
                    .build()
                    .map(Arc::new)
            })
            .transpose()
            .map_err(|why| {
                Error::new(ErrorKind::Environment, "cannot use engine", "tract", why)
                    .hint("ask for fewer threads with --threads N")
            })?;
        Ok(Self { threads, pool })
    }
}

impl Engine for Tract {
    fn name(&self) -> &str {
        "tract"
    }

    fn check(&self) -> Result<EngineInfo> {
        Ok(EngineInfo {
            name: self.name().to_owned(),
            library: "tract".to_owned(),
            path: None,
            version: VERSION.to_owned(),
            wanted: VERSION.to_owned(),
            providers: vec!["CPU".to_owned()],
            threads: self.threads,
        })
    }

    fn load(&self, graph: &Graph) -> Result<Box<dyn Session>> {
        let session = match graph.role().is_step() {
            true => TractSession::new(graph, 1, None)?,
            false => TractSession::new(graph, self.threads, self.pool.clone())?,
        };
        Ok(Box::new(session))
    }
}

fn parse(graph: &Graph) -> TractResult<InferenceModel> {
    let onnx = tract_onnx::onnx().with_ignore_output_shapes(true).with_ignore_value_info(true);
    onnx.model_for_read(&mut graph.bytes())
}

/// Runs `work` on a graph, with tract's errors and panics as this crate's errors.
fn guarded<T>(graph: &str, work: impl FnOnce() -> TractResult<T>) -> Result<T> {
    let fail = |why: String| {
        Error::new(ErrorKind::Model, "tract cannot load", graph, why)
            .hint("try --backend ort; `oasis inspect` shows the file's operators")
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|why| fail(format!("{why:#}"))),
        Err(panic) => Err(fail(panic_message(panic.as_ref()))),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("tract panicked: {}", text.unwrap_or("no message"))
}

/// The shapes of all tensors of a graph for a batch of one, by name; fewer where tract cannot tell.
pub(crate) fn infer_shapes(graph: &Graph) -> HashMap<String, Vec<Dim>> {
    let analysed = guarded(graph.name(), || {
        let mut model = parse(graph)?;
        let inputs = &graph.model().inputs;
        fix_shapes(&mut model, inputs, &shapes(inputs, 1))?;
        let _ = model.analyse(true);
        Ok(model)
    });
    let Ok(model) = analysed else {
        return HashMap::new();
    };
    let mut shapes = HashMap::new();
    for node in model.nodes() {
        for (slot, output) in node.outputs.iter().enumerate() {
            let outlet = OutletId::new(node.id, slot);
            let name = model.outlet_label(outlet).unwrap_or(&node.name);
            let sizes = output.fact.shape.concretize();
            if let Some(sizes) = sizes {
                let dims =
                    sizes.iter().map(|size| size.to_i64().map_or_else(|_| Dim::Symbol(size.to_string()), Dim::Fixed));
                shapes.insert(name.to_owned(), dims.collect());
            }
        }
    }
    shapes
}
