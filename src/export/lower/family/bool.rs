//! Operations on booleans alone.

use burn::backend::ir::BoolOperationIr;

use crate::export::lower::emit::{Context, Lowered, Operator, binary, cast, unary};

pub(super) fn lower(cx: &mut Context, op: &BoolOperationIr) -> Lowered {
    match op {
        BoolOperationIr::IntoFloat(op) | BoolOperationIr::IntoInt(op) => cast(cx, &op.input, &op.out),
        BoolOperationIr::Not(op) => unary(cx, op, Operator::Not),
        BoolOperationIr::And(op) => binary(cx, op, Operator::And),
        BoolOperationIr::Or(op) => binary(cx, op, Operator::Or),
        BoolOperationIr::Xor(op) => binary(cx, op, Operator::Xor),
    }
}
