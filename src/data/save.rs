//! Writing pictures.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use ndarray::ArrayView2;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::mark::MARK;
use crate::Result;
use crate::fs::{write_atomic, write_inside};

/// Writes a grey picture (rows, columns) as an 8-bit PNG, whatever the extension of `path`. A reader sees the old file or
/// the whole new one, never a part.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming `path`: its folder is missing or cannot be written to, or the disk is full.
pub fn save_png(path: &Path, picture: ArrayView2<u8>) -> Result<()> {
    write_atomic(path, |file| write(file, picture.dim(), ColorType::Grayscale, &bytes_of(&picture), false))
}

/// [`save_png`] for a file that this program names, in a folder that the user named: whatever has its name already is
/// replaced, and no link is followed.
pub(crate) fn save_inside(path: &Path, picture: ArrayView2<u8>) -> Result<()> {
    write_inside(path, |file| write(file, picture.dim(), ColorType::Grayscale, &bytes_of(&picture), false))
}

/// [`save_inside`] for a picture of 16 bits.
pub(super) fn save_words_inside(path: &Path, picture: ArrayView2<u16>) -> Result<()> {
    let bytes: Vec<u8> = picture.iter().flat_map(|word| word.to_be_bytes()).collect();
    write_inside(path, |file| write_deep(file, picture.dim(), ColorType::Grayscale, BitDepth::Sixteen, &bytes, false))
}

/// [`save_inside`] for a picture that is made from another file, with the mark that says so.
pub(crate) fn save_made(path: &Path, picture: ArrayView2<u8>) -> Result<()> {
    write_inside(path, |file| write(file, picture.dim(), ColorType::Grayscale, &bytes_of(&picture), true))
}

/// [`save_made`] for an RGB picture.
pub(crate) fn save_rgb_made(path: &Path, picture: ArrayView2<[u8; 3]>) -> Result<()> {
    let bytes: Vec<u8> = picture.iter().copied().flatten().collect();
    write_inside(path, |file| write(file, picture.dim(), ColorType::Rgb, &bytes, true))
}

/// The values in the order of the file, copied only where they lie in another.
fn bytes_of<'a>(picture: &'a ArrayView2<u8>) -> Cow<'a, [u8]> {
    picture.as_slice().map_or_else(|| picture.iter().copied().collect(), Cow::Borrowed)
}

/// Writes the bytes of a picture of `size` (rows, columns), row by row; with the mark where it is `made` from a file.
fn write(file: impl Write, size: (usize, usize), colour: ColorType, bytes: &[u8], made: bool) -> io::Result<()> {
    write_deep(file, size, colour, BitDepth::Eight, bytes, made)
}

/// [`write`] with samples of any depth.
fn write_deep(
    file: impl Write,
    size: (usize, usize),
    colour: ColorType,
    depth: BitDepth,
    bytes: &[u8],
    made: bool,
) -> io::Result<()> {
    let mut encoder = Encoder::new(file, size.1 as u32, size.0 as u32);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Adaptive);
    if made {
        encoder.add_text_chunk(MARK.0.to_owned(), MARK.1.to_owned()).map_err(io::Error::other)?;
    }
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(bytes).and_then(|()| writer.finish()).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};
    use ndarray::Array2;

    use super::*;

    #[test]
    fn files_are_those_that_the_image_crate_writes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let value = |x: usize, y: usize| (x * x + 3 * y + x * y / 7) as u8;
        for (width, height) in [(1, 1), (3, 2), (176, 208), (300, 41)] {
            let grey = Array2::from_shape_fn((height, width), |(y, x)| value(x, y));
            let rgb = grey.mapv(|value| [value, value / 2, 255 - value]);
            save_png(&at("grey.png"), grey.view()).unwrap();
            save_png(&at("turned.png"), grey.t()).unwrap();
            save_rgb_made(&at("made.png"), rgb.view()).unwrap();
            let size = (width as u32, height as u32);
            let found = |x: u32, y: u32| grey[[y as usize, x as usize]];
            GrayImage::from_fn(size.0, size.1, |x, y| Luma([found(x, y)])).save(at("grey.other.png")).unwrap();
            GrayImage::from_fn(size.1, size.0, |x, y| Luma([found(y, x)])).save(at("turned.other.png")).unwrap();
            let colour = |x: u32, y: u32| Rgb(rgb[[y as usize, x as usize]]);
            RgbImage::from_fn(size.0, size.1, colour).save(at("rgb.other.png")).unwrap();
            // The mark is one chunk after the header; without it, the rest is the same.
            let mut bytes = std::fs::read(at("made.png")).unwrap();
            assert_eq!(&bytes[37..55], b"tEXtSoftware\0oasis");
            bytes.drain(33..59);
            std::fs::write(at("rgb.png"), bytes).unwrap();
            for name in ["grey", "turned", "rgb"] {
                let [ours, theirs] =
                    ["png", "other.png"].map(|end| std::fs::read(at(&format!("{name}.{end}"))).unwrap());
                assert_eq!(ours, theirs, "{name} {width}x{height}");
            }
        }
    }
}
