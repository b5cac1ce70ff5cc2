//! The operations of Burn's intermediate representation, family by family.

/// Hands the list of operations to another macro: `"Family" function Enum { forward { .. } backward { .. } }` each, the
/// operations of a forward pass apart from those of a backward pass.
///
/// Floats, integers and booleans share the family `Base`, floats and integers share `Numeric`.
macro_rules! every_operation {
    ($receiver:ident) => {
        $receiver! {
            "Base" base BaseOperationIr {
                forward {
                    Reshape SwapDims Permute Flip Expand Unfold Slice SliceAssign Select SelectAssign MaskWhere MaskFill
                    Gather Scatter ScatterNd GatherNd Equal EqualElem RepeatDim Cat Cast Empty Ones Zeros NotEqual
                    NotEqualElem All Any AllDim AnyDim
                }
                backward {}
            }
            "Numeric" numeric NumericOperationIr {
                forward {
                    Add AddScalar Sub SubScalar Div DivScalar Rem RemScalar Mul MulScalar Abs Full MeanDim Mean Sum
                    SumDim SumDims Prod ProdDim Greater GreaterElem GreaterEqual GreaterEqualElem Lower LowerElem
                    LowerEqual LowerEqualElem ArgMax ArgTopK TopK TopKWithIndices ArgMin Max MaxDimWithIndices
                    MinDimWithIndices Min MaxDim MinDim MaxAbs MaxAbsDim Clamp IntRandom Powi PowiScalar CumSum CumProd
                    CumMin CumMax Neg Sign ClampMin ClampMax Sort SortWithIndices ArgSort Pad
                }
                backward {}
            }
            "Int" int IntOperationIr {
                forward {
                    IntoFloat BitwiseAnd BitwiseAndScalar BitwiseOr BitwiseOrScalar BitwiseXor BitwiseXorScalar
                    BitwiseNot BitwiseLeftShift BitwiseLeftShiftScalar BitwiseRightShift BitwiseRightShiftScalar Matmul
                }
                backward {}
            }
            "Bool" bool BoolOperationIr {
                forward { IntoFloat IntoInt Not And Or Xor }
                backward {}
            }
            "Float" float FloatOperationIr {
                forward {
                    Exp Log Log1p Erf PowfScalar Sqrt Cos Cosh Sin Sinh Tan Tanh ArcCos ArcCosh ArcSin ArcSinh ArcTan
                    ArcTanh ArcTan2 Round Floor Ceil Trunc IntoInt Matmul Cross Random Recip IsNan IsInf Quantize
                    Dequantize GridSample2d Powf Hypot
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
    };
}

pub(crate) use every_operation;
