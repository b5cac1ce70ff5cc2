//! Several recordings of one forward pass, lined up operation by operation.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use burn::backend::TensorData;
use burn::backend::capture::TensorId;
use burn::backend::ir::TensorIr;

use super::error::Offender;
use super::fit::Formulas;
use super::joins::complete;
use super::lengths::Lengths;
use super::limits::Symbol;
use super::operation::operation_name;
use super::rename::rename;
use super::settings::{integers, plain, progression};
use super::step::Step;
use super::trace::Trace;

/// The recordings, with the tensor names of the first one.
#[derive(Debug)]
pub(crate) struct Traces {
    /// The operations of every trace; all traces have the same operations in the same order.
    pub operations: Vec<Vec<Step>>,
    /// The shape of every tensor: each dimension's length in every trace.
    pub dims: HashMap<TensorId, Vec<Lengths>>,
    /// The values of parameters and constants, without those of the sample inputs.
    pub values: BTreeMap<TensorId, TensorData>,
    /// Constants that differ between traces, with their value in each.
    pub varying: HashMap<TensorId, Vec<TensorData>>,
    pub inputs: Vec<TensorId>,
    pub outputs: Vec<TensorId>,
    pub params: HashMap<TensorId, String>,
    pub symbols: Vec<Symbol>,
    /// The formulas of the numbers that follow a dynamic axis.
    pub formulas: Formulas,
    /// For every tensor, the parameters nearest to it among those it was computed from, at most two.
    near: HashMap<TensorId, Vec<String>>,
}

/// How one recording differs from another.
#[derive(Debug)]
pub(crate) struct Difference {
    pub why: String,
    /// How many operations the first recording has, and how many this one.
    pub operations: (usize, usize),
    /// Whether this one alone has tensors without elements, for which Burn takes ways of its own.
    pub empty: bool,
}

impl Traces {
    /// The first recording, at the first length of every symbol.
    pub fn new(first: Trace, symbols: Vec<Symbol>) -> Self {
        let mut dims = HashMap::new();
        for tensor in first.operations.iter().flat_map(Step::tensors) {
            dims.entry(tensor.id).or_insert_with(|| tensor.shape.iter().map(|size| Lengths(vec![*size])).collect());
        }
        let mut values = first.values;
        values.retain(|id, _| !first.inputs.contains(id));
        let mut params = HashMap::new();
        for (id, name) in first.params {
            params.entry(id).or_insert(name);
        }
        let near = nearest(&first.operations, &params);
        Self {
            operations: vec![first.operations],
            dims,
            values,
            varying: HashMap::new(),
            inputs: first.inputs,
            outputs: first.outputs,
            params,
            symbols,
            formulas: Formulas::default(),
            near,
        }
    }

    /// Lines another recording up with those so far, at these lengths of the symbols. Where it differs, nothing changes.
    pub fn add(&mut self, mut other: Trace, sizes: &[usize]) -> Result<(), Difference> {
        other.forget_parameters();
        complete(&mut self.operations, &mut other.operations);
        let base = &self.operations[0];
        let operations = (base.len(), other.operations.len());
        let empty = has_empty(&other.operations) && !has_empty(base);
        let differs = |why: String| Difference { why, operations, empty };
        let names = rename(base, &mut other.operations).map_err(differs)?;
        let mut dims: HashMap<TensorId, Vec<usize>> = HashMap::new();
        for op in &other.operations {
            for tensor in op.tensors() {
                let here = dims.entry(tensor.id).or_insert_with(|| tensor.shape.iter().copied().collect());
                if self.dims.get(&tensor.id).is_none_or(|known| known.len() != here.len()) {
                    let why = "the number of dimensions of a tensor depends on a dynamic axis, at an operation";
                    return Err(differs(format!("{why} {}", operation_name(op))));
                }
            }
        }
        let outputs: Vec<_> = other.outputs.iter().map(|id| names.get(id).copied()).collect();
        if outputs != self.outputs.iter().copied().map(Some).collect::<Vec<_>>() {
            return Err(differs("which tensors it returns depends on a dynamic axis, or on an input's values".into()));
        }
        for (id, known) in &mut self.dims {
            for (lengths, size) in known.iter_mut().zip(dims.get(id).into_iter().flatten()) {
                lengths.0.push(*size);
            }
        }
        let count = self.operations.len();
        for (id, theirs) in std::mem::take(&mut other.values) {
            let Some((id, ours)) = names.get(&id).and_then(|id| Some((*id, self.values.get(id)?))) else {
                continue;
            };
            match self.varying.get_mut(&id) {
                Some(versions) => versions.push(theirs),
                None if *ours != theirs => {
                    let mut versions = vec![ours.clone(); count];
                    versions.push(theirs);
                    self.varying.insert(id, versions);
                }
                None => {}
            }
        }
        self.operations.push(other.operations);
        for (symbol, size) in self.symbols.iter_mut().zip(sizes) {
            symbol.sizes.push(*size);
        }
        Ok(())
    }

    /// Finds the formulas of all numbers that follow a dynamic axis.
    pub fn fit(&mut self) {
        let mut numbers: BTreeSet<Vec<i64>> = self.dims.values().flatten().map(Lengths::numbers).collect();
        for index in 0..self.operations[0].len() {
            let versions = self.operations.iter().filter_map(|trace| trace[index].burn()).map(integers);
            numbers.extend(transposed(versions));
        }
        for versions in self.varying.values() {
            let runs = versions.iter().map(progression).collect::<Option<Vec<_>>>().unwrap_or_default();
            numbers.extend(runs.iter().map(|(start, _)| *start).collect::<Option<Vec<i64>>>());
            numbers.extend(runs.iter().map(|(_, step)| *step).collect::<Option<Vec<i64>>>());
        }
        numbers.retain(|values| !values.is_empty() && values.iter().any(|value| *value != values[0]));
        self.formulas = Formulas::find(&self.symbols, numbers);
    }

    /// The parameters nearest to an operation.
    pub fn near(&self, op: &Step) -> Vec<String> {
        let mut names = Vec::new();
        for tensor in op.tensors() {
            for name in self.near.get(&tensor.id).into_iter().flatten() {
                if names.len() < 3 && !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        names
    }

    /// The operations whose settings differ between traces, apart from settings that their lowering compares itself.
    pub fn unequal(&self) -> Vec<Offender> {
        let mut offenders = Vec::new();
        for (index, op) in self.operations[0].iter().enumerate() {
            let settings = plain(op);
            if self.operations[1..].iter().any(|other| plain(&other[index]) != settings) {
                offenders.push(Offender::new(
                    index,
                    op,
                    self.near(op),
                    "its settings depend on a dynamic axis, or on an input's values".into(),
                ));
            }
        }
        offenders
    }
}

fn has_empty(operations: &[Step]) -> bool {
    operations.iter().flat_map(Step::tensors).any(|tensor| tensor.shape.iter().any(|size| *size == 0))
}

/// What every list has at its first place, then what every list has at its second, and so on.
fn transposed(lists: impl Iterator<Item = Vec<i64>>) -> Vec<Vec<i64>> {
    let lists: Vec<Vec<i64>> = lists.collect();
    let count = lists.iter().map(Vec::len).min().unwrap_or(0);
    (0..count).map(|place| lists.iter().map(|list| list[place]).collect()).collect()
}

/// For every tensor, the parameters nearest to it among those it was computed from, at most two.
fn nearest(operations: &[Step], params: &HashMap<TensorId, String>) -> HashMap<TensorId, Vec<String>> {
    let mut near: HashMap<TensorId, Vec<String>> = params.iter().map(|(id, name)| (*id, vec![name.clone()])).collect();
    for op in operations {
        let mut names: Vec<String> = Vec::new();
        // A parameter that the operation reads itself is nearer than one that its inputs were computed from.
        let direct = |t: &&TensorIr| params.contains_key(&t.id);
        for tensor in op.inputs().filter(direct).chain(op.inputs().filter(|t| !direct(t))) {
            for name in near.get(&tensor.id).into_iter().flatten() {
                if names.len() < 2 && !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        for tensor in op.outputs() {
            near.entry(tensor.id).or_insert_with(|| names.clone());
        }
    }
    near
}
