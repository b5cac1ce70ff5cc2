//! Operations that float, int and bool tensors share: shape, joining, comparing, making.

use burn::backend::ir::{
    BaseOperationIr, BinaryOpIr, CreationOpIr, OperationIr, ReduceDimOpIr, ReduceOpIr, RepeatDimOpIr, ScalarIr,
    ScalarOpIr, ShapeOpIr, TensorIr, UnfoldOpIr,
};

use super::context::{Context, Lowered, int, ints};
use super::{index, numeric, reduce, slice};
use crate::export::constant::{Constant, DataType};
use crate::export::graph::Attribute;

pub(super) fn lower(cx: &mut Context, op: &BaseOperationIr) -> Lowered {
    match op {
        BaseOperationIr::Reshape(op) => reshape(cx, op),
        BaseOperationIr::SwapDims(op) => {
            let mut axes: Vec<usize> = (0..op.input.shape.num_dims()).collect();
            axes.swap(op.dim1, op.dim2);
            permute(cx, &op.input, &op.out, &axes)
        }
        BaseOperationIr::Permute(op) => permute(cx, &op.input, &op.out, &op.axes),
        BaseOperationIr::Flip(op) => slice::flip(cx, op),
        BaseOperationIr::Expand(op) => expand(cx, op),
        BaseOperationIr::Unfold(op) => unfold(cx, op),
        BaseOperationIr::Slice(op) => slice::slice(cx, op),
        BaseOperationIr::SliceAssign(op) => slice::assign(cx, op),
        BaseOperationIr::Select(op) => index::select(cx, op),
        BaseOperationIr::SelectAssign(op) => index::select_assign(cx, op),
        BaseOperationIr::MaskWhere(op) => {
            let (mask, yes) = (cx.value(&op.mask)?, cx.value(&op.value)?);
            let no = cx.value(&op.tensor)?;
            cx.emit(&op.out, "Where", &[&mask, &yes, &no], &[])
        }
        BaseOperationIr::MaskFill(op) => {
            let (mask, no) = (cx.value(&op.mask)?, cx.value(&op.tensor)?);
            let dtype = cx.dtype(&op.tensor)?;
            let yes = cx.scalar(dtype, op.value);
            cx.emit(&op.out, "Where", &[&mask, &yes, &no], &[])
        }
        BaseOperationIr::Gather(op) => index::gather(cx, op),
        BaseOperationIr::Scatter(op) => index::scatter(cx, op),
        BaseOperationIr::ScatterNd(op) => index::scatter_nd(cx, op),
        BaseOperationIr::GatherNd(op) => index::gather_nd(cx, op),
        BaseOperationIr::Equal(op) => compare(cx, op, "Equal", false),
        BaseOperationIr::EqualElem(op) => compare_scalar(cx, op, "Equal", false),
        BaseOperationIr::NotEqual(op) => compare(cx, op, "Equal", true),
        BaseOperationIr::NotEqualElem(op) => compare_scalar(cx, op, "Equal", true),
        BaseOperationIr::RepeatDim(op) => repeat(cx, op),
        BaseOperationIr::Cat(op) => {
            let parts = op.tensors.iter().map(|tensor| cx.value(tensor)).collect::<Lowered<Vec<_>>>()?;
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            cx.emit(&op.out, "Concat", &parts, &[("axis", int(op.dim as i64))])
        }
        BaseOperationIr::Cast(op) => cast(cx, &op.input, &op.out),
        BaseOperationIr::Empty(op) | BaseOperationIr::Zeros(op) => create(cx, op, 0),
        BaseOperationIr::Ones(op) => create(cx, op, 1),
        BaseOperationIr::All(op) => truth(cx, op, "ReduceMin"),
        BaseOperationIr::Any(op) => truth(cx, op, "ReduceMax"),
        BaseOperationIr::AllDim(op) => truth_dim(cx, op, "ReduceMin"),
        BaseOperationIr::AnyDim(op) => truth_dim(cx, op, "ReduceMax"),
    }
}

fn reshape(cx: &mut Context, op: &ShapeOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let (from, to) = (cx.dims(&op.input), cx.dims(&op.out));
    let value = cx.reshape(&value, &from, &to)?;
    cx.bind(&op.out, value)
}

fn permute(cx: &mut Context, input: &TensorIr, out: &TensorIr, axes: &[usize]) -> Lowered {
    let value = cx.value(input)?;
    cx.emit(out, "Transpose", &[&value], &[("perm", ints(axes))])
}

fn expand(cx: &mut Context, op: &ShapeOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let (from, to) = (cx.dims(&op.input), cx.dims(&op.out));
    // A target of 1 keeps the input's own length, so kept dimensions need no arithmetic.
    let lead = to.len() - from.len();
    let one = crate::export::dims::Dim(vec![1; cx.traces.operations.len()]);
    let target: Vec<_> = to
        .iter()
        .enumerate()
        .map(|(axis, dim)| match axis.checked_sub(lead) {
            Some(i) if from[i] == *dim => one.clone(),
            _ => dim.clone(),
        })
        .collect();
    let shape = cx.shape(&target)?;
    cx.emit(&op.out, "Expand", &[&value, &shape], &[])
}

fn repeat(cx: &mut Context, op: &RepeatDimOpIr) -> Lowered {
    let value = cx.value(&op.tensor)?;
    let times: Vec<usize> = cx
        .variants()
        .filter_map(|op| match op {
            OperationIr::BaseFloat(BaseOperationIr::RepeatDim(op))
            | OperationIr::BaseInt(BaseOperationIr::RepeatDim(op))
            | OperationIr::BaseBool(BaseOperationIr::RepeatDim(op)) => Some(op.times),
            _ => None,
        })
        .collect();
    let traces = times.len();
    let mut repeats = vec![crate::export::dims::Dim(vec![1; traces]); op.tensor.shape.num_dims()];
    repeats[op.dim] = crate::export::dims::Dim(times);
    let repeats = cx.shape(&repeats)?;
    cx.emit(&op.out, "Tile", &[&value, &repeats], &[])
}

fn unfold(cx: &mut Context, op: &UnfoldOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let windows = cx.fixed(&op.out, op.dim)?;
    let at: Vec<i64> = (0..windows).flat_map(|w| (0..op.size).map(move |i| (w * op.step + i) as i64)).collect();
    let at = cx.constant(Constant { dims: vec![windows, op.size], ..Constant::i64s(&at) });
    let gathered = cx.node("Gather", &[&value, &at], &[("axis", int(op.dim as i64))]);
    // The window's elements come last.
    let rank = op.out.shape.num_dims();
    let mut perm: Vec<usize> = (0..rank).filter(|axis| *axis != op.dim + 1).collect();
    perm.push(op.dim + 1);
    cx.emit(&op.out, "Transpose", &[&gathered], &[("perm", ints(&perm))])
}

/// An operator on two tensors that gives truth values, negated on demand.
pub(super) fn compare(cx: &mut Context, op: &BinaryOpIr, operator: &'static str, not: bool) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    compared(cx, &lhs, &rhs, &op.out, operator, not)
}

/// [`compare`] with a number on the right.
pub(super) fn compare_scalar(cx: &mut Context, op: &ScalarOpIr, operator: &'static str, not: bool) -> Lowered {
    let lhs = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    let rhs = cx.scalar(dtype, op.rhs);
    compared(cx, &lhs, &rhs, &op.out, operator, not)
}

fn compared(cx: &mut Context, lhs: &str, rhs: &str, out: &TensorIr, operator: &'static str, not: bool) -> Lowered {
    let value = cx.node(operator, &[lhs, rhs], &[]);
    let value = match not {
        true => cx.node("Not", &[&value], &[]),
        false => value,
    };
    cx.bind(out, value)
}

/// A change of element type; floats are cut towards zero on the way to integers, as Burn does.
pub(super) fn cast(cx: &mut Context, input: &TensorIr, out: &TensorIr) -> Lowered {
    let value = cx.value(input)?;
    let (from, to) = (cx.dtype(input)?, cx.dtype(out)?);
    let value = cx.cast(&value, from, to);
    cx.bind(out, value)
}

fn create(cx: &mut Context, op: &CreationOpIr, value: i64) -> Lowered {
    numeric::full(cx, &op.out, ScalarIr::Int(value))
}

/// Stored or computed: a tensor of one value.
pub(super) fn filled(cx: &mut Context, out: &TensorIr, dtype: DataType, value: ScalarIr) -> Lowered<String> {
    let dims = cx.dims(out);
    let shape = cx.shape(&dims)?;
    let value = Attribute::Tensor(Constant::single(dtype, value));
    Ok(cx.node("ConstantOfShape", &[&shape], &[("value", value)]))
}

/// `All` and `Any` over everything: the least or the greatest of ones and zeros.
fn truth(cx: &mut Context, op: &ReduceOpIr, operator: &'static str) -> Lowered {
    let bits = bits(cx, &op.input)?;
    let value = reduce::all(cx, operator, &bits)?;
    let value = cx.cast(&value, DataType::I32, DataType::Bool);
    cx.bind(&op.out, value)
}

fn truth_dim(cx: &mut Context, op: &ReduceDimOpIr, operator: &'static str) -> Lowered {
    let bits = bits(cx, &op.input)?;
    let value = reduce::axes(cx, operator, &bits, &[op.axis]);
    let value = cx.cast(&value, DataType::I32, DataType::Bool);
    cx.bind(&op.out, value)
}

fn bits(cx: &mut Context, tensor: &TensorIr) -> Lowered<String> {
    let value = cx.value(tensor)?;
    let dtype = cx.dtype(tensor)?;
    let value = cx.cast(&value, dtype, DataType::Bool);
    Ok(cx.cast(&value, DataType::Bool, DataType::I32))
}
