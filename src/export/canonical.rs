//! Linear layers, put together again from what Burn records of them.
//!
//! Burn 0.22 computes a linear layer in one of two ways, by the number of rows: as a product with a weight of the
//! input's rank, or as one product of the rows of all leading dimensions. Both become one operation, so that recordings
//! at two lengths of a dynamic axis are the same, and no reshape is left over.

use std::collections::HashMap;

use burn::backend::capture::TensorId;
use burn::backend::ir::{
    BaseOperationIr, BinaryOpIr, FloatOperationIr, LinearOpIr, MatmulOpIr, ModuleOperationIr, NumericOperationIr,
    OperationIr, ShapeOpIr, TensorIr,
};

/// The operations, with every linear layer as one.
pub(crate) fn linears(operations: Vec<OperationIr>, outputs: &[TensorId]) -> Vec<OperationIr> {
    let mut readers: HashMap<TensorId, usize> = HashMap::new();
    for id in operations.iter().flat_map(OperationIr::inputs).map(|tensor| tensor.id).chain(outputs.iter().copied()) {
        *readers.entry(id).or_default() += 1;
    }
    let mut joined = Vec::with_capacity(operations.len());
    let mut rest = operations.as_slice();
    while let Some(first) = rest.first() {
        let alone = |tensor: &TensorIr| readers.get(&tensor.id) == Some(&1);
        match of_rows(rest, &alone).or_else(|| of_rank(rest, &alone)) {
            Some((linear, taken)) => {
                joined.push(OperationIr::Module(ModuleOperationIr::Linear(linear)));
                rest = &rest[taken..];
            }
            None => {
                joined.push(first.clone());
                rest = &rest[1..];
            }
        }
    }
    joined
}

/// `x @ weight + bias`, weight and bias given the rank of `x`.
fn of_rank(ops: &[OperationIr], alone: &dyn Fn(&TensorIr) -> bool) -> Option<(LinearOpIr, usize)> {
    let (weight, product, mut taken) = match (reshape(ops.first()?), ops.get(1).and_then(matmul)) {
        (Some(lifted), Some(product))
            if lifted.out.id == product.rhs.id && alone(&lifted.out) && leading_ones(lifted) =>
        {
            (&lifted.input, product, 2)
        }
        _ => {
            let product = matmul(ops.first()?)?;
            (&product.rhs, product, 1)
        }
    };
    if weight.shape.num_dims() != 2 || product.lhs.shape.num_dims() != product.out.shape.num_dims() {
        return None;
    }
    let mut linear =
        LinearOpIr { x: product.lhs.clone(), weight: weight.clone(), bias: None, out: product.out.clone() };
    if let Some((bias, sum)) = biased(&ops[taken..], &product.out, alone) {
        linear.bias = Some(bias.clone());
        linear.out = sum.out.clone();
        taken += 2;
    }
    (taken > 1).then_some((linear, taken))
}

/// `reshape(reshape(x) @ weight + bias)`, the rows of all leading dimensions in one matrix.
fn of_rows(ops: &[OperationIr], alone: &dyn Fn(&TensorIr) -> bool) -> Option<(LinearOpIr, usize)> {
    let rows = reshape(ops.first()?)?;
    let product = matmul(ops.get(1)?)?;
    if product.lhs.id != rows.out.id || !alone(&rows.out) || !alone(&product.out) {
        return None;
    }
    let (bias, last, taken) = match biased(&ops[2..], &product.out, alone) {
        Some((bias, sum)) if alone(&sum.out) => (Some(bias.clone()), &sum.out, 4),
        Some(_) => return None,
        None => (None, &product.out, 2),
    };
    let back = reshape(ops.get(taken)?)?;
    let (from, to) = (rows.input.shape.as_slice(), back.out.shape.as_slice());
    let (width, lead) = from.split_last()?;
    let (columns, kept) = to.split_last()?;
    let fits = back.input.id == last.id
        && product.rhs.shape.as_slice() == [*width, *columns]
        && rows.out.shape.as_slice() == [lead.iter().product(), *width]
        && lead == kept
        && lead.len() > 1;
    let linear = LinearOpIr { x: rows.input.clone(), weight: product.rhs.clone(), bias, out: back.out.clone() };
    fits.then_some((linear, taken + 1))
}

/// A vector with leading ones, added to a product.
fn biased<'a>(
    ops: &'a [OperationIr],
    product: &TensorIr,
    alone: &dyn Fn(&TensorIr) -> bool,
) -> Option<(&'a TensorIr, &'a BinaryOpIr)> {
    let lifted = reshape(ops.first()?)?;
    let sum = add(ops.get(1)?)?;
    let fits = lifted.input.shape.num_dims() == 1
        && leading_ones(lifted)
        && sum.lhs.id == product.id
        && sum.rhs.id == lifted.out.id
        && sum.out.shape == product.shape
        && alone(product)
        && alone(&lifted.out);
    fits.then_some((&lifted.input, sum))
}

/// Whether a reshape does nothing but put ones in front.
fn leading_ones(op: &ShapeOpIr) -> bool {
    let (from, to) = (op.input.shape.as_slice(), op.out.shape.as_slice());
    to.strip_suffix(from).is_some_and(|lead| lead.iter().all(|size| *size == 1))
}

fn reshape(op: &OperationIr) -> Option<&ShapeOpIr> {
    match op {
        OperationIr::BaseFloat(BaseOperationIr::Reshape(op)) => Some(op),
        _ => None,
    }
}

fn matmul(op: &OperationIr) -> Option<&MatmulOpIr> {
    match op {
        OperationIr::Float(_, FloatOperationIr::Matmul(op)) => Some(op),
        _ => None,
    }
}

fn add(op: &OperationIr) -> Option<&BinaryOpIr> {
    match op {
        OperationIr::NumericFloat(_, NumericOperationIr::Add(op)) => Some(op),
        _ => None,
    }
}
