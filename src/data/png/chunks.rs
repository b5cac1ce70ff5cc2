//! The chunks of a PNG file.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use crate::data::format::PNG_START;

pub(super) const TRUNCATED: &str = "the file is truncated";

/// A part of a PNG file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub name: [u8; 4],
    pub body: &'a [u8],
    /// Length, name, body and checksum.
    whole: &'a [u8],
}

impl Chunk<'_> {
    /// Checks the checksum, which is over name and body.
    pub fn check(&self) -> Result<(), String> {
        let (named, checksum) = self.whole[4..].split_at(4 + self.body.len());
        if crc32fast::hash(named).to_be_bytes() == checksum {
            return Ok(());
        }
        let made = if [b"IHDR", b"PLTE", b"IDAT"].contains(&&self.name) { "the file is damaged: " } else { "" };
        Err(format!("{made}the checksum of its chunk {} is wrong", String::from_utf8_lossy(&self.name)))
    }

    /// Whether the decoder needs it.
    fn needed(&self) -> bool {
        [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"].contains(&&self.name)
    }
}

/// The chunks of a file, up to IEND.
#[derive(Debug, Clone)]
pub(super) struct Chunks<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Chunks<'a> {
    /// Those of a file that begins as PNGs do.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.get(PNG_START.len()..).unwrap_or_default(), ended: false }
    }

    /// What follows the chunks that were taken.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn cut(&mut self) -> Result<Chunk<'a>, String> {
        let Some(([a, b, c, d, name @ ..], _)) = self.rest.split_first_chunk::<8>() else {
            return Err(TRUNCATED.into());
        };
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        // Every chunk closes with a checksum of four bytes.
        let (whole, rest) = length.checked_add(12).and_then(|end| self.rest.split_at_checked(end)).ok_or(TRUNCATED)?;
        if !name.iter().all(u8::is_ascii_alphabetic) {
            return Err("its chunks do not follow each other".into());
        }
        self.rest = rest;
        self.ended = name == b"IEND";
        Ok(Chunk { name: *name, body: &whole[8..8 + length], whole })
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let chunk = self.cut();
        self.ended |= chunk.is_err();
        Some(chunk)
    }
}

/// A file as the decoder reads it: the chunks that it needs, one after the other.
#[derive(Debug)]
pub(super) struct Needed<'a> {
    chunks: Chunks<'a>,
    part: &'a [u8],
}

impl<'a> Needed<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { chunks: Chunks::new(bytes), part: PNG_START }
    }
}

impl BufRead for Needed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.part.is_empty() {
            match self.chunks.next() {
                Some(Ok(chunk)) if chunk.needed() => self.part = chunk.whole,
                Some(Ok(_)) => {}
                _ => break,
            }
        }
        Ok(self.part)
    }

    fn consume(&mut self, amount: usize) {
        self.part = &self.part[amount..];
    }
}

impl Read for Needed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// The decoder asks for a reader that can seek, and never seeks.
impl Seek for Needed<'_> {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
