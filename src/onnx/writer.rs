//! A writer of protobuf's wire format.

/// Writes messages. A message's length stands before it, so the same calls are made twice: first to count the bytes, then
/// to write them.
#[derive(Default)]
pub(super) struct Writer {
    /// The length of every message in the order that they begin.
    lengths: Vec<usize>,
    /// How many messages were begun while writing.
    begun: usize,
    /// Bytes counted.
    counted: usize,
    /// Bytes written; `None` while counting.
    out: Option<Vec<u8>>,
}

impl Writer {
    /// The bytes of the message that `fields` writes.
    pub fn encode(fields: impl Fn(&mut Self)) -> Vec<u8> {
        let mut writer = Self::default();
        fields(&mut writer);
        writer.out = Some(Vec::with_capacity(writer.counted));
        fields(&mut writer);
        writer.out.unwrap_or_default()
    }

    fn put(&mut self, bytes: &[u8]) {
        match &mut self.out {
            None => self.counted += bytes.len(),
            Some(out) => out.extend_from_slice(bytes),
        }
    }

    fn varint(&mut self, mut value: u64) {
        let mut bytes = [0; 10];
        let mut length = 0;
        loop {
            bytes[length] = value as u8 & 0x7f;
            value >>= 7;
            length += 1;
            if value == 0 {
                break;
            }
            bytes[length - 1] |= 0x80;
        }
        self.put(&bytes[..length]);
    }

    fn key(&mut self, number: u32, wire: u32) {
        self.varint(u64::from(number << 3 | wire));
    }

    /// A message, written even where it is empty.
    pub fn message(&mut self, number: u32, fields: impl Fn(&mut Self)) {
        self.key(number, 2);
        if self.out.is_some() {
            let length = self.lengths[self.begun];
            self.begun += 1;
            self.varint(length as u64);
            fields(self);
        } else {
            let index = self.lengths.len();
            self.lengths.push(0);
            let start = self.counted;
            fields(self);
            self.lengths[index] = self.counted - start;
            self.varint(self.lengths[index] as u64);
        }
    }

    /// An integer, written even where it is 0.
    pub fn int_always(&mut self, number: u32, value: i64) {
        self.key(number, 0);
        self.varint(value.cast_unsigned());
    }

    /// An integer, left out where it is 0.
    pub fn int(&mut self, number: u32, value: i64) {
        if value != 0 {
            self.int_always(number, value);
        }
    }

    /// A float, left out where it is 0.
    pub fn float(&mut self, number: u32, value: f32) {
        // A negative zero is another number.
        if value.to_bits() != 0 {
            self.key(number, 5);
            self.put(&value.to_le_bytes());
        }
    }

    /// Bytes, written even where there are none.
    pub fn bytes_always(&mut self, number: u32, value: &[u8]) {
        self.key(number, 2);
        self.varint(value.len() as u64);
        self.put(value);
    }

    /// Bytes, left out where there are none.
    pub fn bytes(&mut self, number: u32, value: &[u8]) {
        if !value.is_empty() {
            self.bytes_always(number, value);
        }
    }

    /// Text, left out where it is empty.
    pub fn text(&mut self, number: u32, value: &str) {
        self.bytes(number, value.as_bytes());
    }

    /// Texts, each a field of its own.
    pub fn texts(&mut self, number: u32, values: &[String]) {
        for value in values {
            self.bytes_always(number, value.as_bytes());
        }
    }

    /// Integers in one field, left out where there are none.
    pub fn ints(&mut self, number: u32, values: impl Iterator<Item = i64> + Clone) {
        if values.clone().next().is_some() {
            self.message(number, |writer| values.clone().for_each(|value| writer.varint(value.cast_unsigned())));
        }
    }

    /// Floats in one field, left out where there are none.
    pub fn floats(&mut self, number: u32, values: &[f32]) {
        if !values.is_empty() {
            self.message(number, |writer| values.iter().for_each(|value| writer.put(&value.to_le_bytes())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stand_before_messages_within_messages() {
        let bytes = Writer::encode(|writer| {
            writer.message(1, |writer| {
                writer.message(2, |writer| writer.text(3, "hi"));
                writer.ints(4, [1, 300, -1].into_iter());
            });
            writer.message(5, |writer| writer.int(6, 0));
            writer.float(7, 1.0);
        });
        let inner = [0x12, 4, 0x1a, 2, b'h', b'i'];
        let ints = [0x22, 13, 1, 0xac, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        let expected = [&[0x0a, 21][..], &inner, &ints, &[0x2a, 0], &[0x3d, 0, 0, 0x80, 0x3f]].concat();
        assert_eq!(bytes, expected);
    }
}
