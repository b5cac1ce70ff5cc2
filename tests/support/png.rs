//! PNGs, chunk by chunk.

/// How a PNG begins.
pub const START: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The form of a PNG.
#[derive(Clone, Copy)]
pub struct Png {
    pub size: (u32, u32),
    /// Bits of a sample.
    pub depth: u8,
    /// 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.
    pub colour: u8,
    pub interlaced: bool,
}

/// A chunk with its length and its checksum.
pub fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [name, body].concat();
    [&(body.len() as u32).to_be_bytes()[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

/// A file of chunks.
pub fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    [START, &chunks.concat()].concat()
}

/// The chunk that ends a file.
pub fn end() -> Vec<u8> {
    chunk(b"IEND", &[])
}

/// A chunk of picture data, compressed.
pub fn data(raw: &[u8]) -> Vec<u8> {
    chunk(b"IDAT", &fdeflate::compress_to_vec(raw))
}

/// So many zeros, compressed without being made.
pub fn zeros(count: usize) -> Vec<u8> {
    let (part, mut left) = (vec![0; 1 << 20], count);
    let mut packed = fdeflate::Compressor::new(Vec::new()).unwrap();
    while left > 0 {
        let now = left.min(part.len());
        packed.write_data(&part[..now]).unwrap();
        left -= now;
    }
    packed.finish().unwrap()
}

impl Png {
    pub fn grey(width: u32, height: u32) -> Self {
        Self { size: (width, height), depth: 8, colour: 0, interlaced: false }
    }

    pub fn of(self, colour: u8, depth: u8) -> Self {
        Self { colour, depth, ..self }
    }

    pub fn interlaced(self) -> Self {
        Self { interlaced: true, ..self }
    }

    /// The chunk of the header.
    pub fn header(&self) -> Vec<u8> {
        let (width, height) = (self.size.0.to_be_bytes(), self.size.1.to_be_bytes());
        let rest = [self.depth, self.colour, 0, 0, self.interlaced.into()];
        chunk(b"IHDR", &[&width[..], &height, &rest].concat())
    }

    /// The lengths of its lines with the byte of the filter.
    fn lines(&self) -> Vec<usize> {
        let samples = [1, 0, 3, 1, 2, 0, 4][usize::from(self.colour)];
        let line = |width: usize| 1 + (width * samples * usize::from(self.depth)).div_ceil(8);
        let (width, height) = (self.size.0 as usize, self.size.1 as usize);
        if !self.interlaced {
            return vec![line(width); height];
        }
        let passes = [[0, 8, 0, 8], [4, 8, 0, 8], [0, 4, 4, 8], [2, 4, 0, 4], [0, 2, 2, 4], [1, 2, 0, 2], [0, 1, 1, 2]];
        let pass = |[x, dx, y, dy]: [usize; 4]| {
            let (width, height) = (width.saturating_sub(x).div_ceil(dx), height.saturating_sub(y).div_ceil(dy));
            vec![line(width); if width == 0 { 0 } else { height }]
        };
        passes.into_iter().flat_map(pass).collect()
    }

    /// Its bytes before they are compressed, without a filter: each sample byte is what `value` gives for its number.
    pub fn raw(&self, mut value: impl FnMut(usize) -> u8) -> Vec<u8> {
        let mut raw = Vec::new();
        let mut number = 0;
        for line in self.lines() {
            raw.push(0);
            raw.extend((number..number + line - 1).map(&mut value));
            number += line - 1;
        }
        raw
    }

    /// Bytes without a pattern, above `least`.
    pub fn noise(&self, least: u8) -> Vec<u8> {
        let mut state = 1u32;
        self.raw(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8 | least
        })
    }

    /// A palette of so many greys.
    pub fn palette(colours: usize) -> Vec<u8> {
        chunk(b"PLTE", &(0..colours).flat_map(|colour| [(colour * 255 / colours.max(2)) as u8; 3]).collect::<Vec<u8>>())
    }

    /// A whole file of raw bytes.
    pub fn with(&self, raw: &[u8]) -> Vec<u8> {
        self.packed(fdeflate::compress_to_vec(raw))
    }

    /// A whole file of bytes that are compressed.
    pub fn packed(&self, bytes: Vec<u8>) -> Vec<u8> {
        let palette = if self.colour == 3 { Self::palette(1 << self.depth) } else { Vec::new() };
        file(&[self.header(), palette, chunk(b"IDAT", &bytes), end()])
    }

    /// A whole file without a pattern.
    pub fn whole(&self) -> Vec<u8> {
        self.with(&self.noise(0))
    }

    /// A whole file of zeros, in few bytes.
    pub fn black(&self) -> Vec<u8> {
        self.packed(zeros(self.lines().iter().sum()))
    }
}
