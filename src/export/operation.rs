//! The names of Burn's operations, and what each became.

use crate::export::constant::onnx_type;
use crate::onnx::DataType;
use std::collections::HashSet;

use burn::backend::ir::{
    ActivationOperationIr, BaseOperationIr, BoolOperationIr, DistributedOperationIr, FloatOperationIr, IntOperationIr,
    ModuleOperationIr, NumericOperationIr, OperationIr,
};

use super::traces::Traces;

/// A Burn operation of a forward pass, and the ONNX operators it was lowered to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Burn's family of operations: `Base`, `Numeric`, `Int`, `Bool`, `Float`, `Activation`, `Module`.
    pub family: &'static str,
    /// The operation's name within the family.
    pub name: &'static str,
    /// The element type it works on.
    pub dtype: DataType,
    /// The ONNX operators it was lowered to, before any pass, in the order of their first use.
    pub lowering: Vec<String>,
}

/// Names every operation of Burn's intermediate representation. A variant that a new Burn adds does not compile until
/// it is placed here.
macro_rules! operations {
    ($($family:literal $name:ident $enum:ident {
        forward { $($forward:ident)* }
        backward { $($backward:ident)* }
    })*) => {
        /// Every operation of a forward pass: its family and name. Floats, integers and truth values share `Base`,
        /// floats and integers share `Numeric`.
        pub const FORWARD: &[(&str, &str)] = &[$($(($family, stringify!($forward)),)*)*];

        $(fn $name(op: &$enum) -> &'static str {
            match op {
                $($enum::$forward(..) => stringify!($forward),)*
                $($enum::$backward(..) => stringify!($backward),)*
            }
        })*
    };
}

operations! {
    "Base" base BaseOperationIr {
        forward {
            Reshape SwapDims Permute Flip Expand Unfold Slice SliceAssign Select SelectAssign MaskWhere MaskFill Gather
            Scatter ScatterNd GatherNd Equal EqualElem RepeatDim Cat Cast Empty Ones Zeros NotEqual NotEqualElem All Any
            AllDim AnyDim
        }
        backward {}
    }
    "Numeric" numeric NumericOperationIr {
        forward {
            Add AddScalar Sub SubScalar Div DivScalar Rem RemScalar Mul MulScalar Abs Full MeanDim Mean Sum SumDim
            SumDims Prod ProdDim Greater GreaterElem GreaterEqual GreaterEqualElem Lower LowerElem LowerEqual
            LowerEqualElem ArgMax ArgTopK TopK TopKWithIndices ArgMin Max MaxDimWithIndices MinDimWithIndices Min MaxDim
            MinDim MaxAbs MaxAbsDim Clamp IntRandom Powi PowiScalar CumSum CumProd CumMin CumMax Neg Sign ClampMin
            ClampMax Sort SortWithIndices ArgSort Pad
        }
        backward {}
    }
    "Int" int IntOperationIr {
        forward {
            IntoFloat BitwiseAnd BitwiseAndScalar BitwiseOr BitwiseOrScalar BitwiseXor BitwiseXorScalar BitwiseNot
            BitwiseLeftShift BitwiseLeftShiftScalar BitwiseRightShift BitwiseRightShiftScalar Matmul
        }
        backward {}
    }
    "Bool" bool BoolOperationIr {
        forward { IntoFloat IntoInt Not And Or Xor }
        backward {}
    }
    "Float" float FloatOperationIr {
        forward {
            Exp Log Log1p Erf PowfScalar Sqrt Cos Cosh Sin Sinh Tan Tanh ArcCos ArcCosh ArcSin ArcSinh ArcTan ArcTanh
            ArcTan2 Round Floor Ceil Trunc IntoInt Matmul Cross Random Recip IsNan IsInf Quantize Dequantize
            GridSample2d Powf Hypot
        }
        backward {}
    }
    "Activation" activation ActivationOperationIr {
        forward { Relu LeakyRelu PRelu Gelu Sigmoid HardSigmoid LogSigmoid Softmax LogSoftmax Softmin }
        backward { ReluBackward GeluBackward SigmoidBackward LogSigmoidBackward }
    }
    "Module" module ModuleOperationIr {
        forward {
            BatchNorm Embedding Linear Conv1d Conv2d Conv3d DeformableConv2d ConvTranspose1d ConvTranspose2d
            ConvTranspose3d AvgPool1d AvgPool2d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d MaxPool1d
            MaxPool1dWithIndices MaxPool2d MaxPool2dWithIndices Interpolate Attention CtcLoss LayerNorm Unfold4d
        }
        backward {
            EmbeddingBackward LinearXBackward LinearWeightBackward LinearBiasBackward Conv1dXBackward
            Conv1dWeightBackward Conv1dBiasBackward Conv2dXBackward Conv2dWeightBackward Conv2dBiasBackward
            Conv3dXBackward Conv3dWeightBackward Conv3dBiasBackward DeformableConv2dBackward AvgPool1dBackward
            AvgPool2dBackward AdaptiveAvgPool1dBackward AdaptiveAvgPool2dBackward AdaptiveAvgPool3dBackward
            MaxPool1dWithIndicesBackward MaxPool2dWithIndicesBackward InterpolateBackward CtcLossBackward
            ConvTranspose1dWeightBackward ConvTranspose1dBiasBackward ConvTranspose2dWeightBackward
            ConvTranspose2dBiasBackward ConvTranspose3dWeightBackward ConvTranspose3dBiasBackward
        }
    }
}

/// The family and name of an operation.
pub(crate) fn family_and_name(op: &OperationIr) -> (&'static str, &'static str) {
    match op {
        OperationIr::BaseFloat(op) | OperationIr::BaseInt(op) | OperationIr::BaseBool(op) => ("Base", base(op)),
        OperationIr::NumericFloat(_, op) | OperationIr::NumericInt(_, op) => ("Numeric", numeric(op)),
        OperationIr::Bool(op) => ("Bool", bool(op)),
        OperationIr::Int(op) => ("Int", int(op)),
        OperationIr::Float(_, op) => ("Float", float(op)),
        OperationIr::Module(op) => ("Module", module(op)),
        OperationIr::Activation(op) => ("Activation", activation(op)),
        OperationIr::Init(_) => ("Init", "Init"),
        OperationIr::Custom(_) => ("Custom", "Custom"),
        OperationIr::Drop(_) => ("Drop", "Drop"),
        OperationIr::Distributed(DistributedOperationIr::AllReduce(_)) => ("Distributed", "AllReduce"),
        OperationIr::Distributed(DistributedOperationIr::SyncCollective) => ("Distributed", "SyncCollective"),
    }
}

/// Operations that Burn records by their parts, which are put together again before they are lowered.
pub const RECORDED_IN_PARTS: &[(&str, &str)] = &[("Module", "Linear")];

/// Operations without a lowering: family, name, whether a forward pass can record it, and why.
///
/// Kept beside the names for the coverage table, which tests hold against what they see.
pub const NOT_LOWERED: &[(&str, &str, bool, &str)] = &[
    ("Numeric", "IntRandom", true, "random numbers have no repeatable ONNX form"),
    ("Float", "Random", true, "random numbers have no repeatable ONNX form"),
    ("Float", "IsNan", false, "never recorded: Burn compares the tensor with itself"),
    ("Float", "IsInf", false, "never recorded: Burn compares the absolute value with infinity"),
    ("Float", "Quantize", false, "never recorded: Burn's recording device has no quantised tensors"),
    ("Float", "Dequantize", false, "never recorded: Burn's recording device has no quantised tensors"),
    ("Module", "CtcLoss", false, "never recorded: Burn computes it from other operations"),
];

/// The operations that the outputs depend on; `lowered` holds the ONNX operators of every recorded operation.
pub(crate) fn needed(traces: &Traces, lowered: &[Vec<String>]) -> Vec<Operation> {
    let mut wanted: HashSet<_> = traces.outputs.iter().copied().collect();
    let mut operations = Vec::new();
    for (op, lowering) in traces.operations[0].iter().zip(lowered).rev() {
        if !op.outputs().any(|tensor| wanted.contains(&tensor.id)) {
            continue;
        }
        wanted.extend(op.inputs().map(|tensor| tensor.id));
        let (family, name) = family_and_name(op);
        let mut tensors = op.inputs().chain(op.outputs());
        let Some(dtype) = tensors.find_map(|tensor| onnx_type(tensor.dtype)) else {
            continue;
        };
        if family != "Init" {
            operations.push(Operation { family, name, dtype, lowering: lowering.clone() });
        }
    }
    operations.reverse();
    operations
}
