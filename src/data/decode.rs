//! From the bytes of a file to grey values in 0..1.

use super::budget;
use super::format::{Format, describe};
use super::jpeg::{self, JpegFile};
use super::png::{self, PngFile};

/// The largest width and height of a picture that is decoded.
const MAX_SIDE: u32 = 16_384;
/// The most pixels of a picture that is decoded: 64 Mi.
const MAX_PIXELS: u64 = 1 << 26;

/// A file whose structure is that of a picture.
#[derive(Debug)]
pub(super) enum Picture<'a> {
    Png(PngFile<'a>),
    Jpeg(JpegFile<'a>),
}

impl<'a> Picture<'a> {
    /// Reads the structure of a file to its end; no pixel is decoded. `name` is the file's own.
    ///
    /// The error tells what was found and what was expected.
    pub fn open(bytes: &'a [u8], name: &str) -> Result<Self, String> {
        if bytes.is_empty() {
            return Err("the file is empty".into());
        }
        let format = Format::sniff(bytes)
            .ok_or_else(|| format!("it looks like {}, expected a PNG or JPEG image", describe(bytes, name)))?;
        let picture = match format {
            Format::Png => Self::Png(PngFile::open(bytes)?),
            Format::Jpeg => Self::Jpeg(JpegFile::open(bytes)?),
        };
        let (width, height) = picture.size();
        if width == 0 || height == 0 {
            return Err(format!("the image is {width}x{height}, expected at least one pixel"));
        }
        if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(format!(
                "the image is {width}x{height}, expected at most {MAX_SIDE} a side and {} megapixels",
                MAX_PIXELS >> 20
            ));
        }
        Ok(picture)
    }

    /// Width and height.
    pub fn size(&self) -> (u32, u32) {
        match self {
            Self::Png(file) => file.size,
            Self::Jpeg(file) => file.size(),
        }
    }

    /// The bytes that a file of `length` bytes and its decoding take, beside `more`.
    ///
    /// The error tells that they are too many.
    pub fn memory(&self, length: usize, more: usize) -> Result<usize, String> {
        let (kind, memory) = match self {
            Self::Png(file) => (if file.interlaced { "an interlaced PNG" } else { "a PNG" }, file.memory()),
            Self::Jpeg(file) => (if file.in_one_scan { "a JPEG" } else { "a JPEG of several scans" }, file.memory()),
        };
        let memory = length.saturating_add(memory).saturating_add(more);
        budget::check(kind, self.size(), memory).map(|()| memory)
    }

    /// Gives the grey values in 0..1 to `take`, row by row from the top, and then what is white in the file: 255 or 65535.
    ///
    /// The error tells what is wrong with the file; some rows may have been given before it was found.
    pub fn rows(&self, take: &mut dyn FnMut(&[f32])) -> Result<u32, String> {
        match self {
            Self::Png(file) => png::rows(file, take),
            Self::Jpeg(file) => jpeg::rows(file, take).map(|()| 255),
        }
    }
}
