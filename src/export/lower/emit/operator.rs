//! The element type that an operator is run in, by what kernels engines have for it.

use crate::onnx::DataType;

/// A property of an operator's kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kernel {
    /// ONNX Runtime's CPU kernels take integers of every width. Those of other operators take i32 and i64 alone.
    EveryInteger,
    /// Half floats are computed in f32: Burn adds and multiplies them up so, and scattering has no reduction of them.
    HalvesInF32,
    /// Whether 64 bits are read as i64 or as u64, the bits of the result are the same.
    SameBits,
    /// There is no kernel for booleans.
    NoBools,
    /// ONNX Runtime's sum of i32s that overflows is another number, that of i64s is exact up to 2^53.
    SumsInI64,
}

macro_rules! operators {
    ($($name:ident $(: $($kernel:ident)+)?;)*) => {
        /// An ONNX operator that is run in a wider element type where engines have no kernel for the values' own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operator {
            $($name,)*
        }

        impl Operator {
            /// The operator's name in ONNX.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            fn kernels(self) -> &'static [Kernel] {
                match self {
                    $(Self::$name => &[$($(Kernel::$kernel),+)?],)*
                }
            }
        }
    };
}

operators! {
    Abs: EveryInteger;
    Acos;
    Acosh;
    Add: SameBits;
    And;
    ArgMax;
    ArgMin;
    Asin;
    Asinh;
    Atan;
    Atanh;
    BitwiseAnd: EveryInteger;
    BitwiseNot: EveryInteger;
    BitwiseOr: EveryInteger;
    BitwiseXor: EveryInteger;
    Ceil;
    Clip;
    Cos;
    Cosh;
    CumSum: HalvesInF32 SameBits;
    Div;
    Equal: SameBits;
    Erf;
    Exp;
    Expand: EveryInteger;
    Floor;
    Greater;
    GreaterOrEqual;
    IsNaN;
    Less;
    LessOrEqual;
    Log;
    Max;
    Min;
    Mod: EveryInteger;
    Mul: SameBits;
    Neg: SameBits;
    Not;
    Or;
    Pad: SameBits;
    Pow;
    Reciprocal;
    ReduceMax;
    ReduceMean: HalvesInF32;
    ReduceMin;
    ReduceProd: HalvesInF32 SameBits;
    ReduceSum: HalvesInF32 SameBits SumsInI64;
    Relu;
    Round;
    ScatterElements: EveryInteger HalvesInF32;
    ScatterND: EveryInteger HalvesInF32;
    Sigmoid;
    Sign: EveryInteger;
    Sin;
    Sinh;
    Sqrt;
    Sub: SameBits;
    Tan;
    Tanh;
    Tile: EveryInteger;
    TopK;
    Where: SameBits NoBools;
    Xor;
}

impl Operator {
    /// The element type in which to run the operator on values of `dtype`: their own where ONNX Runtime's CPU kernels
    /// take it, else a wider one, whose results are the same after a cast back to `dtype`.
    pub fn kernel_type(self, dtype: DataType) -> DataType {
        let has = |kernel| self.kernels().contains(&kernel);
        match dtype {
            DataType::I32 if has(Kernel::SumsInI64) => DataType::I64,
            DataType::F32 | DataType::F64 | DataType::I32 | DataType::I64 => dtype,
            DataType::Bf16 => DataType::F32,
            DataType::F16 if has(Kernel::HalvesInF32) => DataType::F32,
            DataType::Bool if has(Kernel::NoBools) => DataType::U8,
            DataType::F16 | DataType::Bool => dtype,
            _ if has(Kernel::EveryInteger) => dtype,
            DataType::I8 | DataType::I16 | DataType::U8 | DataType::U16 => DataType::I32,
            DataType::U32 => DataType::I64,
            DataType::U64 if has(Kernel::SameBits) => DataType::I64,
            _ => dtype,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widens_what_has_no_kernel() {
        assert_eq!(Operator::Add.kernel_type(DataType::U8), DataType::I32);
        assert_eq!(Operator::Abs.kernel_type(DataType::I8), DataType::I8);
        assert_eq!(Operator::Add.kernel_type(DataType::U64), DataType::I64);
        assert_eq!(Operator::Div.kernel_type(DataType::U64), DataType::U64);
        assert_eq!(Operator::ReduceSum.kernel_type(DataType::F16), DataType::F32);
        assert_eq!(Operator::ReduceMax.kernel_type(DataType::F16), DataType::F16);
        assert_eq!(Operator::Where.kernel_type(DataType::Bool), DataType::U8);
        assert_eq!(Operator::Exp.kernel_type(DataType::Bf16), DataType::F32);
    }
}
