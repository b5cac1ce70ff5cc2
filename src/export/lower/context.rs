//! What every lowering works with: value names, node making, stored tensors, shapes at run time.

use crate::export::constant::{self, onnx_type};
use crate::onnx::{Attribute, DataType, Node, Tensor};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use burn::backend::DType;
use burn::backend::capture::TensorId;
use burn::backend::ir::{OperationIr, ScalarIr, TensorIr};

use crate::export::builder::{Fact, GraphBuilder};
use crate::export::dims::{Dim, size};
use crate::export::error::Reason;
use crate::export::traces::Traces;

/// The result of a lowering step.
pub(crate) type Lowered<T = ()> = Result<T, Reason>;

/// The graph being built, and the operation being lowered into it.
pub(crate) struct Context<'a> {
    pub graph: GraphBuilder,
    pub traces: &'a Traces,
    pub opset: i64,
    /// The names of inputs and outputs, which stored tensors must not have.
    reserved: HashSet<String>,
    pub(super) values: HashMap<TensorId, String>,
    /// The names of stored tensors by the hash of their content.
    stored: HashMap<u64, Vec<String>>,
    pub(super) sizes: HashMap<Dim, String>,
    prefix: String,
    pub(super) index: usize,
    count: usize,
}

impl<'a> Context<'a> {
    pub fn new(traces: &'a Traces, opset: i64, reserved: HashSet<String>) -> Self {
        Self {
            graph: GraphBuilder::default(),
            traces,
            opset,
            reserved,
            values: HashMap::new(),
            stored: HashMap::new(),
            sizes: HashMap::new(),
            prefix: String::new(),
            index: 0,
            count: 0,
        }
    }

    /// Turns to operation `index`; its nodes are named after the module whose parameters it reads.
    pub fn begin(&mut self, index: usize, op: &OperationIr) {
        self.index = index;
        self.prefix = op
            .inputs()
            .find_map(|tensor| self.traces.params.get(&tensor.id))
            .and_then(|name| name.rsplit_once('.'))
            .map(|(module, _)| format!("{module}/"))
            .unwrap_or_default();
    }

    /// The operation being lowered, as it was in every trace.
    pub fn variants(&self) -> impl Iterator<Item = &'a OperationIr> + use<'a> {
        let index = self.index;
        self.traces.operations.iter().map(move |trace| &trace[index])
    }

    /// The value that holds a tensor.
    pub fn value(&self, tensor: &TensorIr) -> Lowered<String> {
        self.value_of(tensor.id).ok_or_else(|| "it reads a tensor that was never computed".into())
    }

    pub fn value_of(&self, id: TensorId) -> Option<String> {
        self.values.get(&id).cloned()
    }

    /// Says which value holds a tensor.
    pub fn bind(&mut self, tensor: &TensorIr, value: String) -> Lowered {
        let dtype = self.dtype(tensor)?;
        self.bind_as(tensor.id, value, dtype);
        Ok(())
    }

    pub fn bind_as(&mut self, id: TensorId, value: String, dtype: DataType) {
        if let Some(dims) = self.traces.dims.get(&id) {
            let symbols = &self.traces.symbols;
            let dims = dims.iter().map(|dim| size(dim, symbols)).collect();
            self.graph.facts.insert(value.clone(), Fact { dtype, dims });
        }
        self.values.insert(id, value);
    }

    pub fn dtype(&self, tensor: &TensorIr) -> Lowered<DataType> {
        data_type(tensor.dtype)
    }

    pub fn dims(&self, tensor: &TensorIr) -> Vec<Dim> {
        match self.traces.dims.get(&tensor.id) {
            Some(dims) => dims.clone(),
            None => tensor.shape.iter().map(|n| Dim(vec![*n])).collect(),
        }
    }

    /// One dimension's length, which must not depend on a dynamic axis.
    pub fn fixed(&self, tensor: &TensorIr, axis: usize) -> Lowered<usize> {
        self.dims(tensor)[axis]
            .fixed()
            .ok_or_else(|| Reason(format!("dimension {axis} depends on a dynamic axis, and a fixed one is needed")))
    }

    /// The lengths from `axis` on, none of which may depend on a dynamic axis.
    pub fn fixed_dims_from(&self, tensor: &TensorIr, axis: usize) -> Lowered<Vec<usize>> {
        (axis..tensor.shape.num_dims()).map(|axis| self.fixed(tensor, axis)).collect()
    }

    /// All lengths, none of which may depend on a dynamic axis.
    pub fn fixed_dims(&self, tensor: &TensorIr) -> Lowered<Vec<usize>> {
        self.fixed_dims_from(tensor, 0)
    }

    /// Adds a node with one output and gives the output's name.
    pub fn node(&mut self, op: &'static str, inputs: &[&str], attributes: &[(&'static str, Attribute)]) -> String {
        self.nodes(op, inputs, 1, attributes).remove(0)
    }

    /// Adds a node and gives its outputs' names.
    pub fn nodes(
        &mut self,
        op: &'static str,
        inputs: &[&str],
        outputs: usize,
        attributes: &[(&'static str, Attribute)],
    ) -> Vec<String> {
        let name = format!("{}{op}_{}", self.prefix, self.count);
        self.count += 1;
        let outputs: Vec<String> = match outputs {
            1 => vec![format!("{name}_out")],
            n => (0..n).map(|i| format!("{name}_out{i}")).collect(),
        };
        self.graph.nodes.push(Node {
            name,
            op: op.into(),
            inputs: inputs.iter().map(ToString::to_string).collect(),
            outputs: outputs.clone(),
            attributes: attributes.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
            ..Node::default()
        });
        outputs
    }

    /// Adds a node whose single output holds `out`.
    pub fn emit(
        &mut self,
        out: &TensorIr,
        op: &'static str,
        inputs: &[&str],
        attributes: &[(&'static str, Attribute)],
    ) -> Lowered {
        let value = self.node(op, inputs, attributes);
        self.bind(out, value)
    }

    /// Stores a tensor; equal ones are stored once.
    pub fn constant(&mut self, constant: Tensor) -> String {
        self.store_as(constant, |count| format!("constant_{count}"))
    }

    /// Stores a tensor under a name of its own, unless an equal one is stored already.
    pub fn store(&mut self, name: String, constant: Tensor) -> String {
        self.store_as(constant, |_| name)
    }

    fn store_as(&mut self, constant: Tensor, name: impl FnOnce(usize) -> String) -> String {
        let mut hasher = DefaultHasher::new();
        constant.hash(&mut hasher);
        let count = self.graph.constants.len();
        let equal = self.stored.entry(hasher.finish()).or_default();
        if let Some(name) = equal.iter().find(|name| self.graph.constants[*name] == constant) {
            return name.clone();
        }
        let mut name = name(count);
        while self.reserved.contains(&name) || self.graph.constants.contains_key(&name) {
            name.push('_');
        }
        equal.push(name.clone());
        self.graph.constants.insert(name.clone(), constant);
        name
    }

    pub fn i64s(&mut self, values: &[i64]) -> String {
        self.constant(constant::i64s(values))
    }

    /// A stored number without dimensions.
    pub fn scalar(&mut self, dtype: DataType, value: ScalarIr) -> String {
        self.constant(constant::scalar(dtype, value))
    }

    pub fn number(&mut self, dtype: DataType, value: f64) -> String {
        self.scalar(dtype, ScalarIr::Float(value))
    }

    /// The value as another type; the value itself where it already is.
    pub fn cast(&mut self, value: &str, from: DataType, to: DataType) -> String {
        if from == to {
            return value.to_string();
        }
        self.node("Cast", &[value], &[("to", int(to.number()))])
    }
}

pub(crate) fn data_type(dtype: DType) -> Lowered<DataType> {
    onnx_type(dtype).ok_or_else(|| Reason(format!("ONNX has no element type for {dtype:?}")))
}

pub(crate) fn int(value: i64) -> Attribute {
    Attribute::Int(value)
}

pub(crate) fn ints<N: Copy + TryInto<i64>>(values: &[N]) -> Attribute {
    Attribute::Ints(values.iter().map(|v| (*v).try_into().unwrap_or(i64::MAX)).collect())
}

pub(crate) fn float(value: f32) -> Attribute {
    Attribute::Float(value)
}

pub(crate) fn text(value: &str) -> Attribute {
    Attribute::Text(value.to_string())
}
