//! The types of number that voxels are kept as.

/// A type of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    U8,
    I8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

/// The codes of NIfTI, which those of Analyze are a part of.
const CODES: [(i32, Number); 10] = [
    (2, Number::U8),
    (4, Number::I16),
    (8, Number::I32),
    (16, Number::F32),
    (64, Number::F64),
    (256, Number::I8),
    (512, Number::U16),
    (768, Number::U32),
    (1024, Number::I64),
    (1280, Number::U64),
];

/// What the codes of other types stand for.
const OTHERS: [(i32, &str); 8] = [
    (0, "no type"),
    (1, "single bits"),
    (32, "complex numbers"),
    (128, "RGB colours"),
    (1536, "floats of 128 bits"),
    (1792, "complex numbers"),
    (2048, "complex numbers"),
    (2304, "RGBA colours"),
];

impl Number {
    /// The type of a header's code; the error tells what else it is.
    pub fn of_code(code: i32) -> Result<Self, String> {
        if let Some((_, number)) = CODES.iter().find(|(known, _)| *known == code) {
            return Ok(*number);
        }
        let other =
            OTHERS.iter().find(|(known, _)| *known == code).map_or("a type that is not known", |(_, name)| name);
        Err(format!(
            "its voxels are {other} (code {code}), expected whole numbers of 8 to 64 bits or floats of 32 or 64"
        ))
    }

    /// The code in a header.
    pub fn code(self) -> i16 {
        CODES.iter().find(|(_, number)| *number == self).map_or(0, |(code, _)| *code as i16)
    }

    /// Bytes of one.
    pub fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// Whether it has a fraction.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    /// The number that `bytes` hold, in big or little endian; of 64-bit ones, the nearest that a float can hold.
    ///
    /// # Panics
    /// If there are not as many bytes as [`Number::size`] says.
    pub fn read(self, bytes: &[u8], big: bool) -> f64 {
        macro_rules! number {
            ($kind:ty) => {{
                let bytes = bytes.try_into().expect("as many bytes as the number has");
                if big { <$kind>::from_be_bytes(bytes) } else { <$kind>::from_le_bytes(bytes) }
            }};
        }
        match self {
            Self::U8 => f64::from(number!(u8)),
            Self::I8 => f64::from(number!(i8)),
            Self::I16 => f64::from(number!(i16)),
            Self::U16 => f64::from(number!(u16)),
            Self::I32 => f64::from(number!(i32)),
            Self::U32 => f64::from(number!(u32)),
            Self::I64 => number!(i64) as f64,
            Self::U64 => number!(u64) as f64,
            Self::F32 => f64::from(number!(f32)),
            Self::F64 => number!(f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_orders() {
        for (number, bytes, value) in [
            (Number::U8, &[200][..], 200.0),
            (Number::I8, &[200], -56.0),
            (Number::I16, &[0xff, 0xfe], -2.0),
            (Number::U16, &[0xff, 0xfe], 65_534.0),
            (Number::I32, &[0xff, 0xff, 0xff, 0xfe], -2.0),
            (Number::U32, &[0xff, 0xff, 0xff, 0xfe], 4_294_967_294.0),
            (Number::I64, &[0x80, 0, 0, 0, 0, 0, 0, 0], -9_223_372_036_854_775_808.0),
            (Number::U64, &[0x80, 0, 0, 0, 0, 0, 0, 0], 9_223_372_036_854_775_808.0),
            (Number::F32, &[0x3f, 0xc0, 0, 0], 1.5),
            (Number::F64, &[0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5),
        ] {
            assert_eq!(number.size(), bytes.len());
            assert_eq!(number.read(bytes, true), value);
            let turned: Vec<u8> = bytes.iter().rev().copied().collect();
            assert_eq!(number.read(&turned, false), value);
            assert_eq!(Number::of_code(number.code().into()), Ok(number));
        }
        assert!(Number::of_code(32).unwrap_err().starts_with("its voxels are complex numbers (code 32)"));
        assert!(Number::of_code(7).unwrap_err().starts_with("its voxels are a type that is not known (code 7)"));
    }
}
