//! Every operation that a forward pass can have in Burn, and those without a lowering.

#[path = "../../src/export/ir_operations.rs"]
mod ir_operations;

use ir_operations::every_operation;

macro_rules! forward {
    ($($family:literal $function:ident $enum:ident {
        forward { $($forward:ident)* }
        backward { $($backward:ident)* }
    })*) => {
        /// The family and name of every operation of a forward pass.
        pub const FORWARD: &[(&str, &str)] = &[$($(($family, stringify!($forward)),)*)*];
    };
}

every_operation!(forward);

/// The operations without a lowering: family, name, whether a forward pass can record it, and why there is none.
pub const NOT_LOWERED: &[(&str, &str, bool, &str)] = &[
    ("Numeric", "IntRandom", true, "random numbers have no repeatable ONNX form"),
    ("Float", "Random", true, "random numbers have no repeatable ONNX form"),
    ("Float", "IsNan", false, "never recorded: Burn compares the tensor with itself"),
    ("Float", "IsInf", false, "never recorded: Burn compares the absolute value with infinity"),
    ("Float", "Quantize", false, "never recorded: Burn's recording device has no quantised tensors"),
    ("Float", "Dequantize", false, "never recorded: Burn's recording device has no quantised tensors"),
    ("Module", "CtcLoss", false, "never recorded: Burn computes it from other operations"),
];
