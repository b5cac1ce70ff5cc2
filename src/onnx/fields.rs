//! A reader of protobuf's wire format: fields in order, borrowed, bounds checked.

/// One field's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

/// Why a message could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed(pub String);

impl From<&str> for Malformed {
    fn from(why: &str) -> Self {
        Self(why.to_owned())
    }
}

/// Reads the fields of one message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    /// What errors call the message.
    message: &'static str,
    rest: &'a [u8],
    number: u32,
}

impl<'a> Fields<'a> {
    pub fn new(message: &'static str, bytes: &'a [u8]) -> Self {
        Self { message, rest: bytes, number: 0 }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.rest.split_at_checked(n).ok_or("it ends in the middle of a field")?;
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, tail) = self.rest.split_first_chunk().ok_or("it ends in the middle of a field")?;
        self.rest = tail;
        Ok(*head)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.take(1)?[0];
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number is longer than 64 bits".into())
    }

    /// The next field's number and value, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(self.array()?),
            2 => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed32(self.array()?),
            other => return Err(Malformed(format!("{} has a field of unknown wire type {other}", self.message))),
        };
        match u32::try_from(tag >> 3) {
            Ok(number @ 1..) => {
                self.number = number;
                Ok(Some((number, value)))
            }
            _ => Err(Malformed(format!("{} has a field of number {}", self.message, tag >> 3))),
        }
    }

    /// Stores the value of a field that may be in a message only once.
    pub fn keep<T>(&self, slot: &mut Option<T>, value: T) -> Result<(), Malformed> {
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(Malformed(format!("{} has field {} twice", self.message, self.number))),
        }
    }

    /// Passes over the last field if its number is among `skipped`; any other is an error.
    pub fn skip(&self, skipped: &[u32]) -> Result<(), Malformed> {
        match skipped.contains(&self.number) {
            true => Ok(()),
            false => Err(Malformed(format!("{} has the unknown field {}", self.message, self.number))),
        }
    }
}

impl<'a> Value<'a> {
    /// How the field is encoded, in words.
    fn wire(self) -> &'static str {
        match self {
            Self::Varint(_) => "an integer",
            Self::Fixed64(_) => "8 bytes",
            Self::Bytes(_) => "bytes of a length",
            Self::Fixed32(_) => "4 bytes",
        }
    }

    /// The bytes of a length-delimited field.
    pub fn bytes(self) -> Result<&'a [u8], Malformed> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            other => Err(Malformed(format!("expected bytes, found {}", other.wire()))),
        }
    }

    /// The text of a length-delimited field.
    pub fn text(self) -> Result<String, Malformed> {
        match std::str::from_utf8(self.bytes()?) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err("a text is not UTF-8".into()),
        }
    }

    /// The integer of a varint field.
    pub fn int(self) -> Result<i64, Malformed> {
        match self {
            Self::Varint(value) => Ok(value.cast_signed()),
            other => Err(Malformed(format!("expected an integer, found {}", other.wire()))),
        }
    }

    /// The number of a field of four bytes.
    pub fn float(self) -> Result<f32, Malformed> {
        match self {
            Self::Fixed32(bytes) => Ok(f32::from_le_bytes(bytes)),
            other => Err(Malformed(format!("expected a float, found {}", other.wire()))),
        }
    }

    /// Appends the integers of a repeated field, packed or not.
    pub fn ints(self, into: &mut Vec<i64>) -> Result<(), Malformed> {
        match self {
            Self::Bytes(bytes) => {
                let mut packed = Fields::new("a list", bytes);
                while !packed.rest.is_empty() {
                    into.push(packed.varint()?.cast_signed());
                }
            }
            other => into.push(other.int()?),
        }
        Ok(())
    }

    /// Appends the floats of a repeated field, packed or not.
    pub fn floats(self, into: &mut Vec<f32>) -> Result<(), Malformed> {
        match self {
            Self::Bytes(bytes) => {
                let (floats, rest) = bytes.as_chunks();
                if !rest.is_empty() {
                    return Err("a list of floats ends within one".into());
                }
                into.extend(floats.iter().map(|bytes| f32::from_le_bytes(*bytes)));
            }
            other => into.push(other.float()?),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_wire_type() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x1d, 1, 0, 0, 0];
        let mut fields = Fields::new("a message", &bytes);
        assert_eq!(fields.next(), Ok(Some((1, Value::Varint(150)))));
        assert_eq!(fields.next(), Ok(Some((2, Value::Bytes(b"hi")))));
        assert_eq!(fields.next(), Ok(Some((3, Value::Fixed32([1, 0, 0, 0])))));
        assert_eq!(fields.next(), Ok(None));
    }

    #[test]
    fn refuses_what_is_cut_overlong_or_of_no_number() {
        let refused = |bytes: &[u8]| assert!(Fields::new("a message", bytes).next().is_err(), "{bytes:?}");
        refused(&[0x12, 0x05, b'h']);
        refused(&[0x08, 0x80]);
        refused(&[&[0x08][..], &[0xff; 11]].concat());
        refused(&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
        refused(&[0x0b]);
        refused(&[0x00, 0x00]);
    }
}
