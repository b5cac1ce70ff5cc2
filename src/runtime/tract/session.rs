//! A loaded graph and its plans.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use tract_linalg::multithread::{Executor, multithread_tract_scope};
use tract_onnx::prelude::*;

use super::convert::{element_type, from_tract, to_tract, write_into};
use super::load::{Size, fix_shapes, loading, parse, shapes};
use super::state::{held, take};
use crate::engine::{
    Kept, Session, Signature, Tensor as Value, TensorView as View, TensorViewMut as ViewMut, with_states, wrong_shape,
};
use crate::onnx::{Dim, ModelFile, Port, Workload};
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
    /// The plans by the inputs' shapes, and why there is none.
    plans: Mutex<HashMap<Vec<Vec<Size>>, Result<Plan>>>,
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
        self.plan(&concrete(views))
    }

    /// The plan of a step on these inputs: one for all sizes of the symbols that grow, where tract can make it, and else
    /// one for these shapes, which is not kept.
    fn step_plan(&self, views: &[&View<'_>], growing: &[&str]) -> Result<Plan> {
        if growing.is_empty() {
            return self.whole(views);
        }
        let size = |(dim, size): (&Dim, &usize)| match dim {
            Dim::Symbol(name) => growing.iter().position(|other| other == name).map_or(Size::Is(*size), Size::Any),
            Dim::Fixed(_) | Dim::Unknown => Size::Is(*size),
        };
        let inputs = self.signature.inputs().iter().zip(views);
        let shapes: Vec<Vec<Size>> =
            inputs.map(|(port, view)| port.dims().iter().zip(view.shape()).map(size).collect()).collect();
        self.plan(&shapes).or_else(|why| {
            tracing::debug!("a plan for each length: {why}");
            self.made(&concrete(views))
        })
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
    fn plan(&self, shapes: &[Vec<Size>]) -> Result<Plan> {
        let mut plans = self.plans.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(plan) = plans.get(shapes) {
            return plan.clone();
        }
        let plan = self.made(shapes);
        plans.insert(shapes.to_vec(), plan.clone());
        plan
    }

    /// A new optimised plan for inputs of these shapes.
    fn made(&self, shapes: &[Vec<Size>]) -> Result<Plan> {
        loading(self.signature.model(), || {
            let mut model = parse(&self.file)?;
            fix_shapes(&mut model, self.signature.inputs(), shapes)?;
            model.into_optimized()?.into_runnable()
        })
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

/// The shapes of these inputs.
fn concrete(views: &[&View<'_>]) -> Vec<Vec<Size>> {
    views.iter().map(|view| view.shape().iter().copied().map(Size::Is).collect()).collect()
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

    fn step(
        &self,
        inputs: &[(&str, View<'_>)],
        states: &mut [Kept],
        outputs: &mut [(&str, ViewMut<'_>)],
    ) -> Result<Vec<(String, Value)>> {
        let next = self.signature.next_states(states)?;
        let mut buffers = self.signature.bind_outputs(outputs)?;
        let all = with_states(inputs, states)?;
        let views = self.signature.bind_growing(&all, &self.signature.growing(states))?;
        let plan = self.step_plan(&views, &self.signature.growing(states))?;
        let state = |port: &Port| states.iter().position(|kept| kept.state().input == port.name);
        let places: Vec<Option<usize>> = self.signature.inputs().iter().map(state).collect();
        let given = |(view, place): (&&View<'_>, &Option<usize>)| match place {
            Some(_) => Ok(None),
            None => Ok(Some(TValue::from(to_tract(view)?))),
        };
        let mut given = self.running(Executor::SingleThread, || {
            views.iter().zip(&places).map(given).collect::<TractResult<Vec<_>>>()
        })?;
        drop(views);
        drop(all);
        let mut taken = Vec::with_capacity(states.len());
        for kept in &mut *states {
            taken.push(Some(take(kept)?));
        }
        self.running(self.executor(), || {
            let values = places.iter().zip(&mut given).map(|(place, given)| match place {
                Some(place) => taken[*place].take().expect("a state is one input"),
                None => Ok(given.take().expect("an input is a state or given")),
            });
            let values = plan.run(values.collect::<TractResult<TVec<TValue>>>()?)?;
            let mut rest = Vec::new();
            for (slot, value) in values.into_iter().enumerate() {
                let name = &self.signature.outputs()[slot];
                match (next[slot], &mut buffers[slot]) {
                    (Some(place), _) => states[place].put(held(value, self.signature.output_types()[slot])?),
                    (None, Some(buffer)) => {
                        if let Err(error) = write_into(value, name, buffer)? {
                            return Ok(Err(error));
                        }
                    }
                    (None, None) => rest.push((name.clone(), from_tract(value)?)),
                }
            }
            Ok(Ok(rest))
        })?
    }
}
