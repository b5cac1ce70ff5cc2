//! Exporting one step of a module that has state.

use std::cell::RefCell;

use burn::backend::TensorData;
use burn::module::Module;

use super::api::Exporter;
use super::begin::{Found, RECORDED, first_values, fresh, grown, name_growing, recorded, start};
use super::boundary::{names, shapes};
use super::capture;
use super::exported::Exported;
use super::params::ParamNames;
use super::values::{Tensors, Values, resize_axis};
use crate::onnx::State;
use crate::{Error, ErrorKind, Result};

/// The shapes of several tensors.
type Shapes = Vec<Vec<usize>>;

/// An exporter of one step of a module: [`Exporter::state`] makes it.
#[derive(Debug, Clone)]
pub struct Stateful<S> {
    exporter: Exporter,
    name: String,
    names: Vec<(String, String)>,
    init: S,
}

impl Exporter {
    /// Exports one step of a module that has state, such as a cache of keys and values: `init` is the state before the first
    /// step, a tensor or several, and comes in and goes out with every step.
    ///
    /// The state is an input `NAME` and an output `next_NAME`; several are `NAME_0`, `next_NAME_0` and so on. Settings of
    /// inputs, such as [`dynamic_axis`](Exporter::dynamic_axis), apply to these names too and are set before. An axis that is
    /// longer after a step than before it is found and made dynamic; it is named `past` unless `dynamic_axis` names it. The
    /// model's metadata says which output is which input's next value and what it is before the first step
    /// ([`State`]), so that the file alone tells a [`Stepper`](crate::engine::Stepper) what to do.
    ///
    /// ```
    /// # fn main() -> oasis::Result<()> {
    /// # #[cfg(feature = "flex")] {
    /// use burn::nn::LinearConfig;
    /// use burn::tensor::{Device, Tensor};
    /// use oasis::export::Exporter;
    ///
    /// let device = Device::flex();
    /// let mix = LinearConfig::new(4, 4).init(&device);
    /// // The mean of all that a layer made so far.
    /// let exported = Exporter::new()
    ///     .input("x")
    ///     .output("mean")
    ///     .state("seen", Tensor::<2>::zeros([0, 4], &device))
    ///     .export(&mix, Tensor::<2>::zeros([1, 4], &device), |mix, x, seen| {
    ///         let seen = Tensor::cat(vec![seen, mix.forward(x)], 0);
    ///         (seen.clone().mean_dim(0), seen)
    ///     })?;
    /// assert_eq!(exported.inputs()[1].to_string(), "seen f32 [past, 4]");
    /// assert_eq!(exported.outputs()[1].to_string(), "next_seen f32 [past+1, 4]");
    /// assert_eq!(exported.states()[0].grows, Some(0));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn state<S: Values + Send + 'static>(self, name: impl Into<String>, init: S) -> Stateful<S> {
        Stateful { exporter: self, name: name.into(), names: Vec::new(), init }
    }
}

impl<S: Values + Send + 'static> Stateful<S> {
    /// Names each tensor of the state, in order: the input, and the output that is its next value.
    #[must_use]
    pub fn named<'n>(mut self, names: impl IntoIterator<Item = (&'n str, &'n str)>) -> Self {
        self.names = names.into_iter().map(|(input, output)| (input.to_owned(), output.to_owned())).collect();
        self
    }

    /// Exports `step` on `module`: it takes the inputs and the state, and returns the outputs and the next state.
    ///
    /// # Errors
    ///
    /// Those of [`Exporter::export`]; [`ErrorKind::Usage`] where the next state is of another number of tensors, rank or
    /// type, or longer along several axes.
    pub fn export<M, I, O, F>(&self, module: &M, sample: I, step: F) -> Result<Exported>
    where
        M: Module + 'static,
        I: Values + Send + 'static,
        O: Values,
        F: Fn(&M, I, S) -> (O, S) + Send + 'static,
    {
        let (exporter, found) = self.prepared(module, &sample, &step)?;
        let mut begun = Vec::new();
        for Found { state, init } in &found {
            begun.push(match state.grows {
                Some(axis) => resize_axis(init, axis, recorded(init, axis)),
                None => init.clone(),
            });
        }
        let begun = self.init.rebuilt(&mut begun.into_iter());
        let exported =
            exporter.export(module, (sample, begun), move |module, (inputs, state)| step(module, inputs, state))?;
        self.described(exported, found)
    }

    /// [`Stateful::export`] with samples that are given at several lengths of the dynamic axes, as
    /// [`Exporter::export_samples`] takes them; those of the state among them, each with the inputs beside it.
    ///
    /// # Errors
    ///
    /// Those of [`Stateful::export`] and [`Exporter::export_samples`].
    pub fn export_samples<M, I, O, F>(&self, module: &M, samples: Vec<(I, S)>, step: F) -> Result<Exported>
    where
        M: Module + 'static,
        I: Values + Send + 'static,
        O: Values,
        F: Fn(&M, I, S) -> (O, S) + Send + 'static,
    {
        let (first, _) = samples.first().ok_or_else(|| self.usage("no sample was given".into()))?;
        let (exporter, found) = self.prepared(module, first, &step)?;
        let exported =
            exporter.export_samples(module, samples, move |module, (inputs, state)| step(module, inputs, state))?;
        self.described(exported, found)
    }

    /// The exporter with every input and output named and the axes that grow made dynamic, and the states.
    fn prepared<M, I, O>(
        &self,
        module: &M,
        sample: &I,
        step: &dyn Fn(&M, I, S) -> (O, S),
    ) -> Result<(Exporter, Vec<Found>)>
    where
        M: Module,
        I: Values,
        O: Values,
    {
        let mut exporter = self.exporter.clone();
        let init = self.init.data();
        let own = self.own_names(init.len())?;
        exporter.inputs = names("input", &exporter.inputs, shapes(sample).len()).map_err(|why| self.usage(why))?;
        let given = exporter.inputs.clone();
        let (outputs, before, after) = self.probe(module, sample, &init, step)?;
        exporter.outputs = names("output", &exporter.outputs, outputs).map_err(|why| self.usage(why))?;
        for (input, output) in &own {
            exporter.inputs.push(input.clone());
            exporter.outputs.push(output.clone());
        }
        let mut found = Vec::new();
        for ((((input, output), init), before), after) in own.into_iter().zip(init).zip(&before).zip(&after) {
            let grows = grown(before, after).map_err(|why| self.usage(format!("the state {input} {why}")))?;
            let state = State { grows, ..State::new(input, output, []) };
            found.push(Found { state, init });
        }
        name_growing(&mut exporter, &found);
        for Found { state, init } in &mut found {
            state.start = start(&exporter, &given, state, init);
        }
        Ok((exporter, found))
    }

    /// The names of the state's tensors, as inputs and as outputs.
    fn own_names(&self, count: usize) -> Result<Vec<(String, String)>> {
        if !self.names.is_empty() {
            return match self.names.len() == count {
                true => Ok(self.names.clone()),
                false => Err(self.usage(format!("{} states were named, but there are {count}", self.names.len()))),
            };
        }
        let name = &self.name;
        Ok((0..count)
            .map(|index| match count {
                1 => (name.clone(), format!("next_{name}")),
                _ => (format!("{name}_{index}"), format!("next_{name}_{index}")),
            })
            .collect())
    }

    /// How many outputs a step has beside the state, and the state's shapes before and after it.
    fn probe<M, I, O>(
        &self,
        module: &M,
        sample: &I,
        init: &[TensorData],
        step: &dyn Fn(&M, I, S) -> (O, S),
    ) -> Result<(usize, Shapes, Shapes)>
    where
        M: Module,
        I: Values,
        O: Values,
    {
        // Parameters that are made on first use are made once.
        module.visit(&mut ParamNames::default());
        let begun = init.iter().map(|data| {
            let empty = data.shape().iter().position(|size| *size == 0);
            empty.map_or_else(|| data.clone(), |axis| resize_axis(data, axis, RECORDED))
        });
        let sample = (sample.clone(), self.init.rebuilt(&mut begun.collect::<Vec<_>>().into_iter()));
        let before = shapes(&sample.1);
        let seen = RefCell::new((0, Vec::new()));
        capture::record(&self.exporter.name, module, &sample, &|module: &M, (inputs, state): (I, S)| -> (O, S) {
            let (outputs, state) = step(module, inputs, state);
            *seen.borrow_mut() = (shapes(&outputs).len(), shapes(&state));
            (outputs, state)
        })?;
        let (outputs, after) = seen.into_inner();
        if before.len() != after.len() {
            return Err(self.usage(format!("the state is {} tensors, and {} after a step", before.len(), after.len())));
        }
        Ok((outputs, before, after))
    }

    /// The model with its states in its metadata, and their first values where these are no zeros.
    fn described(&self, mut exported: Exported, found: Vec<Found>) -> Result<Exported> {
        let mut states = Vec::new();
        for Found { mut state, init } in found {
            if init.iter::<f64>().any(|value| value != 0.0) {
                let first = first_values(&state, &init).map_err(|why| self.usage(why))?;
                let name = fresh(exported.model(), &format!("{}.start", state.input));
                state.values = Some(name.clone());
                exported.change_model(|model| model.graph.initializers.push((name, first)));
            }
            exported.change_model(|model| model.metadata.extend(state.metadata()));
            states.push(state);
        }
        match exported.model().states() {
            Ok(told) if told == states => Ok(exported),
            Ok(told) => Err(self.usage(format!("the states {states:?} are read back as {told:?}"))),
            Err(found) => Err(self.usage(format!("the states do not fit the model: {found}"))),
        }
    }

    fn usage(&self, why: String) -> Error {
        Error::new(ErrorKind::Usage, "cannot export to ONNX", &self.exporter.name, why)
    }
}

impl Exported {
    /// What the model remembers from step to step; none where it was exported without [`Exporter::state`].
    pub fn states(&self) -> Vec<State> {
        self.model().states().unwrap_or_default()
    }
}
