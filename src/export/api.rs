//! The exporter's settings, and the way from a module to a model.

use std::collections::BTreeMap;
use std::ops::Range;

use burn::backend::TensorData;
use burn::module::Module;

use super::capture::{self, Trace};
use super::dims::{Symbol, plan};
use super::error::unsupported;
use super::exported::{Exported, Reference};
use super::optimize::Passes;
use super::params::ParamNames;
use super::proto::{self, Header};
use super::traces::Traces;
use super::values::{Values, resize_axis};
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
}

#[derive(Debug, Clone)]
struct DynamicAxis {
    input: String,
    axis: usize,
    symbol: String,
}

/// A dynamic axis by the sample tensors that have it.
#[derive(Debug, Clone)]
pub(crate) struct AxisUse {
    pub name: String,
    /// Position of the sample tensor, and the axis.
    pub places: Vec<(usize, usize)>,
    /// Its length in the sample.
    pub size: usize,
    /// Whether it may take any length, as a batch may.
    pub free: bool,
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
        if !(17..=21).contains(&self.opset) {
            return Err(self.usage(format!("opset {} is not in 17 to 21", self.opset)));
        }
        let mut specs = Vec::new();
        sample.specs(&mut specs);
        let inputs = self.names("input", &self.inputs, specs.len())?;
        let dims: Vec<Vec<usize>> = specs.iter().map(|spec| spec.dims.clone()).collect();
        let axes = self.axes(&inputs, &dims)?;
        let mut data = Vec::new();
        sample.data(&mut data);

        // Parameters that are made on first use are made once, here, and not anew in every copy.
        module.visit(&mut ParamNames::default());
        let mut traces: Vec<Trace> = Vec::new();
        let sizes = plan(&axes.iter().map(|axis| (axis.size, axis.free)).collect::<Vec<_>>(), &still(&dims, &axes));
        for sizes in &sizes {
            let resized = resize(&data, &axes, sizes);
            let sample = sample.rebuilt(&mut resized.into_iter());
            traces.push(capture::record(&self.name, module, &sample, &forward)?);
        }
        let outputs = self.names("output", &self.outputs, traces[0].outputs.len())?;
        let symbols = axes
            .iter()
            .enumerate()
            .map(|(index, axis)| Symbol {
                name: axis.name.clone(),
                sizes: sizes.iter().map(|sizes| sizes[index]).collect(),
            })
            .collect();
        let traces = Traces::align(traces, symbols).map_err(|why| {
            Error::new(ErrorKind::Model, "cannot export to ONNX", &self.name, why)
                .hint("leave out dynamic_axis, or make the forward pass do the same at every size")
        })?;
        let mut graph = lower::lower(&traces, self.opset, &specs, &inputs, &outputs)
            .map_err(|offenders| unsupported(&self.name, &offenders))?;
        optimize::run(&mut graph, self.passes, self.opset);
        let header = Header {
            name: self.name.clone(),
            doc: self.doc.clone(),
            opset: self.opset,
            metadata: self.metadata.clone(),
        };
        let bytes = proto::encode(&graph, &header);
        let module = module.valid();
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
        Ok(Exported::new(bytes, graph, self.opset, reference))
    }

    fn usage(&self, why: String) -> Error {
        Error::new(ErrorKind::Usage, "cannot export to ONNX", &self.name, why)
    }

    fn names(&self, what: &str, given: &[String], count: usize) -> Result<Vec<String>> {
        if given.len() > count {
            return Err(self.usage(format!("{} {what} names for {count} {what}s", given.len())));
        }
        let names: Vec<String> = (0..count)
            .map(|index| match (given.get(index), count) {
                (Some(name), _) => name.clone(),
                (None, 1) => what.to_string(),
                (None, _) => format!("{what}_{index}"),
            })
            .collect();
        let twice = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name));
        match twice {
            Some((_, name)) => Err(self.usage(format!("the {what} name {name} is given twice"))),
            None => Ok(names),
        }
    }

    fn axes(&self, inputs: &[String], dims: &[Vec<usize>]) -> Result<Vec<AxisUse>> {
        let mut axes: Vec<AxisUse> = Vec::new();
        for dynamic in &self.axes {
            let position = inputs.iter().position(|name| *name == dynamic.input);
            let position = position.ok_or_else(|| self.usage(format!("there is no input {}", dynamic.input)))?;
            let size = *dims[position]
                .get(dynamic.axis)
                .ok_or_else(|| self.usage(format!("{} has no axis {}", dynamic.input, dynamic.axis)))?;
            let place = (position, dynamic.axis);
            match axes.iter_mut().find(|axis| axis.name == dynamic.symbol) {
                Some(axis) if axis.size != size => {
                    return Err(self.usage(format!(
                        "the sample has two lengths for {}: {} and {size}",
                        dynamic.symbol, axis.size
                    )));
                }
                Some(axis) => {
                    axis.free &= dynamic.axis == 0;
                    axis.places.push(place);
                }
                None => axes.push(AxisUse {
                    name: dynamic.symbol.clone(),
                    places: vec![place],
                    size,
                    free: dynamic.axis == 0,
                }),
            }
        }
        Ok(axes)
    }
}

/// The lengths of the axes that are not dynamic.
fn still(dims: &[Vec<usize>], axes: &[AxisUse]) -> Vec<usize> {
    let dynamic = |place: (usize, usize)| axes.iter().any(|axis| axis.places.contains(&place));
    dims.iter()
        .enumerate()
        .flat_map(|(i, dims)| dims.iter().enumerate().map(move |(axis, size)| ((i, axis), *size)))
        .filter(|(place, _)| !dynamic(*place))
        .map(|(_, size)| size)
        .collect()
}

/// The sample at other lengths of its dynamic axes.
pub(crate) fn resize(data: &[TensorData], axes: &[AxisUse], sizes: &[usize]) -> Vec<TensorData> {
    let mut data = data.to_vec();
    for (axis, size) in axes.iter().zip(sizes) {
        for (position, place) in &axis.places {
            data[*position] = resize_axis(&data[*position], *place, *size);
        }
    }
    data
}
