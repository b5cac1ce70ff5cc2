//! The graph that a recording is lowered into: names of values, new nodes, stored tensors.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use burn::backend::DType;
use burn::backend::capture::TensorId;
use burn::backend::ir::{OperationIr, ScalarIr, TensorIr};

use super::attribute::int;
use crate::export::builder::{Fact, GraphBuilder};
use crate::export::constant::{self, onnx_type};
use crate::export::error::Reason;
use crate::export::formula::Formula;
use crate::export::lengths::{Lengths, declared};
use crate::export::settings::scalars;
use crate::export::step::Step;
use crate::export::traces::Traces;
use crate::onnx::{Attribute, DataType, Node, Tensor};

/// What a lowering returns: a value of the graph, or the reason why there is none.
pub(crate) type Lowered<T = ()> = Result<T, Reason>;

/// The graph being built, and the operation being lowered into it.
pub(crate) struct Context<'a> {
    pub graph: GraphBuilder,
    pub traces: &'a Traces,
    pub opset: i64,
    /// The names of inputs and outputs, which no stored tensor may have.
    reserved: HashSet<String>,
    pub(super) values: HashMap<TensorId, String>,
    /// The names of stored tensors by the hash of their content.
    stored: HashMap<u64, Vec<String>>,
    /// The values that hold the length of a dimension.
    pub(super) sizes: HashMap<Lengths, String>,
    /// The values that hold the numbers of formulas.
    pub(super) numbers: HashMap<Formula, String>,
    /// The numbers among the operation's settings that its lowering has compared across traces.
    pub(super) compared: HashSet<usize>,
    /// The path of the module that the operation belongs to, which starts the names of its nodes.
    prefix: String,
    pub(super) index: usize,
    /// The operators of the operation's nodes, in the order of their first use.
    operators: Vec<&'static str>,
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
            numbers: HashMap::new(),
            compared: HashSet::new(),
            prefix: String::new(),
            index: 0,
            operators: Vec::new(),
            count: 0,
        }
    }

    /// Starts on operation `index`. Its nodes are named after the module whose parameters it reads.
    pub fn begin(&mut self, index: usize, step: &Step) {
        self.index = index;
        self.operators.clear();
        self.compared.clear();
        self.prefix = step
            .inputs()
            .find_map(|tensor| self.traces.params.get(&tensor.id))
            .and_then(|name| name.rsplit_once('.'))
            .map(|(module, _)| format!("{module}/"))
            .unwrap_or_default();
    }

    /// The operators of the operation's nodes so far, in the order of their first use.
    pub fn operators(&self) -> &[&'static str] {
        &self.operators
    }

    /// The operation being lowered, as every trace has it.
    pub fn variants(&self) -> impl Iterator<Item = &'a OperationIr> + use<'a> {
        let index = self.index;
        self.traces.operations.iter().filter_map(move |trace| trace[index].burn())
    }

    /// One of the numbers among the operation's settings, in every trace.
    pub fn versions(&self, slot: usize) -> Vec<ScalarIr> {
        self.variants().filter_map(|op| scalars(op).get(slot).copied()).collect()
    }

    /// Whether all numbers that differ between traces were compared by the operation's lowering.
    pub fn all_compared(&self) -> bool {
        let mut versions = self.variants().map(scalars);
        let first = versions.next().unwrap_or_default();
        versions.all(|other| {
            let mut pairs = first.iter().zip(&other).enumerate();
            pairs.all(|(slot, (one, other))| one == other || self.compared.contains(&slot))
        })
    }

    /// The value that holds a tensor.
    pub fn value(&self, tensor: &TensorIr) -> Lowered<String> {
        self.value_of(tensor.id).ok_or_else(|| "it reads a tensor that was never computed".into())
    }

    pub fn value_of(&self, id: TensorId) -> Option<String> {
        self.values.get(&id).cloned()
    }

    /// Notes that `value` holds the tensor.
    pub fn bind(&mut self, tensor: &TensorIr, value: String) -> Lowered {
        let dtype = self.dtype(tensor)?;
        self.bind_as(tensor.id, value, dtype);
        Ok(())
    }

    /// [`Self::bind`] for a tensor that has another element type in the model than in Burn.
    pub fn bind_as(&mut self, id: TensorId, value: String, dtype: DataType) {
        if let Some(dims) = self.traces.dims.get(&id) {
            let dims = dims.iter().map(|lengths| declared(lengths, &self.traces.formulas)).collect();
            self.graph.facts.insert(value.clone(), Fact { dtype, dims });
        }
        self.values.insert(id, value);
    }

    pub fn dtype(&self, tensor: &TensorIr) -> Lowered<DataType> {
        data_type(tensor.dtype)
    }

    /// The shape of a tensor: every dimension's length in every trace.
    pub fn dims(&self, tensor: &TensorIr) -> Vec<Lengths> {
        match self.traces.dims.get(&tensor.id) {
            Some(dims) => dims.clone(),
            None => tensor.shape.iter().map(|n| Lengths(vec![*n])).collect(),
        }
    }

    /// A dimension that has length 1 in every trace.
    pub fn one(&self) -> Lengths {
        Lengths(vec![1; self.traces.operations.len()])
    }

    /// One dimension's length, which must not depend on a dynamic axis.
    pub fn fixed(&self, tensor: &TensorIr, axis: usize) -> Lowered<usize> {
        self.dims(tensor)[axis].fixed().ok_or_else(|| {
            Reason(format!("the length of dimension {axis} depends on a dynamic axis, but ONNX needs a fixed one here"))
        })
    }

    /// The lengths from `axis` on, none of which may depend on a dynamic axis.
    pub fn fixed_dims_from(&self, tensor: &TensorIr, axis: usize) -> Lowered<Vec<usize>> {
        (axis..tensor.shape.num_dims()).map(|axis| self.fixed(tensor, axis)).collect()
    }

    /// All lengths, none of which may depend on a dynamic axis.
    pub fn fixed_dims(&self, tensor: &TensorIr) -> Lowered<Vec<usize>> {
        self.fixed_dims_from(tensor, 0)
    }

    /// Adds a node with one output and returns the output's name.
    pub fn node(&mut self, op: &'static str, inputs: &[&str], attributes: &[(&'static str, Attribute)]) -> String {
        self.nodes(op, inputs, 1, attributes).remove(0)
    }

    /// Adds a node and returns the names of its outputs.
    pub fn nodes(
        &mut self,
        op: &'static str,
        inputs: &[&str],
        outputs: usize,
        attributes: &[(&'static str, Attribute)],
    ) -> Vec<String> {
        let name = format!("{}{op}_{}", self.prefix, self.count);
        self.count += 1;
        if !self.operators.contains(&op) {
            self.operators.push(op);
        }
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

    /// Stores a tensor and returns its name. Equal tensors are stored once.
    pub fn constant(&mut self, constant: Tensor) -> String {
        self.store_as(constant, |count| format!("constant_{count}"))
    }

    /// Stores a tensor under a given name, unless an equal one is stored already, and returns the name it has.
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

    /// Stores integers with one dimension.
    pub fn i64s(&mut self, values: &[i64]) -> String {
        self.constant(constant::i64s(values))
    }

    /// Stores a number without dimensions.
    pub fn scalar(&mut self, dtype: DataType, value: ScalarIr) -> String {
        self.constant(constant::scalar(dtype, value))
    }

    /// Stores a float without dimensions.
    pub fn number(&mut self, dtype: DataType, value: f64) -> String {
        self.scalar(dtype, ScalarIr::Float(value))
    }

    /// The value in another element type: a `Cast`, or no node where the types are equal.
    pub fn cast(&mut self, value: &str, from: DataType, to: DataType) -> String {
        if from == to {
            return value.to_string();
        }
        self.node("Cast", &[value], &[("to", int(to.number()))])
    }
}

fn data_type(dtype: DType) -> Lowered<DataType> {
    onnx_type(dtype).ok_or_else(|| Reason(format!("ONNX has no element type for {dtype:?}")))
}
