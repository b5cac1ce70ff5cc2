//! Operations that float, int and bool tensors share: shape, joining, comparing, making.

use crate::export::constant;
use crate::onnx::{Attribute, DataType, Tensor};
use burn::backend::ir::{
    BaseOperationIr, BinaryOpIr, CreationOpIr, MaskFillOpIr, OperationIr, RepeatDimOpIr, ScalarIr, ScalarOpIr,
    ShapeOpIr, TensorIr, UnfoldOpIr,
};

use super::context::{Context, Lowered, int, ints};
use super::kernels::{fit, kernel_type, scalar};
use super::numeric::same;
use super::{index, numeric, reduce, slice};
use crate::export::dims::Dim;

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
            let dtype = cx.dtype(&op.tensor)?;
            let value = choose(cx, &mask, &yes, &no, dtype);
            cx.bind(&op.out, value)
        }
        BaseOperationIr::MaskFill(op) => mask_fill(cx, op),
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
        BaseOperationIr::All(op) => truth(cx, &op.input, &op.out, None, "ReduceMin"),
        BaseOperationIr::Any(op) => truth(cx, &op.input, &op.out, None, "ReduceMax"),
        BaseOperationIr::AllDim(op) => truth(cx, &op.input, &op.out, Some(op.axis), "ReduceMin"),
        BaseOperationIr::AnyDim(op) => truth(cx, &op.input, &op.out, Some(op.axis), "ReduceMax"),
    }
}

fn reshape(cx: &mut Context, op: &ShapeOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let (from, to) = (cx.dims(&op.input), cx.dims(&op.out));
    if reduce::is_empty(cx, &op.out) {
        // Elsewhere a 0 in the target keeps the input's length.
        let shape = cx.shape(&to)?;
        return cx.emit(&op.out, "Reshape", &[&value, &shape], &[("allowzero", int(1))]);
    }
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
    let one = Dim(vec![1; cx.traces.operations.len()]);
    let target: Vec<_> = to
        .iter()
        .enumerate()
        .map(|(axis, dim)| match axis.checked_sub(lead) {
            Some(i) if from[i] == *dim => one.clone(),
            _ => dim.clone(),
        })
        .collect();
    let shape = cx.shape(&target)?;
    enlarged(cx, "Expand", &op.out, &value, &shape)
}

/// A node that copies a value to a shape.
fn enlarged(cx: &mut Context, operator: &'static str, out: &TensorIr, value: &str, shape: &str) -> Lowered {
    let dtype = cx.dtype(out)?;
    let wide = kernel_type(operator, dtype);
    let value = cx.cast(value, dtype, wide);
    let value = cx.node(operator, &[&value, shape], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(out, value)
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
    let mut repeats = vec![Dim(vec![1; traces]); op.tensor.shape.num_dims()];
    repeats[op.dim] = Dim(times);
    let repeats = cx.shape(&repeats)?;
    enlarged(cx, "Tile", &op.out, &value, &repeats)
}

fn unfold(cx: &mut Context, op: &UnfoldOpIr) -> Lowered {
    let value = cx.value(&op.input)?;
    let at = match cx.dims(&op.out)[op.dim].fixed() {
        Some(windows) => {
            let at = (0..windows).flat_map(|w| (0..op.size).map(move |i| (w * op.step + i) as i64));
            let at: Vec<i64> = at.collect();
            cx.constant(Tensor { dims: vec![windows, op.size], ..constant::i64s(&at) })
        }
        None => {
            let dim = cx.dims(&op.input)[op.dim].clone();
            let starts = index::run(cx, &dim, 1 - op.size as i64, op.step as i64)?;
            let last = cx.i64s(&[1]);
            let starts = cx.node("Unsqueeze", &[&starts, &last], &[]);
            let offsets: Vec<i64> = (0..op.size as i64).collect();
            let offsets = cx.i64s(&offsets);
            cx.node("Add", &[&starts, &offsets], &[])
        }
    };
    let gathered = cx.node("Gather", &[&value, &at], &[("axis", int(op.dim as i64))]);
    // The window's elements come last.
    let rank = op.out.shape.num_dims();
    let mut perm: Vec<usize> = (0..rank).filter(|axis| *axis != op.dim + 1).collect();
    perm.push(op.dim + 1);
    cx.emit(&op.out, "Transpose", &[&gathered], &[("perm", ints(&perm))])
}

/// The elements of `yes` where the mask is set, else those of `no`.
pub(super) fn choose(cx: &mut Context, mask: &str, yes: &str, no: &str, dtype: DataType) -> String {
    let wide = kernel_type("Where", dtype);
    let (yes, no) = (cx.cast(yes, dtype, wide), cx.cast(no, dtype, wide));
    let value = cx.node("Where", &[mask, &yes, &no], &[]);
    cx.cast(&value, wide, dtype)
}

fn mask_fill(cx: &mut Context, op: &MaskFillOpIr) -> Lowered {
    let (mask, value) = (cx.value(&op.mask)?, cx.value(&op.tensor)?);
    let dtype = cx.dtype(&op.tensor)?;
    if dtype == DataType::Bool {
        if op.value.elem::<bool>() {
            return cx.emit(&op.out, "Or", &[&mask, &value], &[]);
        }
        let kept = cx.node("Not", &[&mask], &[]);
        return cx.emit(&op.out, "And", &[&kept, &value], &[]);
    }
    let wide = kernel_type("Where", dtype);
    let value = cx.cast(&value, dtype, wide);
    let fill = scalar(cx, op.value, dtype, wide);
    let value = cx.node("Where", &[&mask, &fill, &value], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

/// An operator on two tensors that gives truth values, negated on demand.
pub(super) fn compare(cx: &mut Context, op: &BinaryOpIr, operator: &'static str, not: bool) -> Lowered {
    let (lhs, rhs) = (cx.value(&op.lhs)?, cx.value(&op.rhs)?);
    let dtype = cx.dtype(&op.lhs)?;
    if dtype == DataType::Bool {
        return compared(cx, &lhs, &rhs, &op.out, "Xor", !not);
    }
    let wide = kernel_type(operator, dtype);
    let (lhs, rhs) = (cx.cast(&lhs, dtype, wide), cx.cast(&rhs, dtype, wide));
    compared(cx, &lhs, &rhs, &op.out, operator, not)
}

/// [`compare`] with a number on the right.
pub(super) fn compare_scalar(cx: &mut Context, op: &ScalarOpIr, operator: &'static str, not: bool) -> Lowered {
    let lhs = cx.value(&op.lhs)?;
    let dtype = cx.dtype(&op.lhs)?;
    if dtype == DataType::Bool {
        return match op.rhs.elem::<bool>() == not {
            true => cx.emit(&op.out, "Not", &[&lhs], &[]),
            false => same(cx, &op.out, &lhs),
        };
    }
    let wide = kernel_type(operator, dtype);
    let lhs = cx.cast(&lhs, dtype, wide);
    let rhs = scalar(cx, op.rhs, dtype, wide);
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
    if from == to {
        return same(cx, out, &value);
    }
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
    // ConstantOfShape has no brain floats before opset 20.
    let wide = if dtype == DataType::Bf16 { DataType::F32 } else { dtype };
    let value = Attribute::Tensor(constant::single(wide, fit(value, dtype, wide)));
    let filled = cx.node("ConstantOfShape", &[&shape], &[("value", value)]);
    Ok(cx.cast(&filled, wide, dtype))
}

/// `All` and `Any`, along an axis or over everything: the least or the greatest of ones and zeros.
fn truth(cx: &mut Context, input: &TensorIr, out: &TensorIr, axis: Option<usize>, operator: &'static str) -> Lowered {
    if reduce::is_empty(cx, input) {
        return numeric::full(cx, out, ScalarIr::Bool(operator == "ReduceMin"));
    }
    let value = cx.value(input)?;
    let dtype = cx.dtype(input)?;
    let value = cx.cast(&value, dtype, DataType::Bool);
    let bits = cx.cast(&value, DataType::Bool, DataType::I32);
    let value = match axis {
        Some(axis) => reduce::axes(cx, operator, &bits, &[axis]),
        None => reduce::all(cx, operator, &bits, input.shape.num_dims()),
    };
    let value = cx.cast(&value, DataType::I32, DataType::Bool);
    cx.bind(out, value)
}
