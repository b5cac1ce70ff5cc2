//! Operations on truth values.

use burn::backend::ir::BoolOperationIr;

use super::base::cast;
use super::context::{Context, Lowered};
use super::numeric::{binary, unary};

pub(super) fn lower(cx: &mut Context, op: &BoolOperationIr) -> Lowered {
    match op {
        BoolOperationIr::IntoFloat(op) | BoolOperationIr::IntoInt(op) => cast(cx, &op.input, &op.out),
        BoolOperationIr::Not(op) => unary(cx, op, "Not"),
        BoolOperationIr::And(op) => binary(cx, op, "And"),
        BoolOperationIr::Or(op) => binary(cx, op, "Or"),
        BoolOperationIr::Xor(op) => binary(cx, op, "Xor"),
    }
}
