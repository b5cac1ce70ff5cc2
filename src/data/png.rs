//! Writing pictures.

use std::io;
use std::ops::Deref;
use std::path::Path;

use image::codecs::png::PngEncoder;
use image::{EncodableLayout, ImageBuffer, Pixel, PixelWithColorType};

use crate::Result;
use crate::fs::write_atomic;

/// Writes a picture (`GrayImage`, `RgbImage` and the like) as PNG, whatever the extension of `path`. A reader sees the
/// old file or the whole new one, never a part.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming `path`: its folder is missing or cannot be written to, or the disk is full.
pub fn save_png<P, C>(path: &Path, image: &ImageBuffer<P, C>) -> Result<()>
where
    P: Pixel + PixelWithColorType,
    [P::Subpixel]: EncodableLayout,
    C: Deref<Target = [P::Subpixel]>,
{
    write_atomic(path, |writer| image.write_with_encoder(PngEncoder::new(writer)).map_err(io::Error::other))
}
