//! Choosing elements by a mask, and whether all or any elements are true.

use burn::backend::ir::{MaskFillOpIr, MaskWhereOpIr, ScalarIr, TensorIr};

use crate::export::lower::emit::{
    Context, DataType, Lowered, Operator, choose, full, is_empty, operand, reduced_axes, reduced_to_one,
};

/// The elements of one tensor where the mask is true, else those of the other.
pub(crate) fn mask_where(cx: &mut Context, op: &MaskWhereOpIr) -> Lowered {
    let (mask, yes) = (cx.value(&op.mask)?, cx.value(&op.value)?);
    let no = cx.value(&op.tensor)?;
    let dtype = cx.dtype(&op.tensor)?;
    let value = choose(cx, &mask, &yes, &no, dtype);
    cx.bind(&op.out, value)
}

/// A number where the mask is true, else the tensor's own elements.
pub(crate) fn mask_fill(cx: &mut Context, op: &MaskFillOpIr) -> Lowered {
    let (mask, value) = (cx.value(&op.mask)?, cx.value(&op.tensor)?);
    let dtype = cx.dtype(&op.tensor)?;
    if dtype == DataType::Bool {
        if op.value.elem::<bool>() {
            return cx.emit(&op.out, "Or", &[&mask, &value], &[]);
        }
        let kept = cx.node("Not", &[&mask], &[]);
        return cx.emit(&op.out, "And", &[&kept, &value], &[]);
    }
    let wide = Operator::Where.kernel_type(dtype);
    let value = cx.cast(&value, dtype, wide);
    let fill = operand(cx, 0, op.value, dtype, wide)?;
    let value = cx.node("Where", &[&mask, &fill, &value], &[]);
    let value = cx.cast(&value, wide, dtype);
    cx.bind(&op.out, value)
}

/// `All` (`ReduceMin`) and `Any` (`ReduceMax`), along an axis or over everything, computed on ones and zeros.
pub(crate) fn truth(
    cx: &mut Context,
    input: &TensorIr,
    out: &TensorIr,
    axis: Option<usize>,
    operator: Operator,
) -> Lowered {
    if is_empty(cx, input) {
        return full(cx, out, ScalarIr::Bool(operator == Operator::ReduceMin));
    }
    let value = cx.value(input)?;
    let dtype = cx.dtype(input)?;
    let value = cx.cast(&value, dtype, DataType::Bool);
    let bits = cx.cast(&value, DataType::Bool, DataType::I32);
    let value = match axis {
        Some(axis) => reduced_axes(cx, operator, &bits, &[axis]),
        None => reduced_to_one(cx, operator, &bits, input.shape.num_dims()),
    };
    let value = cx.cast(&value, DataType::I32, DataType::Bool);
    cx.bind(out, value)
}
