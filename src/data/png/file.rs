//! The structure of a PNG file.

use super::chunks::{Chunk, Chunks, TRUNCATED};
use crate::data::format::holds_picture;

/// A PNG file whose chunks are in order.
#[derive(Debug, Clone, Copy)]
pub(in crate::data) struct PngFile<'a> {
    pub(super) bytes: &'a [u8],
    /// Width and height.
    pub size: (u32, u32),
    /// Bits of a sample.
    pub(super) depth: u8,
    /// 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.
    pub(super) colour: u8,
    pub interlaced: bool,
    /// The entries of the palette.
    pub(super) palette: usize,
}

impl<'a> PngFile<'a> {
    /// Reads the chunks to their end. No checksum is computed, and nothing is inflated.
    ///
    /// The error tells what is wrong: the file is truncated, animated, or its chunks are not those of a PNG.
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let mut chunks = Chunks::new(bytes);
        let first = chunks.next().ok_or(TRUNCATED)??;
        let mut file = Self::of_header(bytes, &first)?;
        let (mut data, mut closed, mut transparency) = (false, false, false);
        for chunk in chunks.by_ref() {
            let chunk = chunk?;
            closed |= data && &chunk.name != b"IDAT";
            match &chunk.name {
                b"IHDR" => return Err(two_headers(&chunk, file.size)),
                b"acTL" | b"fcTL" | b"fdAT" => {
                    return Err("it is an animated PNG, expected a single picture".into());
                }
                b"IDAT" if closed => return Err("the picture data of the PNG are in two places".into()),
                b"IDAT" => data = true,
                b"PLTE" if data || file.palette > 0 => return Err("the PNG has a palette too many".into()),
                b"PLTE" => file.palette = chunk.body.len() / 3,
                b"tRNS" if data || transparency => return Err("the PNG has a tRNS chunk too many".into()),
                b"tRNS" => transparency = true,
                b"IEND" if !data => return Err("the PNG holds no picture".into()),
                b"IEND" => break,
                name if name[0].is_ascii_uppercase() => {
                    let name = String::from_utf8_lossy(name);
                    return Err(format!("the PNG has a chunk {name} that changes the picture in a way not known here"));
                }
                _ => {}
            }
        }
        if holds_picture(chunks.rest()) {
            return Err("it holds a second picture after the first, expected a single picture".into());
        }
        Ok(file)
    }

    /// What the header chunk tells.
    fn of_header(bytes: &'a [u8], chunk: &Chunk<'_>) -> Result<Self, String> {
        match (&chunk.name, chunk.body) {
            (b"IHDR", &[a, b, c, d, e, f, g, h, depth, colour, _, _, interlaced]) => Ok(Self {
                bytes,
                size: (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])),
                depth,
                colour,
                interlaced: interlaced != 0,
                palette: 0,
            }),
            _ => Err("the PNG has no header".into()),
        }
    }

    /// The bytes that decoding it takes beside the file.
    pub fn memory(&self) -> usize {
        // Rows come one by one, unless the picture is interlaced: then all its values are kept.
        let pixels = self.size.0 as usize * self.size.1 as usize;
        if self.interlaced { pixels * size_of::<f32>() } else { 0 }
    }

    /// The bits of a pixel in the file.
    pub(super) fn pixel_bits(&self) -> usize {
        let samples = match self.colour {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };
        samples * usize::from(self.depth)
    }
}

/// The error for a second header, which tells the sizes where they differ.
fn two_headers(chunk: &Chunk<'_>, size: (u32, u32)) -> String {
    let second = PngFile::of_header(&[], chunk).map_or((0, 0), |second| second.size);
    format!("the file is damaged: it has two sizes, {}x{} and {}x{}", size.0, size.1, second.0, second.1)
}
