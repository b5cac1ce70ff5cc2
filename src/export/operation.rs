//! The names of the operations in a recording.

use burn::backend::ir::{
    ActivationOperationIr, BaseOperationIr, BoolOperationIr, DistributedOperationIr, FloatOperationIr, IntOperationIr,
    ModuleOperationIr, NumericOperationIr, OperationIr,
};

use super::ir_operations::every_operation;
use super::step::Step;
use crate::onnx::DataType;

/// An operation of a forward pass, and the ONNX operators it was lowered to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Burn's family of operations: `Base`, `Numeric`, `Int`, `Bool`, `Float`, `Activation`, `Module`; `Recurrent` for
    /// a layer that the exporter recognised in Burn's loop over time.
    pub family: &'static str,
    /// The operation's name within the family.
    pub name: &'static str,
    /// The element type it works on.
    pub dtype: DataType,
    /// The ONNX operators it was lowered to, before any graph pass, in the order of their first use.
    pub lowering: Vec<&'static str>,
}

/// One function a family that names its operations. An operation that a new Burn adds does not compile until it is
/// listed in [`every_operation`].
macro_rules! name_functions {
    ($($family:literal $name:ident $enum:ident {
        forward { $($forward:ident)* }
        backward { $($backward:ident)* }
    })*) => {
        $(fn $name(op: &$enum) -> (&'static str, &'static str) {
            let name = match op {
                $($enum::$forward(..) => stringify!($forward),)*
                $($enum::$backward(..) => stringify!($backward),)*
            };
            ($family, name)
        })*
    };
}

every_operation!(name_functions);

/// The family and name of an operation.
pub(crate) fn family_and_name(step: &Step) -> (&'static str, &'static str) {
    let op = match step {
        Step::Burn(op) => op,
        Step::Recurrent(layer) => return ("Recurrent", layer.cell.name()),
    };
    match op {
        OperationIr::BaseFloat(op) | OperationIr::BaseInt(op) | OperationIr::BaseBool(op) => base(op),
        OperationIr::NumericFloat(_, op) | OperationIr::NumericInt(_, op) => numeric(op),
        OperationIr::Bool(op) => bool(op),
        OperationIr::Int(op) => int(op),
        OperationIr::Float(_, op) => float(op),
        OperationIr::Module(op) => module(op),
        OperationIr::Activation(op) => activation(op),
        OperationIr::Init(_) => ("Init", "Init"),
        OperationIr::Custom(_) => ("Custom", "Custom"),
        OperationIr::Drop(_) => ("Drop", "Drop"),
        OperationIr::Distributed(DistributedOperationIr::AllReduce(_)) => ("Distributed", "AllReduce"),
        OperationIr::Distributed(DistributedOperationIr::SyncCollective) => ("Distributed", "SyncCollective"),
    }
}

/// An operation's name in messages: `Numeric::Add`.
pub(crate) fn operation_name(step: &Step) -> String {
    let (family, name) = family_and_name(step);
    match step {
        Step::Burn(OperationIr::Custom(custom)) => format!("{family}::{}", custom.id),
        Step::Burn(OperationIr::Init(_) | OperationIr::Drop(_)) => family.to_string(),
        Step::Burn(_) | Step::Recurrent(_) => format!("{family}::{name}"),
    }
}
