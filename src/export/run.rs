//! The way from a module to a model.

use burn::backend::TensorData;
use burn::module::Module;

use super::api::Exporter;
use super::boundary::{Boundary, axes, given_sizes, names, resize, shapes, still};
use super::capture;
use super::error::unsupported;
use super::exported::{Exported, Reference};
use super::lengths::{Symbol, odd, plan};
use super::params::ParamNames;
use super::storage::{halve, rounded};
use super::trace::Trace;
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
        let axes = &boundary.axes;
        let lengths: Vec<(usize, bool)> = axes.iter().map(|axis| (axis.size, axis.free)).collect();
        let sizes = plan(&lengths, &still(&boundary.dims, axes));
        let data = sample.data();
        let made = |sizes: &Vec<usize>| sample.rebuilt(&mut resize(&data, axes, sizes).into_iter());
        let samples: Vec<I> = sizes.iter().map(made).collect();
        let odd = odd(&sizes[0], &lengths).map(|sizes| (made(&sizes), sizes));
        self.lowered(module, samples, sizes, odd, boundary, forward)
    }

    /// [`Exporter::export`] with samples that are given at several lengths of the dynamic axes, instead of made by
    /// repeating one: for a forward pass that accepts only certain lengths.
    ///
    /// Each dynamic axis must have two lengths at least among the samples, and change alone between two of them.
    ///
    /// # Errors
    ///
    /// Those of [`Exporter::export`]; [`ErrorKind::Usage`] where the samples differ in anything but dynamic axes, or do
    /// not tell these apart.
    pub fn export_samples<M, I, O, F>(&self, module: &M, samples: Vec<I>, forward: F) -> Result<Exported>
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
        self.lowered(module, samples, sizes, None, boundary, forward)
    }

    fn lowered<M, I, O, F>(
        &self,
        module: &M,
        mut samples: Vec<I>,
        mut sizes: Vec<Vec<usize>>,
        odd: Option<(I, Vec<usize>)>,
        Boundary { specs, inputs, axes, .. }: Boundary,
        forward: F,
    ) -> Result<Exported>
    where
        M: Module + 'static,
        I: Values + Send + 'static,
        O: Values,
        F: Fn(&M, I) -> O + Send + 'static,
    {
        validate::kept(&self.full_precision, module).map_err(|why| self.usage(why))?;
        // Parameters that are made on first use are made once, here, and not anew in every copy.
        module.visit(&mut ParamNames::default());
        let module = match self.half_weights {
            true => rounded(module.valid(), &self.full_precision),
            false => module.valid(),
        };
        // A forward pass that remembers earlier calls, or draws numbers, does something else the second time.
        samples.push(samples[0].clone());
        sizes.push(sizes[0].clone());
        let mut traces: Vec<Trace> = Vec::new();
        for sample in &samples {
            let mut trace = capture::record(&self.name, &module, sample, &forward)?;
            if !traces.is_empty() {
                trace.forget_parameters();
            }
            traces.push(trace);
        }
        // Lengths that are no multiples show what rounds. A forward pass that takes multiples alone refuses them.
        if let Some((sample, lengths)) = odd
            && let Ok(mut trace) = capture::record(&self.name, &module, &sample, &forward)
            && traces[0].runs_as(&trace)
        {
            trace.forget_parameters();
            traces.push(trace);
            sizes.push(lengths);
        }
        if traces[0].outputs.is_empty() {
            return Err(self.usage("the forward pass returns no tensor".into()));
        }
        let outputs = names("output", &self.outputs, traces[0].outputs.len()).map_err(|why| self.usage(why))?;
        if let Some(name) = outputs.iter().find(|name| inputs.contains(name)) {
            return Err(self.usage(format!("{name} is the name of an input and of an output")));
        }
        let symbols = axes.iter().enumerate().map(|(index, axis)| Symbol {
            name: axis.name.clone(),
            sizes: sizes.iter().map(|sizes| sizes[index]).collect(),
        });
        let traces = Traces::align(traces, symbols.collect()).map_err(|why| {
            Error::new(ErrorKind::Model, "cannot export to ONNX", &self.name, why)
                .hint("make the forward pass do the same for every length and value of its inputs")
                .hint("leave out dynamic_axis, or give samples of the lengths it is meant for with export_samples")
        })?;
        let (mut graph, operations) = lower::lower(&traces, self.opset, &specs, &inputs, &outputs)
            .map_err(|offenders| unsupported(&self.name, &offenders))?;
        drop(traces);
        optimize::run(&mut graph, self.passes, self.opset, self.folder.as_ref());
        if self.half_weights {
            halve(&mut graph);
        }
        let model = Model {
            doc: self.doc.clone(),
            metadata: self.metadata.clone(),
            ..graph.into_model(&self.name, self.opset)
        };
        let sample = samples.swap_remove(0);
        let data = sample.data();
        let reference = Reference {
            run: Box::new(move |data: Vec<TensorData>| forward(&module, sample.rebuilt(&mut data.into_iter())).data()),
            sample: data,
            axes,
            traced: sizes,
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
        let axes = axes(&self.axes, &inputs, &dims).map_err(|why| self.usage(why))?;
        Ok(Boundary { specs, inputs, dims, axes })
    }

    fn usage(&self, why: String) -> Error {
        Error::new(ErrorKind::Usage, "cannot export to ONNX", &self.name, why)
    }
}
