//! Several recordings of one forward pass, lined up operation by operation.

use std::collections::{BTreeMap, HashMap};

use burn::backend::TensorData;
use burn::backend::capture::TensorId;
use burn::backend::ir::{BaseOperationIr, ModuleOperationIr, OperationIr, TensorIr, TensorStatus};

use super::error::Offender;
use super::lengths::{Lengths, Symbol};
use super::operation::operation_name;
use super::rename::rename;
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
    /// For every tensor, the parameters nearest to it among those it was computed from, at most two.
    near: HashMap<TensorId, Vec<String>>,
}

impl Traces {
    /// Lines the traces up. The error says where they differ.
    pub fn align(mut traces: Vec<Trace>, symbols: Vec<Symbol>) -> Result<Self, String> {
        let mut others = traces.split_off(1);
        let first = traces.pop().ok_or("nothing was recorded")?;
        let mut operations = vec![first.operations];
        let mut dims: HashMap<TensorId, Vec<Vec<usize>>> = HashMap::new();
        for op in &operations[0] {
            for tensor in op.tensors() {
                dims.entry(tensor.id).or_insert_with(|| tensor.shape.iter().map(|size| vec![*size]).collect());
            }
        }
        let mut values = first.values;
        values.retain(|id, _| !first.inputs.contains(id));
        let mut constants: Vec<BTreeMap<TensorId, TensorData>> = Vec::new();
        for (number, other) in others.iter_mut().enumerate() {
            let names = rename(&operations[0], &mut other.operations)?;
            for op in &other.operations {
                for tensor in op.tensors() {
                    let known = dims.entry(tensor.id).or_default();
                    if known.len() != tensor.shape.num_dims() {
                        return Err(format!(
                            "the number of dimensions of a tensor of {} depends on a dynamic axis",
                            operation_name(op)
                        ));
                    }
                    for (sizes, size) in known.iter_mut().zip(tensor.shape.iter()) {
                        if sizes.len() == number + 1 {
                            sizes.push(*size);
                        }
                    }
                }
            }
            let ids = |ids: &[TensorId]| -> Vec<_> { ids.iter().map(|id| names.get(id).copied()).collect() };
            let base: Vec<_> = first.outputs.iter().copied().map(Some).collect();
            if ids(&other.outputs) != base {
                return Err("which tensors it returns depends on a dynamic axis, or on an input's values".into());
            }
            operations.push(std::mem::take(&mut other.operations));
            let mut theirs = BTreeMap::new();
            for (id, data) in std::mem::take(&mut other.values) {
                if let Some(name) = names.get(&id) {
                    theirs.insert(*name, data);
                }
            }
            constants.push(theirs);
        }
        let mut varying = HashMap::new();
        for (id, data) in &values {
            let all: Vec<&TensorData> =
                std::iter::once(data).chain(constants.iter().filter_map(|theirs| theirs.get(id))).collect();
            if all.iter().any(|other| *other != data) {
                varying.insert(*id, all.into_iter().cloned().collect());
            }
        }
        let dims = dims.into_iter().map(|(id, dims)| (id, dims.into_iter().map(Lengths).collect())).collect();
        let mut params = HashMap::new();
        for (id, name) in first.params {
            params.entry(id).or_insert(name);
        }
        let near = nearest(&operations[0], &params);
        Ok(Self {
            operations,
            dims,
            values,
            varying,
            inputs: first.inputs,
            outputs: first.outputs,
            params,
            symbols,
            near,
        })
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
            let plain = settings(op);
            if self.operations[1..].iter().any(|other| settings(&other[index]) != plain) {
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

/// The operation without its shapes and without the settings that its lowering compares across traces.
fn settings(op: &Step) -> Step {
    let mut op = op.clone();
    op.change_tensors(|tensor| {
        tensor.shape = vec![0; tensor.shape.num_dims()].into();
        tensor.status = TensorStatus::NotInit;
    });
    let Step::Burn(burn) = &mut op else {
        return op;
    };
    match burn {
        OperationIr::BaseFloat(base) | OperationIr::BaseInt(base) | OperationIr::BaseBool(base) => match base {
            BaseOperationIr::Slice(slice) => slice.ranges.clear(),
            BaseOperationIr::SliceAssign(slice) => slice.ranges.clear(),
            BaseOperationIr::RepeatDim(repeat) => repeat.times = 0,
            _ => {}
        },
        OperationIr::Module(ModuleOperationIr::Interpolate(resize)) => resize.output_size = [0; 2],
        _ => {}
    }
    op
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
