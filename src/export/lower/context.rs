//! What every lowering works with: value names, node making, stored tensors, shapes at run time.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use burn::backend::DType;
use burn::backend::capture::TensorId;
use burn::backend::ir::{OperationIr, ScalarIr, TensorIr};

use crate::export::constant::{Constant, DataType};
use crate::export::dims::{Dim, Expr, express, size};
use crate::export::error::Reason;
use crate::export::graph::{Attribute, Fact, Graph, Node};
use crate::export::traces::Traces;

/// The result of a lowering step.
pub(crate) type Lowered<T = ()> = Result<T, Reason>;

/// The graph being built, and the operation being lowered into it.
pub(crate) struct Context<'a> {
    pub graph: Graph,
    pub traces: &'a Traces,
    pub opset: i64,
    values: HashMap<TensorId, String>,
    /// The names of stored tensors by the hash of their content.
    stored: HashMap<u64, Vec<String>>,
    sizes: HashMap<Dim, String>,
    prefix: String,
    index: usize,
    count: usize,
}

impl<'a> Context<'a> {
    pub fn new(traces: &'a Traces, opset: i64) -> Self {
        Self {
            graph: Graph::default(),
            traces,
            opset,
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
            op,
            inputs: inputs.iter().map(ToString::to_string).collect(),
            outputs: outputs.clone(),
            attributes: attributes.to_vec(),
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
    pub fn constant(&mut self, constant: Constant) -> String {
        self.store_as(constant, |count| format!("constant_{count}"))
    }

    /// Stores a tensor under a name of its own, unless an equal one is stored already.
    pub fn store(&mut self, name: String, constant: Constant) -> String {
        self.store_as(constant, |_| name)
    }

    fn store_as(&mut self, constant: Constant, name: impl FnOnce(usize) -> String) -> String {
        let mut hasher = DefaultHasher::new();
        constant.hash(&mut hasher);
        let count = self.graph.constants.len();
        let equal = self.stored.entry(hasher.finish()).or_default();
        if let Some(name) = equal.iter().find(|name| self.graph.constants[*name] == constant) {
            return name.clone();
        }
        let name = name(count);
        equal.push(name.clone());
        self.graph.constants.insert(name.clone(), constant);
        name
    }

    pub fn i64s(&mut self, values: &[i64]) -> String {
        self.constant(Constant::i64s(values))
    }

    /// A stored number without dimensions.
    pub fn scalar(&mut self, dtype: DataType, value: ScalarIr) -> String {
        self.constant(Constant::scalar(dtype, value))
    }

    pub fn number(&mut self, dtype: DataType, value: f64) -> String {
        self.scalar(dtype, ScalarIr::Float(value))
    }

    /// The value as another type; the value itself where it already is.
    pub fn cast(&mut self, value: &str, from: DataType, to: DataType) -> String {
        if from == to {
            return value.to_string();
        }
        self.node("Cast", &[value], &[("to", int(to.onnx() as i64))])
    }

    /// A one-dimensional i64 value that holds a shape, computed at run time where it must be.
    pub fn shape(&mut self, dims: &[Dim]) -> Lowered<String> {
        if let Some(fixed) = dims.iter().map(Dim::fixed).collect::<Option<Vec<_>>>() {
            let fixed: Vec<i64> = fixed.into_iter().map(|n| n as i64).collect();
            return Ok(self.i64s(&fixed));
        }
        let parts = dims.iter().map(|dim| self.size(dim)).collect::<Lowered<Vec<String>>>()?;
        if let [one] = parts.as_slice() {
            return Ok(one.clone());
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(self.node("Concat", &parts, &[("axis", int(0))]))
    }

    /// A one-element i64 value that holds one dimension.
    pub fn size(&mut self, dim: &Dim) -> Lowered<String> {
        if let Some(value) = self.sizes.get(dim) {
            return Ok(value.clone());
        }
        let value = match express(dim, &self.traces.symbols) {
            Expr::Fixed(n) => self.i64s(&[n as i64]),
            expr => match self.known_size(dim) {
                Some(value) => value,
                None => self.computed_size(&expr)?,
            },
        };
        self.sizes.insert(dim.clone(), value.clone());
        Ok(value)
    }

    /// Reads a dimension off a graph input, or else off any tensor computed so far.
    fn known_size(&mut self, dim: &Dim) -> Option<String> {
        let traces = self.traces;
        let at = |id: &TensorId| {
            let dims = traces.dims.get(id)?;
            dims.iter().position(|d| d == dim).map(|axis| (*id, axis))
        };
        let computed =
            traces.operations[0][..self.index].iter().flat_map(OperationIr::outputs).map(|tensor| &tensor.id);
        let (id, axis) = traces.inputs.iter().chain(computed).filter(|id| self.values.contains_key(id)).find_map(at)?;
        let value = self.values[&id].clone();
        let shape = self.node("Shape", &[&value], &[]);
        let axis = self.i64s(&[axis as i64]);
        Some(self.node("Gather", &[&shape, &axis], &[("axis", int(0))]))
    }

    fn computed_size(&mut self, expr: &Expr) -> Lowered<String> {
        let symbol = |cx: &mut Self, index: usize| {
            let dim = Dim(cx.traces.symbols[index].sizes.clone());
            cx.size(&dim)
        };
        match expr {
            Expr::Fixed(n) => Ok(self.i64s(&[*n as i64])),
            Expr::Affine { symbol: s, scale, offset } => {
                let mut value = symbol(self, *s)?;
                if *scale != 1 {
                    let scale = self.i64s(&[*scale]);
                    value = self.node("Mul", &[&value, &scale], &[]);
                }
                if *offset != 0 {
                    let offset = self.i64s(&[*offset]);
                    value = self.node("Add", &[&value, &offset], &[]);
                }
                Ok(value)
            }
            Expr::Product { scale, symbols } => {
                let mut value = self.i64s(&[*scale]);
                for s in symbols {
                    let factor = symbol(self, *s)?;
                    value = self.node("Mul", &[&value, &factor], &[]);
                }
                Ok(value)
            }
            Expr::Opaque => Err("a length depends on a dynamic axis in a way that cannot be computed from it".into()),
        }
    }

    /// The value with another shape.
    pub fn reshape(&mut self, value: &str, from: &[Dim], to: &[Dim]) -> Lowered<String> {
        let shape = self.reshape_target(from, to)?;
        Ok(self.node("Reshape", &[value, &shape], &[]))
    }

    /// A `Reshape` target: stored numbers with 0 for a dimension kept and -1 for one inferred where these suffice.
    fn reshape_target(&mut self, from: &[Dim], to: &[Dim]) -> Lowered<String> {
        let mut target = Vec::new();
        let mut inferred = false;
        let empty = to.iter().any(|dim| dim.0.contains(&0));
        for (axis, dim) in to.iter().enumerate() {
            target.push(match dim.fixed() {
                Some(n) => n as i64,
                None if from.get(axis) == Some(dim) => 0,
                None if !inferred => {
                    inferred = true;
                    -1
                }
                None => return self.shape(to),
            });
        }
        if empty && to.iter().any(|dim| dim.fixed().is_none()) {
            return Err("an empty tensor is reshaped along a dynamic axis".into());
        }
        Ok(self.i64s(&target))
    }
}

pub(crate) fn data_type(dtype: DType) -> Lowered<DataType> {
    DataType::from_burn(dtype).ok_or_else(|| Reason(format!("ONNX has no element type for {dtype:?}")))
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
