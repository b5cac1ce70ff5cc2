//! The exporter's settings, and the way from a module to a model.

use std::collections::BTreeMap;
use std::ops::Range;

use burn::backend::TensorData;
use burn::module::Module;

use super::boundary::{AxisUse, DynamicAxis, axes, given_sizes, names, resize, still};
use super::capture::{self, Trace};
use super::dims::{Symbol, plan};
use super::error::unsupported;
use super::exported::{Exported, INLINE_LIMIT, Reference};
use super::optimize::Passes;
use super::params::ParamNames;
use super::proto::Header;
use super::storage::{halve, rounded};
use super::traces::Traces;
use super::values::{Spec, Values};
use super::{lower, optimize};
use crate::{Error, ErrorKind, Result};

/// Writes Burn forward passes as ONNX models. See the [module](super) for an example.
#[derive(Debug, Clone)]
pub struct Exporter {
    name: String,
    doc: String,
    opset: i64,
    inputs: Vec<String>,
    outputs: Vec<String>,
    axes: Vec<DynamicAxis>,
    metadata: Vec<(String, String)>,
    passes: Passes,
    int_ranges: BTreeMap<String, Range<i64>>,
    float_ranges: BTreeMap<String, Range<f64>>,
    half_weights: bool,
    full_precision: Vec<String>,
    inline_limit: usize,
}

impl Default for Exporter {
    fn default() -> Self {
        Self::new()
    }
}

impl Exporter {
    /// An exporter to opset 18 that runs every pass.
    pub fn new() -> Self {
        Self {
            name: "model".into(),
            doc: String::new(),
            opset: 18,
            inputs: Vec::new(),
            outputs: Vec::new(),
            axes: Vec::new(),
            metadata: Vec::new(),
            passes: Passes::default(),
            int_ranges: BTreeMap::new(),
            float_ranges: BTreeMap::new(),
            half_weights: false,
            full_precision: Vec::new(),
            inline_limit: INLINE_LIMIT,
        }
    }

    /// The operator set, 17 to 21. The file format is IR version 8 for all of them.
    #[must_use]
    pub fn opset(mut self, opset: i64) -> Self {
        self.opset = opset;
        self
    }

    /// The graph's name, also used in errors.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What the model is, for people who open the file.
    #[must_use]
    pub fn doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = doc.into();
        self
    }

    /// Names the next input, in the order of the sample's tensors. Without names: `input`, or `input_0`, `input_1`...
    #[must_use]
    pub fn input(mut self, name: impl Into<String>) -> Self {
        self.inputs.push(name.into());
        self
    }

    /// Names the next output, in the order of the result's tensors. Without names: `output`, or `output_0`...
    #[must_use]
    pub fn output(mut self, name: impl Into<String>) -> Self {
        self.outputs.push(name.into());
        self
    }

    /// Leaves the length of an input's axis to the caller of the model. Axes of one symbol have one length.
    ///
    /// Axis 0 is taken for a batch, which may have any length; the forward pass is recorded at a few small ones. Any
    /// other axis is recorded at its length in the sample, twice and three times that.
    #[must_use]
    pub fn dynamic_axis(mut self, input: impl Into<String>, axis: usize, symbol: impl Into<String>) -> Self {
        self.axes.push(DynamicAxis { input: input.into(), axis, symbol: symbol.into() });
        self
    }

    /// Adds a `metadata_props` entry to the model.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((key.into(), value.into()));
        self
    }

    /// Which graph passes run.
    #[must_use]
    pub fn passes(mut self, passes: Passes) -> Self {
        self.passes = passes;
        self
    }

    /// The integers an input may hold, for [`Exported::cases`]. Without it: those between the sample's least and
    /// greatest.
    #[must_use]
    pub fn int_range(mut self, input: impl Into<String>, range: Range<i64>) -> Self {
        self.int_ranges.insert(input.into(), range);
        self
    }

    /// The floats an input may hold, for [`Exported::cases`]. Without it: 0 to 1.
    #[must_use]
    pub fn float_range(mut self, input: impl Into<String>, range: Range<f64>) -> Self {
        self.float_ranges.insert(input.into(), range);
        self
    }

    /// Stores weights in 16 bits; inputs, outputs and arithmetic stay as they are.
    ///
    /// Parameters of two and more dimensions are rounded before the forward pass is recorded, and the reference of
    /// [`Exported::cases`] is rounded alike, so the model still equals what it is checked against.
    #[must_use]
    pub fn half_weights(mut self, half: bool) -> Self {
        self.half_weights = half;
        self
    }

    /// Keeps a parameter, named by the end of its path, from [`Self::half_weights`].
    #[must_use]
    pub fn full_precision(mut self, parameter: impl Into<String>) -> Self {
        self.full_precision.push(parameter.into());
        self
    }

    /// The most bytes of weights that [`Exported::write`] stores inside the model; more go to a file beside it.
    /// Without it: just under 2 GiB, which is all that a protobuf file can hold.
    #[must_use]
    pub fn inline_limit(mut self, bytes: usize) -> Self {
        self.inline_limit = bytes;
        self
    }

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
        I: Values + 'static,
        O: Values,
        F: Fn(&M, I) -> O + 'static,
    {
        let boundary = self.boundary(&sample)?;
        let axes = &boundary.axes;
        let lengths: Vec<(usize, bool)> = axes.iter().map(|axis| (axis.size, axis.free)).collect();
        let sizes = plan(&lengths, &still(&boundary.dims, axes));
        let mut data = Vec::new();
        sample.data(&mut data);
        let samples =
            sizes.iter().map(|sizes| sample.rebuilt(&mut resize(&data, axes, sizes).into_iter())).collect::<Vec<_>>();
        self.lowered(module, samples, sizes, boundary, forward)
    }

    /// [`Self::export`] with samples that are given at several lengths of the dynamic axes, instead of made by
    /// repeating one: for a forward pass that accepts only certain lengths, or whose course depends on the values.
    ///
    /// Each dynamic axis must have two lengths at least among the samples; with several axes, each should change
    /// alone at least once.
    ///
    /// # Errors
    ///
    /// Those of [`Self::export`]; [`ErrorKind::Usage`] where the samples differ in anything but dynamic axes.
    pub fn export_samples<M, I, O, F>(&self, module: &M, samples: Vec<I>, forward: F) -> Result<Exported>
    where
        M: Module + 'static,
        I: Values + 'static,
        O: Values,
        F: Fn(&M, I) -> O + 'static,
    {
        let first = samples.first().ok_or_else(|| self.usage("no sample was given".into()))?;
        let boundary = self.boundary(first)?;
        let dims: Vec<_> = samples.iter().map(shapes).collect();
        let sizes = given_sizes(&boundary.axes, &dims).map_err(|why| self.usage(why))?;
        self.lowered(module, samples, sizes, boundary, forward)
    }

    fn lowered<M, I, O, F>(
        &self,
        module: &M,
        mut samples: Vec<I>,
        sizes: Vec<Vec<usize>>,
        Boundary { specs, inputs, axes, .. }: Boundary,
        forward: F,
    ) -> Result<Exported>
    where
        M: Module + 'static,
        I: Values + 'static,
        O: Values,
        F: Fn(&M, I) -> O + 'static,
    {
        // Parameters that are made on first use are made once, here, and not anew in every copy.
        module.visit(&mut ParamNames::default());
        let module = match self.half_weights {
            true => rounded(module.valid(), &self.full_precision),
            false => module.valid(),
        };
        let mut traces: Vec<Trace> = Vec::new();
        for sample in &samples {
            let mut trace = capture::record(&self.name, &module, sample, &forward)?;
            if !traces.is_empty() {
                trace.forget_parameters();
            }
            traces.push(trace);
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
                .hint("leave out dynamic_axis, or make the forward pass do the same at every size")
        })?;
        let (mut graph, operations) = lower::lower(&traces, self.opset, &specs, &inputs, &outputs)
            .map_err(|offenders| unsupported(&self.name, &offenders))?;
        drop(traces);
        optimize::run(&mut graph, self.passes, self.opset);
        if self.half_weights {
            halve(&mut graph);
        }
        let header = Header {
            name: self.name.clone(),
            doc: self.doc.clone(),
            opset: self.opset,
            metadata: self.metadata.clone(),
        };
        let sample = samples.swap_remove(0);
        let mut data = Vec::new();
        sample.data(&mut data);
        let reference = Reference {
            run: Box::new(move |data: Vec<TensorData>| {
                let result = forward(&module, sample.rebuilt(&mut data.into_iter()));
                let mut results = Vec::new();
                result.data(&mut results);
                results
            }),
            sample: data,
            axes,
            traced: sizes,
            int_ranges: self.int_ranges.clone(),
            float_ranges: self.float_ranges.clone(),
        };
        Ok(Exported::new(graph, header, operations, self.inline_limit, reference))
    }

    /// The sample's tensors under the names and symbols that were asked for.
    fn boundary<I: Values>(&self, sample: &I) -> Result<Boundary> {
        if !(17..=21).contains(&self.opset) {
            return Err(self.usage(format!("opset {} is not in 17 to 21", self.opset)));
        }
        let mut specs = Vec::new();
        sample.specs(&mut specs);
        let inputs = names("input", &self.inputs, specs.len()).map_err(|why| self.usage(why))?;
        let dims = shapes(sample);
        let axes = axes(&self.axes, &inputs, &dims).map_err(|why| self.usage(why))?;
        Ok(Boundary { specs, inputs, dims, axes })
    }

    fn usage(&self, why: String) -> Error {
        Error::new(ErrorKind::Usage, "cannot export to ONNX", &self.name, why)
    }
}

/// A sample's tensors.
struct Boundary {
    specs: Vec<Spec>,
    inputs: Vec<String>,
    dims: Vec<Vec<usize>>,
    axes: Vec<AxisUse>,
}

fn shapes<I: Values>(sample: &I) -> Vec<Vec<usize>> {
    let mut specs = Vec::new();
    sample.specs(&mut specs);
    specs.into_iter().map(|spec| spec.dims).collect()
}
