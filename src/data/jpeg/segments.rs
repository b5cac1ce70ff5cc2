//! The segments of a JPEG file.

pub(super) const TRUNCATED: &str = "the file is truncated";

/// Markers of segments that are named elsewhere.
pub(super) mod marker {
    pub const DHT: u8 = 0xc4;
    pub const RST: std::ops::RangeInclusive<u8> = 0xd0..=0xd7;
    pub const EOI: u8 = 0xd9;
    pub const SOS: u8 = 0xda;
    pub const DQT: u8 = 0xdb;
    pub const DRI: u8 = 0xdd;
    pub const ADOBE: u8 = 0xee;
}

/// A part of a JPEG file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'a> {
    pub marker: u8,
    /// What follows the length; empty for the end of the image.
    pub body: &'a [u8],
    /// The coded data after the header of a scan.
    pub data: &'a [u8],
    /// The marker, the length, the body and the data.
    pub whole: &'a [u8],
}

/// The segments of a file after its first marker, up to the end of the image.
#[derive(Debug, Clone)]
pub(super) struct Segments<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Segments<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.get(2..).unwrap_or_default(), ended: false }
    }

    /// What follows the segments that were taken.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn cut(&mut self) -> Result<Segment<'a>, String> {
        // A marker may have any number of FF before it, and TEM and stray restarts have no content.
        let marker = loop {
            match self.rest {
                [0xff, 0xff, ..] => self.rest = &self.rest[1..],
                [0xff, 0x01 | 0xd0..=0xd7, ..] => self.rest = &self.rest[2..],
                [0xff, marker @ 0xc0..=0xfe, ..] => break *marker,
                [] | [0xff] => return Err(TRUNCATED.into()),
                _ => return Err("its segments do not follow each other".into()),
            }
        };
        let start = self.rest;
        if marker == marker::EOI {
            (self.rest, self.ended) = (&start[2..], true);
            return Ok(Segment { marker, body: &[], data: &[], whole: &start[..2] });
        }
        if marker == 0xd8 {
            return Err("it holds a picture inside of its picture, expected a single picture".into());
        }
        let (&length, _) = start[2..].split_first_chunk().ok_or(TRUNCATED)?;
        let end = 2 + usize::from(u16::from_be_bytes(length));
        if end < 4 {
            return Err("a segment has no length".into());
        }
        let (head, rest) = start.split_at_checked(end).ok_or(TRUNCATED)?;
        let length = if marker == marker::SOS { coded(rest).ok_or(TRUNCATED)? } else { 0 };
        self.rest = &rest[length..];
        Ok(Segment { marker, body: &head[4..], data: &rest[..length], whole: &start[..end + length] })
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Result<Segment<'a>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let segment = self.cut();
        self.ended |= segment.is_err();
        Some(segment)
    }
}

/// The length of coded data, up to the first marker that is not theirs: FF00 is a byte, FFD0 to FFD7 are restarts.
fn coded(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}
