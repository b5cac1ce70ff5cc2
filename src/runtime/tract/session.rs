//! A loaded graph and its plans.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use tract_linalg::multithread::{Executor, multithread_tract_scope};
use tract_onnx::prelude::*;

use super::convert::{element_type, from_tract, to_tract, write_into};
use super::load::{fix_shapes, loading, parse, shapes};
use crate::engine::{Session, Signature, Tensor as Value, TensorView as View, TensorViewMut as ViewMut, wrong_shape};
use crate::onnx::{ModelFile, Port, Workload};
use crate::runtime::guard::guarded;
use crate::{Error, ErrorKind, Result};

type Plan = Arc<TypedRunnableModel>;

pub(super) struct TractSession {
    signature: Signature,
    /// Read again for each plan, so that memory holds weights only as the plans need them.
    file: ModelFile,
    /// Whether the images of a batch are independent, so that they can be run one by one.
    split: bool,
    threads: usize,
    pool: Option<Arc<rayon::ThreadPool>>,
    plans: Mutex<HashMap<Vec<Vec<usize>>, Plan>>,
}

impl TractSession {
    pub(super) fn new(file: &ModelFile, threads: usize, pool: Option<Arc<rayon::ThreadPool>>) -> Result<Self> {
        let split = file.workload() == Workload::Batch;
        let session =
            Self { signature: Signature::new(file), file: file.clone(), split, threads, pool, plans: Mutex::default() };
        // Where one size of every symbol would prove nothing, errors are found when the graph is run.
        let fixed = |port: &Port| port.shape.as_ref().is_some_and(|dims| dims.iter().all(|dim| dim.fixed().is_some()));
        if split || session.signature.inputs().iter().all(fixed) {
            session.plan(&shapes(session.signature.inputs(), 1))?;
        }
        Ok(session)
    }

    /// The number of images and the plan of one image, where the inputs are a batch of several that can be run one by
    /// one.
    fn single(&self, views: &[&View<'_>]) -> Result<Option<(usize, Plan)>> {
        match views.first().and_then(|view| view.shape().first()) {
            Some(&batch) if self.split && batch > 1 => {
                Ok(Some((batch, self.plan(&shapes(self.signature.inputs(), 1))?)))
            }
            _ => Ok(None),
        }
    }

    /// The plan for the shapes of these inputs.
    fn whole(&self, views: &[&View<'_>]) -> Result<Plan> {
        self.plan(&views.iter().map(|view| view.shape().to_vec()).collect::<Vec<_>>())
    }

    /// Runs the images of a batch one by one, each of which writes its own part of `outputs`. These are in the graph's
    /// order, `None` where an output is not wanted. The threads work on different images where there are enough of them,
    /// and inside one image otherwise.
    fn run_split(&self, plan: &Plan, views: &[&View<'_>], outputs: Vec<Option<ViewMut<'_>>>) -> Result<()> {
        let batch = views[0].shape()[0];
        let mut images: Vec<Vec<Option<ViewMut<'_>>>> = (0..batch).map(|_| Vec::new()).collect();
        for output in outputs {
            let mut entries = output.map(|output| output.into_entries().into_iter());
            for image in &mut images {
                image.push(entries.as_mut().and_then(Iterator::next));
            }
        }
        let one = |index: usize, outputs: Vec<Option<ViewMut<'_>>>, executor: Executor| {
            let parts: Vec<_> = views.iter().map(|view| view.part(index, 1)).collect();
            let parts: Vec<_> = parts.iter().collect();
            self.run_plan_into(plan, &parts, outputs, executor)
        };
        let each = |(index, outputs)| one(index, outputs, Executor::SingleThread);
        match &self.pool {
            Some(pool) if 2 * batch > self.threads => {
                pool.install(|| images.into_par_iter().enumerate().try_for_each(each))
            }
            _ => images.into_iter().enumerate().try_for_each(|(index, image)| one(index, image, self.executor())),
        }
    }

    fn executor(&self) -> Executor {
        self.pool.clone().map_or(Executor::SingleThread, Executor::MultiThread)
    }

    fn values(&self, plan: &Plan, views: &[&View<'_>]) -> TractResult<TVec<TValue>> {
        plan.run(views.iter().map(|view| Ok(to_tract(view)?.into())).collect::<TractResult<_>>()?)
    }

    fn run_plan_into(
        &self,
        plan: &Plan,
        views: &[&View<'_>],
        outputs: Vec<Option<ViewMut<'_>>>,
        executor: Executor,
    ) -> Result<()> {
        self.running(executor, || {
            let values = self.values(plan, views)?;
            for ((value, output), name) in values.into_iter().zip(outputs).zip(self.signature.outputs()) {
                if let Some(mut output) = output
                    && let Err(error) = write_into(value, name, &mut output)?
                {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })?
    }

    /// Does `work` with the threads of `executor`; tract's panics are errors, after which those threads are let go of.
    fn running<T>(&self, executor: Executor, work: impl FnOnce() -> TractResult<T>) -> Result<T> {
        let work = || guarded("tract", || work().map_err(|why| format!("{why:#}")));
        multithread_tract_scope(executor, work)
            .map_err(|why| Error::new(ErrorKind::Runtime, "tract failed on", self.signature.model(), why))
    }

    /// The optimised plan for inputs of these shapes, made when it is first asked for.
    fn plan(&self, shapes: &[Vec<usize>]) -> Result<Plan> {
        let mut plans = self.plans.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(plan) = plans.get(shapes) {
            return Ok(plan.clone());
        }
        let plan = loading(self.signature.model(), || {
            let mut model = parse(&self.file)?;
            fix_shapes(&mut model, self.signature.inputs(), shapes)?;
            model.into_optimized()?.into_runnable()
        })?;
        plans.insert(shapes.to_vec(), plan.clone());
        Ok(plan)
    }

    /// Tensors that hold the outputs of `batch` images; `plan` is that of one image.
    fn room(&self, plan: &Plan, batch: usize) -> TractResult<Vec<Value>> {
        let model = plan.model();
        (0..self.signature.outputs().len())
            .map(|slot| {
                let fact = model.output_fact(slot)?;
                let mut shape =
                    fact.shape.as_concrete().ok_or_else(|| TractError::msg("an output without a shape"))?.to_vec();
                *shape.first_mut().ok_or_else(|| TractError::msg("an output without a batch"))? = batch;
                element_type(fact.datum_type)
                    .and_then(|dtype| Value::zeros(dtype, &shape))
                    .ok_or_else(|| TractError::msg(format!("an output of {:?}", fact.datum_type)))
            })
            .collect()
    }
}

impl Session for TractSession {
    fn run(&self, inputs: &[(&str, View<'_>)]) -> Result<Vec<(String, Value)>> {
        let views = self.signature.bind(inputs)?;
        let values = match self.single(&views)? {
            Some((batch, plan)) => {
                let mut values = self.running(Executor::SingleThread, || self.room(&plan, batch))?;
                self.run_split(&plan, &views, values.iter_mut().map(|value| Some(value.view_mut())).collect())?;
                values
            }
            None => {
                let plan = self.whole(&views)?;
                let run = || self.values(&plan, &views)?.into_iter().map(from_tract).collect();
                self.running(self.executor(), run)?
            }
        };
        Ok(self.signature.outputs().iter().cloned().zip(values).collect())
    }

    fn run_into(&self, inputs: &[(&str, View<'_>)], outputs: &mut [(&str, ViewMut<'_>)]) -> Result<()> {
        let views = self.signature.bind(inputs)?;
        let buffers = self.signature.bind_outputs(outputs)?;
        match self.single(&views)? {
            Some((batch, plan)) => {
                for (name, buffer) in self.signature.outputs().iter().zip(&buffers) {
                    if let Some(buffer) = buffer
                        && buffer.shape().first() != Some(&batch)
                    {
                        return Err(wrong_shape(name, &[batch], buffer.shape()));
                    }
                }
                self.run_split(&plan, &views, buffers)
            }
            None => {
                let plan = self.whole(&views)?;
                self.run_plan_into(&plan, &views, buffers, self.executor())
            }
        }
    }
}
