//! The pure-Rust engine.
//!
//! A plan is made for each size of batch, since tract infers some shapes only from concrete ones. The fixed roles treat
//! images independently, and tract is fastest on one at a time: their batches are split, with the threads on different
//! images where there are enough of them and inside one image else.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use tract_linalg::multithread::{Executor, multithread_tract_scope};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::InferenceFact;
use tract_onnx::tract_hir::internal::Factoid;

use super::engine::{Engine, EngineInfo, EngineOptions, Session};
use super::signature::Signature;
use super::tensor::{Tensor as Value, TensorView as View};
use crate::bundle::onnx::{Dim, ElementType, Port};
use crate::bundle::{Graph, Role};
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
        let session = TractSession {
            signature: Signature::new(graph),
            template: guarded(graph.name(), || parse(graph))?,
            split: !matches!(graph.role(), Role::Other(_)),
            threads: self.threads,
            pool: self.pool.clone(),
            plans: Mutex::default(),
        };
        session.plan(1)?;
        Ok(Box::new(session))
    }
}

struct TractSession {
    signature: Signature,
    template: InferenceModel,
    split: bool,
    threads: usize,
    pool: Option<Arc<rayon::ThreadPool>>,
    plans: Mutex<HashMap<usize, Arc<TypedRunnableModel>>>,
}

impl Session for TractSession {
    fn run(&self, inputs: &[(&str, View<'_>)]) -> Result<Vec<(String, Value)>> {
        let (batch, views) = self.signature.bind(inputs)?;
        let outputs = if self.split && batch > 1 {
            self.run_split(batch, &views)?
        } else {
            let plan = self.plan(batch)?;
            multithread_tract_scope(self.executor(), || self.run_plan(&plan, &views))?
        };
        Ok(self.signature.outputs().iter().cloned().zip(outputs).collect())
    }
}

impl TractSession {
    /// Runs the images of a batch one by one.
    fn run_split(&self, batch: usize, views: &[&View<'_>]) -> Result<Vec<Value>> {
        let plan = self.plan(1)?;
        let one = |index: usize, executor: Executor| {
            let parts: Vec<_> = views.iter().map(|view| view.part(index, 1)).collect();
            let parts: Vec<_> = parts.iter().collect();
            multithread_tract_scope(executor, || self.run_plan(&plan, &parts))
        };
        let images: Vec<Vec<Value>> = match &self.pool {
            Some(pool) if 2 * batch > self.threads => pool.install(|| {
                (0..batch).into_par_iter().map(|index| one(index, Executor::SingleThread)).collect::<Result<_>>()
            })?,
            _ => (0..batch).map(|index| one(index, self.executor())).collect::<Result<_>>()?,
        };
        let mut outputs: Vec<Vec<Value>> = self.signature.outputs().iter().map(|_| Vec::with_capacity(batch)).collect();
        for image in images {
            for (output, value) in outputs.iter_mut().zip(image) {
                output.push(value);
            }
        }
        let names = self.signature.outputs().iter();
        names.zip(outputs).map(|(name, parts)| Value::concatenate(name, parts)).collect()
    }

    fn executor(&self) -> Executor {
        self.pool.clone().map_or(Executor::SingleThread, Executor::MultiThread)
    }

    fn run_plan(&self, plan: &Arc<TypedRunnableModel>, views: &[&View<'_>]) -> Result<Vec<Value>> {
        let run = || -> TractResult<Vec<Value>> {
            let inputs: TVec<TValue> =
                views.iter().map(|view| Ok(to_tract(view)?.into())).collect::<TractResult<_>>()?;
            plan.run(inputs)?.into_iter().map(from_tract).collect()
        };
        run().map_err(|why| {
            Error::new(ErrorKind::Runtime, "tract failed on", self.signature.graph(), format!("{why:#}"))
        })
    }

    /// The optimised plan for a size of batch, made when first asked for.
    fn plan(&self, batch: usize) -> Result<Arc<TypedRunnableModel>> {
        let mut plans = self.plans.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(plan) = plans.get(&batch) {
            return Ok(plan.clone());
        }
        let plan = guarded(self.signature.graph(), || {
            let mut model = self.template.clone();
            fix_batch(&mut model, self.signature.inputs(), batch)?;
            model.into_optimized()?.into_runnable()
        })?;
        plans.insert(batch, plan.clone());
        Ok(plan)
    }
}

fn parse(graph: &Graph) -> TractResult<InferenceModel> {
    let onnx = tract_onnx::onnx().with_ignore_output_shapes(true).with_ignore_value_info(true);
    onnx.model_for_read(&mut graph.bytes())
}

fn fix_batch(model: &mut InferenceModel, inputs: &[Port], batch: usize) -> TractResult<()> {
    for (index, port) in inputs.iter().enumerate() {
        let dtype = match port.dtype {
            ElementType::F32 => f32::datum_type(),
            ElementType::I64 => i64::datum_type(),
            other => anyhow_bail(format!("input `{}` is of type {other}", port.name))?,
        };
        let shape = port.shape.iter().map(|dim| match dim {
            Dim::Fixed(size) => Ok(*size as usize),
            Dim::Symbol(_) => Ok(batch),
            Dim::Unknown => anyhow_bail(format!("input `{}` has a dimension of no size", port.name)),
        });
        let shape: TVec<usize> = shape.collect::<TractResult<_>>()?;
        model.set_input_fact(index, InferenceFact::dt_shape(dtype, shape))?;
    }
    Ok(())
}

fn anyhow_bail<T>(why: String) -> TractResult<T> {
    Err(TractError::msg(why))
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

fn to_tract(view: &View<'_>) -> TractResult<Tensor> {
    let shape = view.shape();
    match view {
        View::F32(array) => match array.as_slice() {
            Some(values) => Tensor::from_shape(shape, values),
            None => Tensor::from_shape(shape, &array.iter().copied().collect::<Vec<_>>()),
        },
        View::I64(array) => match array.as_slice() {
            Some(values) => Tensor::from_shape(shape, values),
            None => Tensor::from_shape(shape, &array.iter().copied().collect::<Vec<_>>()),
        },
    }
}

fn from_tract(value: TValue) -> TractResult<Value> {
    let tensor = value.into_tensor();
    let shape = tensor.shape().to_vec();
    if tensor.datum_type() == f32::datum_type() {
        let values = tensor.to_plain_array_view::<f32>()?.iter().copied().collect();
        return Ok(Value::F32(ndarray::ArrayD::from_shape_vec(shape, values)?));
    }
    let tensor = tensor.cast_to::<i64>()?;
    let values = tensor.to_plain_array_view::<i64>()?.iter().copied().collect();
    Ok(Value::I64(ndarray::ArrayD::from_shape_vec(shape, values)?))
}

/// The shapes of all tensors of a graph for a batch of one, by name; fewer where tract cannot tell.
pub(crate) fn infer_shapes(graph: &Graph) -> HashMap<String, Vec<Dim>> {
    let analysed = guarded(graph.name(), || {
        let mut model = parse(graph)?;
        fix_batch(&mut model, &graph.model().inputs, 1)?;
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
