//! The pure-Rust engine.
//!
//! A plan is made for each set of input shapes, since tract infers some shapes only from concrete ones. The fixed roles
//! treat images independently, and tract is fastest on one at a time: their batches are split, with the threads on different
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
        // What one size of every symbol cannot show is found when the graph is run.
        let sizes = session.signature.inputs().iter().flat_map(|port| &port.shape);
        if session.split || sizes.clone().all(|dim| matches!(dim, Dim::Fixed(_))) {
            session.plan(&shapes(session.signature.inputs(), 1))?;
        }
        Ok(Box::new(session))
    }
}

struct TractSession {
    signature: Signature,
    template: InferenceModel,
    split: bool,
    threads: usize,
    pool: Option<Arc<rayon::ThreadPool>>,
    plans: Mutex<HashMap<Vec<Vec<usize>>, Arc<TypedRunnableModel>>>,
}

impl Session for TractSession {
    fn run(&self, inputs: &[(&str, View<'_>)]) -> Result<Vec<(String, Value)>> {
        let views = self.signature.bind(inputs)?;
        let shapes: Vec<Vec<usize>> = views.iter().map(|view| view.shape().to_vec()).collect();
        let batch = shapes.first().and_then(|shape| shape.first()).copied().unwrap_or(1);
        let outputs = if self.split && batch > 1 {
            self.run_split(batch, &views)?
        } else {
            let plan = self.plan(&shapes)?;
            multithread_tract_scope(self.executor(), || self.run_plan(&plan, &views))?
        };
        Ok(self.signature.outputs().iter().cloned().zip(outputs).collect())
    }
}

impl TractSession {
    /// Runs the images of a batch one by one.
    fn run_split(&self, batch: usize, views: &[&View<'_>]) -> Result<Vec<Value>> {
        let plan = self.plan(&shapes(self.signature.inputs(), 1))?;
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

    /// The optimised plan for inputs of these shapes, made when first asked for.
    fn plan(&self, shapes: &[Vec<usize>]) -> Result<Arc<TypedRunnableModel>> {
        let mut plans = self.plans.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(plan) = plans.get(shapes) {
            return Ok(plan.clone());
        }
        let plan = guarded(self.signature.graph(), || {
            let mut model = self.template.clone();
            fix_shapes(&mut model, self.signature.inputs(), shapes)?;
            model.into_optimized()?.into_runnable()
        })?;
        plans.insert(shapes.to_vec(), plan.clone());
        Ok(plan)
    }
}

fn parse(graph: &Graph) -> TractResult<InferenceModel> {
    let onnx = tract_onnx::onnx().with_ignore_output_shapes(true).with_ignore_value_info(true);
    onnx.model_for_read(&mut graph.bytes())
}

/// The inputs' shapes with every symbol of size `batch`; a dimension of no size has none.
fn shapes(inputs: &[Port], batch: usize) -> Vec<Vec<usize>> {
    let size = |dim: &Dim| match dim {
        Dim::Fixed(size) => *size as usize,
        Dim::Symbol(_) | Dim::Unknown => batch,
    };
    inputs.iter().map(|port| port.shape.iter().map(size).collect()).collect()
}

fn fix_shapes(model: &mut InferenceModel, inputs: &[Port], shapes: &[Vec<usize>]) -> TractResult<()> {
    for (index, (port, shape)) in inputs.iter().zip(shapes).enumerate() {
        let dtype = datum_type(port.dtype).ok_or_else(|| no_type(port.dtype))?;
        model.set_input_fact(index, InferenceFact::dt_shape(dtype, shape.iter().copied().collect::<TVec<usize>>()))?;
    }
    Ok(())
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

fn no_type(dtype: ElementType) -> TractError {
    TractError::msg(format!("tract has no tensors of {dtype}"))
}

macro_rules! convert {
    ($($variant:ident $element:ident $number:literal),*) => {
        fn datum_type(dtype: ElementType) -> Option<DatumType> {
            match dtype.0 {
                $($number => Some(<$element>::datum_type()),)*
                _ => None,
            }
        }

        fn to_tract(view: &View<'_>) -> TractResult<Tensor> {
            let shape = view.shape();
            match view {
                View::Bf16(_) => Err(no_type(view.dtype())),
                $(View::$variant(array) => match array.as_slice() {
                    Some(values) => Tensor::from_shape(shape, values),
                    None => Tensor::from_shape(shape, &array.iter().copied().collect::<Vec<_>>()),
                },)*
            }
        }

        fn from_tract(value: TValue) -> TractResult<Value> {
            let tensor = value.into_tensor();
            let shape = tensor.shape().to_vec();
            $(if Some(tensor.datum_type()) == datum_type(ElementType($number)) {
                let values = tensor.to_plain_array_view::<$element>()?.iter().copied().collect();
                return Ok(Value::$variant(ndarray::ArrayD::from_shape_vec(shape, values)?));
            })*
            let tensor = tensor.cast_to::<i64>()?;
            let values = tensor.to_plain_array_view::<i64>()?.iter().copied().collect();
            Ok(Value::I64(ndarray::ArrayD::from_shape_vec(shape, values)?))
        }
    };
}
convert! {
    F32 f32 1, F64 f64 11, F16 f16 10,
    I64 i64 7, I32 i32 6, I16 i16 5, I8 i8 3,
    U64 u64 13, U32 u32 12, U16 u16 4, U8 u8 2, Bool bool 9
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
