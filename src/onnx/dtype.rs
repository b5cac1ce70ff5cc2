//! Element types.

use std::fmt;

macro_rules! types {
    ($($variant:ident = $number:literal, $name:literal, $bits:literal, $doc:literal;)*) => {
        /// The element type of a tensor: those of `TensorProto.DataType` up to IR version 10.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum DataType {
            $(#[doc = $doc] $variant,)*
        }

        impl DataType {
            /// The type of that number in `TensorProto.DataType`; `None` for a number that is not there.
            pub fn from_number(number: i64) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its number in `TensorProto.DataType`.
            pub const fn number(self) -> i64 {
                match self {
                    $(Self::$variant => $number,)*
                }
            }

            /// Its short name: `f32`, `i64`, `bool`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Bits an element takes; 0 where that is not fixed.
            pub fn bits(self) -> usize {
                match self {
                    $(Self::$variant => $bits,)*
                }
            }
        }
    };
}

types! {
    Undefined = 0, "undefined", 0, "Not declared.";
    F32 = 1, "f32", 32, "32-bit float.";
    U8 = 2, "u8", 8, "8-bit unsigned integer.";
    I8 = 3, "i8", 8, "8-bit signed integer.";
    U16 = 4, "u16", 16, "16-bit unsigned integer.";
    I16 = 5, "i16", 16, "16-bit signed integer.";
    I32 = 6, "i32", 32, "32-bit signed integer.";
    I64 = 7, "i64", 64, "64-bit signed integer.";
    Text = 8, "string", 0, "Text of any length.";
    Bool = 9, "bool", 8, "Truth value, one byte each.";
    F16 = 10, "f16", 16, "16-bit IEEE float.";
    F64 = 11, "f64", 64, "64-bit float.";
    U32 = 12, "u32", 32, "32-bit unsigned integer.";
    U64 = 13, "u64", 64, "64-bit unsigned integer.";
    C64 = 14, "c64", 64, "Complex number of two 32-bit floats.";
    C128 = 15, "c128", 128, "Complex number of two 64-bit floats.";
    Bf16 = 16, "bf16", 16, "16-bit brain float.";
    F8E4M3Fn = 17, "f8e4m3fn", 8, "8-bit float: 4 bits of exponent, no infinities.";
    F8E4M3Fnuz = 18, "f8e4m3fnuz", 8, "8-bit float: 4 bits of exponent, no infinities, no negative zero.";
    F8E5M2 = 19, "f8e5m2", 8, "8-bit float: 5 bits of exponent.";
    F8E5M2Fnuz = 20, "f8e5m2fnuz", 8, "8-bit float: 5 bits of exponent, no infinities, no negative zero.";
    U4 = 21, "u4", 4, "4-bit unsigned integer, two in a byte.";
    I4 = 22, "i4", 4, "4-bit signed integer, two in a byte.";
}

impl DataType {
    /// Bytes that many elements take; `None` where that is not fixed, or more than a `usize` holds.
    pub fn bytes(self, elements: usize) -> Option<usize> {
        match self.bits() {
            0 => None,
            bits => Some(elements.checked_mul(bits)?.div_ceil(8)),
        }
    }

    /// Whether it is a type of real numbers with fractions.
    pub fn is_float(self) -> bool {
        use DataType::{Bf16, F8E4M3Fn, F8E4M3Fnuz, F8E5M2, F8E5M2Fnuz, F16, F32, F64};
        matches!(self, F64 | F32 | F16 | Bf16 | F8E4M3Fn | F8E4M3Fnuz | F8E5M2 | F8E5M2Fnuz)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_types_are_one_to_one() {
        for number in 0..=22 {
            assert_eq!(DataType::from_number(number).unwrap().number(), number);
        }
        assert_eq!((DataType::from_number(23), DataType::from_number(-1)), (None, None));
    }

    #[test]
    fn bytes_are_counted_in_whole_bytes() {
        assert_eq!(DataType::F32.bytes(3), Some(12));
        assert_eq!(DataType::I4.bytes(3), Some(2));
        assert_eq!(DataType::Text.bytes(3), None);
        assert_eq!(DataType::F64.bytes(usize::MAX), None);
    }
}
