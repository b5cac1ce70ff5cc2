//! Several recordings of one forward pass, lined up operation by operation.

use std::collections::{BTreeMap, HashMap};

use burn::backend::TensorData;
use burn::backend::capture::TensorId;
use burn::backend::ir::{BaseOperationIr, IrVisitorMut, ModuleOperationIr, OperationIr, TensorIr, TensorStatus};

use super::capture::Trace;
use super::dims::{Dim, Symbol};
use super::error::{Offender, operation_name};
use super::operation::family_and_name;

/// The recordings under the tensor names of the first one.
#[derive(Debug)]
pub(crate) struct Traces {
    /// The operations of every trace; all traces have the same operations in the same order.
    pub operations: Vec<Vec<OperationIr>>,
    pub dims: HashMap<TensorId, Vec<Dim>>,
    /// The values of parameters and constants, sample inputs excepted.
    pub values: BTreeMap<TensorId, TensorData>,
    /// Constants that differ between traces, with their value in each.
    pub varying: HashMap<TensorId, Vec<TensorData>>,
    pub inputs: Vec<TensorId>,
    pub outputs: Vec<TensorId>,
    pub params: HashMap<TensorId, String>,
    pub symbols: Vec<Symbol>,
    /// The nearest parameters upstream of every tensor, at most two.
    near: HashMap<TensorId, Vec<String>>,
}

impl Traces {
    /// Lines the traces up. The error says where they part.
    pub fn align(mut traces: Vec<Trace>, symbols: Vec<Symbol>) -> Result<Self, String> {
        let mut others = traces.split_off(1);
        let first = traces.pop().ok_or("nothing was recorded")?;
        let mut operations = vec![first.operations];
        let mut dims: HashMap<TensorId, Vec<Vec<usize>>> = HashMap::new();
        for op in &operations[0] {
            for tensor in op.nodes() {
                dims.entry(tensor.id).or_insert_with(|| tensor.shape.iter().map(|size| vec![*size]).collect());
            }
        }
        let mut values = first.values;
        values.retain(|id, _| !first.inputs.contains(id));
        let mut constants: Vec<BTreeMap<TensorId, TensorData>> = Vec::new();
        for (number, other) in others.iter_mut().enumerate() {
            let names = rename(&operations[0], &mut other.operations)?;
            for op in &other.operations {
                for tensor in op.nodes() {
                    let known = dims.entry(tensor.id).or_default();
                    if known.len() != tensor.shape.num_dims() {
                        return Err(format!("the rank of {}'s tensor depends on a dynamic axis", operation_name(op)));
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
                return Err("what it returns depends on a dynamic axis, or on an input's values".into());
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
        let dims = dims.into_iter().map(|(id, dims)| (id, dims.into_iter().map(Dim).collect())).collect();
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
    pub fn near(&self, op: &OperationIr) -> Vec<String> {
        let mut names = Vec::new();
        for tensor in op.nodes() {
            for name in self.near.get(&tensor.id).into_iter().flatten() {
                if names.len() < 3 && !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        names
    }

    /// Operations whose settings, other than those that a lowering can compare itself, differ between traces.
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

/// Gives the tensors of `other` the names they have in `base`.
pub(crate) fn rename(base: &[OperationIr], other: &mut [OperationIr]) -> Result<HashMap<TensorId, TensorId>, String> {
    let mut names = HashMap::new();
    let (count, others) = (base.len(), other.len());
    for (index, (base, other)) in base.iter().zip(other).enumerate() {
        let ours: Vec<TensorId> = base.nodes().iter().map(|t| t.id).collect();
        let theirs: Vec<TensorId> = other.nodes().iter().map(|t| t.id).collect();
        let same = same_kind(base, other) && ours.len() == theirs.len();
        let consistent =
            same && ours.iter().zip(&theirs).all(|(ours, theirs)| *names.entry(*theirs).or_insert(*ours) == *ours);
        if !consistent {
            let read =
                |op: &OperationIr| op.inputs().map(|t| format!("{:?}", &*t.shape)).collect::<Vec<_>>().join(", ");
            return Err(format!(
                "operation {index} is {} of {} for one sample and {} of {} for another",
                operation_name(base),
                read(base),
                operation_name(other),
                read(other),
            ));
        }
        other.visit_mut(&mut Rename(&names));
    }
    if count != others {
        return Err(format!("it runs {count} operations for one sample and {others} for another"));
    }
    Ok(names)
}

fn same_kind(a: &OperationIr, b: &OperationIr) -> bool {
    match (a, b) {
        (OperationIr::Custom(a), OperationIr::Custom(b)) => a.id == b.id,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b) && family_and_name(a) == family_and_name(b),
    }
}

struct Rename<'a>(&'a HashMap<TensorId, TensorId>);

impl IrVisitorMut for Rename<'_> {
    fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
        if let Some(id) = self.0.get(&tensor.id) {
            tensor.id = *id;
        }
    }
}

/// The operation without its shapes and without the settings that its lowering compares across traces.
fn settings(op: &OperationIr) -> OperationIr {
    struct Blank;
    impl IrVisitorMut for Blank {
        fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
            tensor.shape = vec![0; tensor.shape.num_dims()].into();
            tensor.status = TensorStatus::NotInit;
        }
    }
    let mut op = op.clone();
    op.visit_mut(&mut Blank);
    match &mut op {
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

fn nearest(operations: &[OperationIr], params: &HashMap<TensorId, String>) -> HashMap<TensorId, Vec<String>> {
    let mut near: HashMap<TensorId, Vec<String>> = params.iter().map(|(id, name)| (*id, vec![name.clone()])).collect();
    for op in operations {
        let mut names: Vec<String> = Vec::new();
        // A parameter that the operation reads itself is nearer than any upstream.
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
