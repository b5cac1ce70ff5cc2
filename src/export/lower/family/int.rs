//! Operations on integers alone.

use burn::backend::ir::IntOperationIr;

use crate::export::lower::emit::{Context, Lowered, Operator, cast};
use crate::export::lower::topic::{bits, matmul, shift};

pub(super) fn lower(cx: &mut Context, op: &IntOperationIr) -> Lowered {
    match op {
        IntOperationIr::IntoFloat(op) => cast(cx, &op.input, &op.out),
        IntOperationIr::BitwiseAnd(op) => bits::bits(cx, op, Operator::BitwiseAnd),
        IntOperationIr::BitwiseAndScalar(op) => bits::bits_scalar(cx, op, Operator::BitwiseAnd),
        IntOperationIr::BitwiseOr(op) => bits::bits(cx, op, Operator::BitwiseOr),
        IntOperationIr::BitwiseOrScalar(op) => bits::bits_scalar(cx, op, Operator::BitwiseOr),
        IntOperationIr::BitwiseXor(op) => bits::bits(cx, op, Operator::BitwiseXor),
        IntOperationIr::BitwiseXorScalar(op) => bits::bits_scalar(cx, op, Operator::BitwiseXor),
        IntOperationIr::BitwiseNot(op) => bits::not(cx, op),
        IntOperationIr::BitwiseLeftShift(op) => shift::shift(cx, op, true),
        IntOperationIr::BitwiseLeftShiftScalar(op) => shift::shift_scalar(cx, op, true),
        IntOperationIr::BitwiseRightShift(op) => shift::shift(cx, op, false),
        IntOperationIr::BitwiseRightShiftScalar(op) => shift::shift_scalar(cx, op, false),
        IntOperationIr::Matmul(op) => matmul::int_matmul(cx, op),
    }
}
