//! From the bytes of a file to grey values in 0..1.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use ndarray::Array2;

use super::container::{Container, Header, describe};

/// The largest width and height of a picture that is decoded.
const MAX_SIDE: u32 = 16_384;
/// The most pixels of a picture that is decoded: 64 Mi.
const MAX_PIXELS: u64 = 1 << 26;
/// The most memory that a decoder may use, in bytes.
const MAX_ALLOCATION: u64 = 1 << 30;

/// The weights of Rec. 601 luma, which JPEG and PIL's `convert("L")` use too.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// The kind of file and the size of its picture, from the header; the structure is checked to its end.
///
/// The error tells what was found and what was expected.
pub(super) fn header(bytes: &[u8]) -> Result<(Container, Header), String> {
    if bytes.is_empty() {
        return Err("the file is empty".into());
    }
    let container = Container::sniff(bytes)
        .ok_or_else(|| format!("it looks like {}, expected a PNG or JPEG image", describe(bytes)))?;
    let header = container.walk(bytes)?;
    let Header { width, height } = header;
    if width == 0 || height == 0 {
        return Err(format!("the image is {width}x{height}, expected at least one pixel"));
    }
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(format!(
            "the image is {width}x{height}, expected at most {MAX_SIDE} a side and {} megapixels",
            MAX_PIXELS >> 20
        ));
    }
    Ok((container, header))
}

/// Grey values in 0..1, rows by columns, of a file whose [`header`] was accepted.
pub(super) fn grey(container: Container, bytes: &[u8]) -> Result<Array2<f32>, String> {
    let format = match container {
        Container::Png => image::ImageFormat::Png,
        Container::Jpeg => image::ImageFormat::Jpeg,
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOCATION);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let image = reader
        .into_decoder()
        .and_then(|decoder| {
            debug_assert!(decoder.total_bytes() <= MAX_ALLOCATION);
            DynamicImage::from_decoder(decoder)
        })
        .map_err(|error| format!("the file is damaged: {error}"))?;
    let shape = (image.height() as usize, image.width() as usize);
    let values = match image {
        DynamicImage::ImageLuma8(image) => map(image.as_raw(), 1, byte),
        DynamicImage::ImageLumaA8(image) => map(image.as_raw(), 2, byte),
        DynamicImage::ImageRgb8(image) => map(image.as_raw(), 3, byte),
        DynamicImage::ImageRgba8(image) => map(image.as_raw(), 4, byte),
        DynamicImage::ImageLuma16(image) => map(image.as_raw(), 1, word),
        DynamicImage::ImageLumaA16(image) => map(image.as_raw(), 2, word),
        DynamicImage::ImageRgb16(image) => map(image.as_raw(), 3, word),
        DynamicImage::ImageRgba16(image) => map(image.as_raw(), 4, word),
        other => {
            return Err(format!("its pixels are {:?}, expected 8 or 16 bit grey or RGB", other.color()));
        }
    };
    Array2::from_shape_vec(shape, values).map_err(|error| error.to_string())
}

fn byte(value: u8) -> f32 {
    f32::from(value) / 255.0
}

fn word(value: u16) -> f32 {
    f32::from(value) / 65_535.0
}

/// One grey value a pixel, from `channels` interleaved values a pixel.
fn map<T: Copy>(raw: &[T], channels: usize, unit: fn(T) -> f32) -> Vec<f32> {
    raw.chunks_exact(channels)
        .map(|pixel| match *pixel {
            [grey] => unit(grey),
            [grey, alpha] => unit(grey) * unit(alpha),
            [r, g, b] => luma(unit(r), unit(g), unit(b)),
            [r, g, b, alpha] => luma(unit(r), unit(g), unit(b)) * unit(alpha),
            _ => unreachable!("one to four channels"),
        })
        .collect()
}

fn luma(r: f32, g: f32, b: f32) -> f32 {
    if r == g && g == b { r } else { LUMA[0] * r + LUMA[1] * g + LUMA[2] * b }
}
