//! The exporter's settings.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::boundary::DynamicAxis;
use super::exported::INLINE_LIMIT;
use super::optimize::{Folder, Passes};
use crate::engine::Engine;

/// Writes Burn forward passes as ONNX models. See the [module](super) for an example.
#[derive(Debug, Clone)]
pub struct Exporter {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) opset: i64,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) axes: Vec<DynamicAxis>,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) passes: Passes,
    pub(super) folder: Option<Folder>,
    pub(super) int_ranges: BTreeMap<String, Range<i64>>,
    pub(super) float_ranges: BTreeMap<String, Range<f64>>,
    pub(super) half_weights: bool,
    pub(super) full_precision: Vec<String>,
    pub(super) inline_limit: usize,
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
            folder: Folder::built_in(),
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
    /// other axis is recorded at its length in the sample, twice and three times that, and at an odd length; where the
    /// forward pass refuses that one, the model holds for multiples of the sample's length.
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

    /// The engine that computes what depends on stored tensors alone. Without it: tract, where it is part of the build
    /// (feature `tract`). With no engine at all the model computes it anew in each run.
    ///
    /// The results are stored in the model, so another engine may give a model with other bytes.
    #[must_use]
    pub fn fold_with(mut self, engine: impl Into<Arc<dyn Engine>>) -> Self {
        self.folder = Some(Folder::new(engine.into()));
        self
    }

    /// The integers an input may hold, for [`Exported::cases`](super::Exported::cases). Without it they are not known,
    /// and those between the sample's least and greatest are drawn.
    #[must_use]
    pub fn int_range(mut self, input: impl Into<String>, range: Range<i64>) -> Self {
        self.int_ranges.insert(input.into(), range);
        self
    }

    /// The floats an input may hold, for [`Exported::cases`](super::Exported::cases). Without it: any, around zero and
    /// large. It says nothing of integers and truth values.
    #[must_use]
    pub fn float_range(mut self, input: impl Into<String>, range: Range<f64>) -> Self {
        self.float_ranges.insert(input.into(), range);
        self
    }

    /// Stores weights in 16 bits; inputs, outputs and arithmetic stay as they are.
    ///
    /// f32 parameters of two and more dimensions are rounded before the forward pass is recorded, and the reference of
    /// [`Exported::cases`](super::Exported::cases) is rounded alike, so the model still equals what it is checked
    /// against. What is folded into a weight afterwards, such as batch normalisation, keeps it at 32 bits.
    #[must_use]
    pub fn half_weights(mut self, half: bool) -> Self {
        self.half_weights = half;
        self
    }

    /// Keeps a parameter, named by the end of its path, from [`Self::half_weights`]. The module must have it.
    #[must_use]
    pub fn full_precision(mut self, parameter: impl Into<String>) -> Self {
        self.full_precision.push(parameter.into());
        self
    }

    /// The most bytes of weights that [`Exported::write`](super::Exported::write) stores inside the model; more go to a
    /// file beside it. Without it: just under 2 GiB, which is all that a protobuf file can hold.
    #[must_use]
    pub fn inline_limit(mut self, bytes: usize) -> Self {
        self.inline_limit = bytes;
        self
    }
}
