//! Linear layers as one operation each.
//!
//! Burn 0.22 records a linear layer as several operations, in one of two forms that depends on the number of rows: a
//! product with a weight that was reshaped to the input's rank, or one product of a matrix that holds the rows of all
//! leading dimensions. Both forms become one operation here, so that recordings at two lengths of a dynamic axis are
//! equal, and no reshape remains.

use std::collections::HashMap;

use burn::backend::capture::TensorId;
use burn::backend::ir::{
    BaseOperationIr, BinaryOpIr, FloatOperationIr, LinearOpIr, MatmulOpIr, ModuleOperationIr, NumericOperationIr,
    OperationIr, ShapeOpIr, TensorIr,
};

/// The recorded operations, those of every linear layer joined into one.
pub(crate) fn join_linears(operations: Vec<OperationIr>, outputs: &[TensorId]) -> Vec<OperationIr> {
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

/// `x @ weight + bias`, where weight and bias were reshaped to the rank of `x`; and how many operations it takes.
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

/// `reshape(reshape(x) @ weight + bias)`, where the inner reshape makes one matrix of the rows of all leading
/// dimensions; and how many operations it takes.
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

/// The addition of a vector to a product, after a reshape that gives the vector leading dimensions of length 1.
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

/// Whether a reshape only adds leading dimensions of length 1.
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
