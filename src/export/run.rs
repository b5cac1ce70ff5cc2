//! The way from a module to a model.

use burn::backend::TensorData;
use burn::module::Module;

use super::api::Exporter;
use super::boundary::{Boundary, axes, given_sizes, names, resize, shapes, still};
use super::capture;
use super::error::unsupported;
use super::exported::{Exported, Reference};
use super::limits::Symbol;
use super::params::ParamNames;
use super::recordings::Recorder;
use super::storage::{halve, rounded};
use super::traces::Traces;
use super::values::{Tensors, Values};
use super::{lower, optimize, validate};
use crate::onnx::Model;
use crate::{Error, ErrorKind, Result};

impl Exporter {
    /// Exports `forward` on `module`.
    ///
    /// The module may be on any device, with or without autodiff; it is exported in validation mode, and left as it
    /// is. Integer inputs are i64 in the model, whatever the sample holds.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`] for names, axes and opsets that do not fit the sample; [`ErrorKind::Model`] for a forward
    /// pass that cannot be recorded or expressed, with every offending operation listed.
    pub fn export<M, I, O, F>(&self, module: &M, sample: I, forward: F) -> Result<Exported>
    where
        M: Module + 'static,
        I: Values + Send + 'static,
        O: Values,
        F: Fn(&M, I) -> O + Send + 'static,
    {
        let boundary = self.boundary(&sample)?;
        let module = self.prepared(module)?;
        let data = sample.data();
        let made = |sizes: &[usize]| resize(&data, &boundary.axes, sizes);
        let traces = Recorder {
            model: &self.name,
            axes: &boundary.axes,
            taken: &still(&boundary.dims, &boundary.axes),
            record: &|sizes| {
                let sample = sample.rebuilt(&mut made(sizes).into_iter());
                capture::record(&self.name, &module, &sample, &forward)
            },
        }
        .recordings()?;
        let first: Vec<usize> = traces.symbols.iter().map(|symbol| symbol.sizes[0]).collect();
        let sample = sample.rebuilt(&mut made(&first).into_iter());
        self.lowered(module, sample, traces, boundary, forward)
    }

    /// [`Exporter::export`] with samples that are given at several lengths of the dynamic axes, instead of made by
    /// repeating one: for a forward pass that accepts only certain lengths.
    ///
    /// Each dynamic axis must have two lengths at least among the samples, and change alone between two of them. What
    /// two samples show is taken for the simplest thing that it can be: an axis, a multiple of it, or an axis and a
    /// fixed number more; three and more lengths of an axis show more.
    ///
    /// # Errors
    ///
    /// Those of [`Exporter::export`]; [`ErrorKind::Usage`] where the samples differ in anything but dynamic axes, or do
    /// not tell these apart.
    pub fn export_samples<M, I, O, F>(&self, module: &M, mut samples: Vec<I>, forward: F) -> Result<Exported>
    where
        M: Module + 'static,
        I: Values + Send + 'static,
        O: Values,
        F: Fn(&M, I) -> O + Send + 'static,
    {
        let first = samples.first().ok_or_else(|| self.usage("no sample was given".into()))?;
        let boundary = self.boundary(first)?;
        let dims: Vec<_> = samples.iter().map(shapes).collect();
        let sizes = given_sizes(&boundary.axes, &dims).map_err(|why| self.usage(why))?;
        let module = self.prepared(module)?;
        let record = |sample: &I| capture::record(&self.name, &module, sample, &forward);
        let symbols = boundary.axes.iter().zip(&sizes[0]).map(|(axis, size)| Symbol {
            name: axis.name.clone(),
            sizes: vec![*size],
            limits: axis.limits,
        });
        let mut traces = Traces::new(record(first)?, symbols.collect());
        // The first sample comes once more at the end: a forward pass that remembers earlier calls does something else then.
        let (count, again) = (samples.len(), [(0, (first, &sizes[0]))]);
        for (number, (sample, sizes)) in samples.iter().zip(&sizes).enumerate().skip(1).chain(again) {
            traces.add(record(sample)?, sizes).map_err(|difference| {
                let what = match number {
                    0 => format!("the second time, after {count} recordings"),
                    _ => format!("for sample {number} than for sample 0"),
                };
                let why = format!("the forward pass does something else {what}: {}", difference.why);
                Error::new(ErrorKind::Model, "cannot export to ONNX", &self.name, why)
                    .hint("make the forward pass do the same for every length and every time")
            })?;
        }
        traces.fit();
        traces.formulas.keep_simplest();
        let sample = samples.swap_remove(0);
        self.lowered(module, sample, traces, boundary, forward)
    }

    /// The module that is recorded.
    fn prepared<M: Module>(&self, module: &M) -> Result<M> {
        validate::kept(&self.full_precision, module).map_err(|why| self.usage(why))?;
        // Parameters that are made on first use are made once, here, and not anew in every copy.
        module.visit(&mut ParamNames::default());
        Ok(match self.half_weights {
            true => rounded(module.valid(), &self.full_precision),
            false => module.valid(),
        })
    }

    fn lowered<M, I, O, F>(
        &self,
        module: M,
        sample: I,
        traces: Traces,
        Boundary { specs, inputs, mut axes, .. }: Boundary,
        forward: F,
    ) -> Result<Exported>
    where
        M: Module + 'static,
        I: Values + Send + 'static,
        O: Values,
        F: Fn(&M, I) -> O + Send + 'static,
    {
        if traces.outputs.is_empty() {
            return Err(self.usage("the forward pass returns no tensor".into()));
        }
        let outputs = names("output", &self.outputs, traces.outputs.len()).map_err(|why| self.usage(why))?;
        if let Some(name) = outputs.iter().find(|name| inputs.contains(name)) {
            return Err(self.usage(format!("{name} is the name of an input and of an output")));
        }
        let (mut graph, operations) = lower::lower(&traces, self.opset, &specs, &inputs, &outputs)
            .map_err(|offenders| unsupported(&self.name, &offenders))?;
        let mut metadata = self.metadata.clone();
        for (axis, symbol) in axes.iter_mut().zip(&traces.symbols) {
            axis.limits = symbol.limits;
            metadata.extend(symbol.limits.text().map(|limits| (format!("oasis.axis.{}", symbol.name), limits)));
        }
        let count = traces.operations.len();
        let traced = (0..count).map(|number| traces.symbols.iter().map(|symbol| symbol.sizes[number]).collect());
        let traced = traced.collect();
        drop(traces);
        optimize::run(&mut graph, self.passes, self.opset, self.folder.as_ref());
        if self.half_weights {
            halve(&mut graph);
        }
        let model = Model { doc: self.doc.clone(), metadata, ..graph.into_model(&self.name, self.opset) };
        let data = sample.data();
        let reference = Reference {
            run: Box::new(move |data: Vec<TensorData>| forward(&module, sample.rebuilt(&mut data.into_iter())).data()),
            sample: data,
            axes,
            traced,
            int_ranges: self.int_ranges.clone(),
            float_ranges: self.float_ranges.clone(),
        };
        Ok(Exported::new(model, operations, self.inline_limit, reference))
    }

    /// The sample's tensors under the names and symbols that were asked for.
    fn boundary<I: Values>(&self, sample: &I) -> Result<Boundary> {
        if !(17..=21).contains(&self.opset) {
            return Err(self.usage(format!("opset {} is not in 17 to 21", self.opset)));
        }
        let specs = sample.specs();
        let inputs = names("input", &self.inputs, specs.len()).map_err(|why| self.usage(why))?;
        if let Some((name, spec)) = inputs.iter().zip(&specs).find(|(_, spec)| spec.declared().is_none()) {
            return Err(self.usage(format!("ONNX has no element type for {:?}, that of {name}", spec.dtype)));
        }
        validate::ranges(self, &inputs, &specs).map_err(|why| self.usage(why))?;
        let dims: Vec<Vec<usize>> = specs.iter().map(|spec| spec.dims.clone()).collect();
        let axes = axes(&self.axes, &self.limits, &inputs, &dims).map_err(|why| self.usage(why))?;
        Ok(Boundary { specs, inputs, dims, axes })
    }

    fn usage(&self, why: String) -> Error {
        Error::new(ErrorKind::Usage, "cannot export to ONNX", &self.name, why)
    }
}
