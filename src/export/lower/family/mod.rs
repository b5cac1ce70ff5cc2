//! Lowerings by Burn's families of operations: which operation becomes what.
//!
//! The matches are exhaustive: an operation that a new Burn adds does not compile until it has a place here.

mod activation;
mod base;
mod bool;
mod float;
mod int;
mod module;
mod numeric;

use burn::backend::ir::OperationIr;

use super::emit::{Context, Lowered};
use super::topic::{constant, recurrent};
use crate::export::step::Step;

/// Lowers one operation.
pub(crate) fn lower(cx: &mut Context, step: &Step) -> Lowered {
    let op = match step {
        Step::Burn(op) => op,
        Step::Recurrent(layer) => return recurrent::recurrent(cx, layer),
    };
    match op {
        OperationIr::BaseFloat(op) | OperationIr::BaseInt(op) | OperationIr::BaseBool(op) => base::lower(cx, op),
        OperationIr::NumericFloat(_, op) | OperationIr::NumericInt(_, op) => numeric::lower(cx, op),
        OperationIr::Bool(op) => bool::lower(cx, op),
        OperationIr::Int(op) => int::lower(cx, op),
        OperationIr::Float(_, op) => float::lower(cx, op),
        OperationIr::Module(op) => module::lower(cx, op),
        OperationIr::Activation(op) => activation::lower(cx, op),
        OperationIr::Init(op) => constant::init(cx, &op.out),
        OperationIr::Custom(op) => Err(format!(
            "{} is an operation of a backend extension, and the recording does not say what it does",
            op.id
        )
        .into()),
        OperationIr::Drop(_) => Ok(()),
        OperationIr::Distributed(_) => Err("collective operations have no ONNX form".into()),
    }
}
