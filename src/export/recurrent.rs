//! Recurrent layers, rolled up again from the loop over time that Burn records.
//!
//! Each step of Burn's `Rnn`, `Lstm` and `Gru` is the same run of operations on another slice of the sequence. A whole loop of
//! them becomes one operation, so that recordings of two lengths are the same.

use std::collections::{HashMap, HashSet};

use burn::backend::Slice;
use burn::backend::capture::TensorId;
use burn::backend::ir::{BaseOperationIr, CustomOpIr, NumericOperationIr, OperationIr, TensorIr};

use super::operation::family_and_name;

/// The name of the operation that a loop becomes, before the cell's kind and direction.
pub(crate) const RECURRENT: &str = "recurrent";

/// One step of a cell: operations with what they read and make. Names in capitals hold one tensor in all steps, `h`,
/// `c` and `out` are handed from step to step, the rest lives within one.
struct Cell {
    kind: &'static str,
    /// The tensors of the loop that the lowering reads, in its order.
    reads: &'static [&'static str],
    step: Vec<Line>,
}

struct Line {
    op: &'static str,
    reads: Vec<&'static str>,
    makes: &'static str,
}

const CUT: &str = "Base::Slice SEQ -> slice; Base::Reshape slice -> x";
const STORE: &str = "Base::Reshape h' -> row; Base::SliceAssign out row -> out'";

const LSTM: &str = "
    Linear x Wi Bi -> ix; Linear h Ui Di -> ih; Numeric::Add ix ih -> is; Activation::Sigmoid is -> i;
    Linear x Wf Bf -> fx; Linear h Uf Df -> fh; Numeric::Add fx fh -> fs; Activation::Sigmoid fs -> f;
    Linear x Wo Bo -> ox; Linear h Uo Do -> oh; Numeric::Add ox oh -> os; Activation::Sigmoid os -> o;
    Linear x Wc Bc -> gx; Linear h Uc Dc -> gh; Numeric::Add gx gh -> gs; Float::Tanh gs -> g;
    Numeric::Mul f c -> kept; Numeric::Mul i g -> new; Numeric::Add kept new -> c';
    Float::Tanh c' -> bounded; Numeric::Mul o bounded -> h'";

const GRU_GATES: &str = "
    Product x Wz -> zx; Product h Uz -> zh; Bias Bz zx -> zxb; Bias Dz zh -> zhb;
    Numeric::Add zxb zhb -> zs; Activation::Sigmoid zs -> z;
    Product x Wr -> rx; Product h Ur -> rh; Bias Br rx -> rxb; Bias Dr rh -> rhb;
    Numeric::Add rxb rhb -> rs; Activation::Sigmoid rs -> r";

const GRU_RESET_AFTER: &str = "
    Product x Wn -> nx; Product h Un -> nh; Bias Bn nx -> nxb; Bias Dn nh -> nhb;
    Numeric::Mul r nhb -> gated; Numeric::Add nxb gated -> ns; Float::Tanh ns -> n";

const GRU_RESET_BEFORE: &str = "
    Numeric::Mul h r -> gated;
    Product x Wn -> nx; Product gated Un -> nh; Bias Bn nx -> nxb; Bias Dn nh -> nhb;
    Numeric::Add nxb nhb -> ns; Float::Tanh ns -> n";

const GRU_MIX: &str = "
    Numeric::Neg z -> minus; Numeric::AddScalar minus -> rest; Numeric::Mul n rest -> new; Numeric::Mul z h -> kept;
    Numeric::Add new kept -> h'";

const LSTM_READS: &[&str] =
    &["SEQ", "h", "c", "Wi", "Wo", "Wf", "Wc", "Ui", "Uo", "Uf", "Uc", "Bi", "Bo", "Bf", "Bc", "Di", "Do", "Df", "Dc"];
const RNN: &str = "
    Linear x Wi Bi -> ix; Linear h Ui Di -> ih; Numeric::Add ix ih -> s; Float::Tanh s -> h'";

const RNN_READS: &[&str] = &["SEQ", "h", "Wi", "Ui", "Bi", "Di"];
const GRU_READS: &[&str] = &["SEQ", "h", "Wz", "Wr", "Wn", "Uz", "Ur", "Un", "Bz", "Br", "Bn", "Dz", "Dr", "Dn"];

impl Cell {
    fn all() -> Vec<Self> {
        let gru = |kind, middle: &[&'static str]| {
            let parts = [&[CUT, GRU_GATES], middle, &[GRU_MIX, STORE]].concat();
            [true, false].map(|bias| Self { kind, reads: GRU_READS, step: lines(&parts, bias) })
        };
        let lstm =
            [true, false].map(|bias| Self { kind: "lstm", reads: LSTM_READS, step: lines(&[CUT, LSTM, STORE], bias) });
        let rnn =
            [true, false].map(|bias| Self { kind: "rnn", reads: RNN_READS, step: lines(&[CUT, RNN, STORE], bias) });
        let mut all = Vec::from(lstm);
        all.extend(rnn);
        all.extend(gru("gru-reset-after", &[GRU_RESET_AFTER]));
        all.extend(gru("gru-reset-before", &[GRU_RESET_BEFORE]));
        all
    }
}

/// Reads a step's text. `Linear`, `Product` and `Bias` stand for what Burn records of them, with or without bias.
fn lines(parts: &[&'static str], bias: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    // Without bias a sum is the product itself.
    let mut same: HashMap<&str, &'static str> = HashMap::new();
    for text in parts.iter().flat_map(|part| part.split(';')).map(str::trim).filter(|text| !text.is_empty()) {
        let words: Vec<&'static str> = text.split_whitespace().filter(|word| *word != "->").collect();
        let (&[op, .., makes], reads) = (words.as_slice(), &words[1..words.len() - 1]) else {
            continue;
        };
        let reads: Vec<&'static str> = reads.iter().map(|name| same.get(name).copied().unwrap_or(name)).collect();
        match (op, bias) {
            ("Linear", true) => lines.push(Line { op: "Module::Linear", reads, makes }),
            ("Linear", false) => lines.push(Line { op: "Float::Matmul", reads: reads[..2].to_vec(), makes }),
            ("Product", _) => lines.push(Line { op: "Float::Matmul", reads, makes }),
            ("Bias", true) => {
                lines.push(Line { op: "Base::Reshape", reads: vec![reads[0]], makes: "lifted" });
                lines.push(Line { op: "Numeric::Add", reads: vec![reads[1], "lifted"], makes });
            }
            ("Bias", false) => {
                same.insert(makes, reads[1]);
            }
            (op, _) => lines.push(Line { op, reads, makes }),
        }
    }
    lines
}

/// The operations, with every whole loop of a known cell as one.
pub(crate) fn loops(operations: Vec<OperationIr>, outputs: &[TensorId]) -> Vec<OperationIr> {
    let cells = Cell::all();
    let mut rolled = Vec::with_capacity(operations.len());
    let mut at = 0;
    while at < operations.len() {
        let found = cells.iter().find_map(|cell| rolled_up(cell, &operations, at, outputs));
        match found {
            Some((layer, taken)) => {
                rolled.push(OperationIr::Custom(layer));
                at += taken;
            }
            None => {
                rolled.push(operations[at].clone());
                at += 1;
            }
        }
    }
    rolled
}

/// A loop of the cell that starts at `at`, and how many operations it takes.
fn rolled_up(cell: &Cell, operations: &[OperationIr], at: usize, outputs: &[TensorId]) -> Option<(CustomOpIr, usize)> {
    let mut known: HashMap<&str, TensorIr> = HashMap::new();
    let (first, mut times) = step(cell, operations.get(at..)?, &mut known)?;
    let started = first.clone();
    let mut last = first;
    let mut end = at + cell.step.len();
    while let Some((bound, time)) = step(cell, &operations[end..], &mut known) {
        times.extend(time);
        last = bound;
        end += cell.step.len();
    }
    let length = known.get("SEQ")?.shape.get(1).copied()?;
    if started.get("out")?.shape.get(1) != Some(&length) {
        return None;
    }
    let count = times.len();
    let reverse = match () {
        () if times.iter().copied().eq(0..length) => false,
        () if times.iter().rev().copied().eq(0..length) => true,
        () => return None,
    };
    let ends: Vec<TensorIr> = ["out'", "h'", "c'"].iter().filter_map(|name| last.get(name).cloned()).collect();
    let inside: HashSet<TensorId> =
        operations[at..end].iter().flat_map(OperationIr::outputs).map(|tensor| tensor.id).collect();
    let outside = operations[..at].iter().chain(&operations[end..]).flat_map(OperationIr::inputs);
    let escapes = outside
        .map(|tensor| tensor.id)
        .chain(outputs.iter().copied())
        .any(|id| inside.contains(&id) && ends.iter().all(|tensor| tensor.id != id));
    if escapes || count < 2 {
        return None;
    }
    let inputs = cell.reads.iter().filter_map(|name| started.get(name).cloned()).collect();
    let direction = if reverse { "reverse" } else { "forward" };
    let id = format!("{RECURRENT}::{}::{direction}", cell.kind);
    Some((CustomOpIr { id, inputs, outputs: ends, scalars: Vec::new() }, end - at))
}

type Bound = HashMap<&'static str, TensorIr>;

/// Matches one step, and says at what time it is. `known` holds what all steps share and what the last one hands on.
fn step(
    cell: &Cell,
    operations: &[OperationIr],
    known: &mut HashMap<&'static str, TensorIr>,
) -> Option<(Bound, Vec<usize>)> {
    if operations.len() < cell.step.len() {
        return None;
    }
    let mut bound: Bound = known.clone();
    let mut times = Vec::new();
    for (line, op) in cell.step.iter().zip(operations) {
        let (family, name) = family_and_name(op);
        if line.op.split_once("::") != Some((family, name))
            || !op.inputs().map(|_| ()).eq(line.reads.iter().map(|_| ()))
        {
            return None;
        }
        for (slot, tensor) in line.reads.iter().zip(op.inputs()) {
            if bound.entry(slot).or_insert_with(|| tensor.clone()).id != tensor.id {
                return None;
            }
        }
        bound.insert(line.makes, op.outputs().next()?.clone());
        match op {
            OperationIr::BaseFloat(BaseOperationIr::Slice(op)) => times.push(time(&op.ranges, &op.tensor)?),
            OperationIr::BaseFloat(BaseOperationIr::SliceAssign(op)) => times.push(time(&op.ranges, &op.tensor)?),
            OperationIr::NumericFloat(_, NumericOperationIr::AddScalar(op)) if op.rhs.elem::<f64>() != 1.0 => {
                return None;
            }
            _ => {}
        }
    }
    let [read, written] = times.as_slice() else {
        return None;
    };
    let shared = |name: &str| name.starts_with(|first: char| first.is_uppercase());
    known.extend(bound.iter().filter(|(name, _)| shared(name)).map(|(name, tensor)| (*name, tensor.clone())));
    for (before, after) in [("h", "h'"), ("c", "c'"), ("out", "out'")] {
        if let Some(tensor) = bound.get(after) {
            known.insert(before, tensor.clone());
        }
    }
    (read == written).then(|| (bound.clone(), vec![*read]))
}

/// The one position of the second axis that ranges over `[batch, time, features]` read.
fn time(ranges: &[Slice], tensor: &TensorIr) -> Option<usize> {
    let resolved: Vec<(usize, usize)> = ranges
        .iter()
        .zip(tensor.shape.iter())
        .map(|(range, size)| {
            let size = *size as isize;
            let bound = |at: isize| if at < 0 { at + size } else { at }.clamp(0, size) as usize;
            (bound(range.start), range.end.map_or(size as usize, bound))
        })
        .collect();
    let full = |axis: usize| resolved.get(axis).is_none_or(|range| *range == (0, tensor.shape[axis]));
    let (start, end) = *resolved.get(1)?;
    let plain = ranges.iter().all(|range| range.step == 1);
    (plain && tensor.shape.num_dims() == 3 && full(0) && full(2) && end == start + 1).then_some(start)
}
