//! From the bytes of a file to grey values in 0..1.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::container::{Container, Header, describe};

/// The largest width and height of a picture that is decoded.
const MAX_SIDE: u32 = 16_384;
/// The most pixels of a picture that is decoded: 64 Mi.
const MAX_PIXELS: u64 = 1 << 26;
/// The most memory that a decoder may use, in bytes.
const MAX_ALLOCATION: usize = 1 << 30;

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

/// Gives the grey values in 0..1 of a file whose [`header`] was accepted to `take`, row by row from the top.
///
/// The error tells what is wrong with the file; some rows may have been given before it was found.
pub(super) fn rows(
    container: Container,
    header: Header,
    bytes: &[u8],
    take: &mut dyn FnMut(&[f32]),
) -> Result<(), String> {
    match container {
        Container::Png => png_rows(header, bytes, take),
        Container::Jpeg => jpeg_rows(header, bytes, take),
    }
    .map_err(|why| format!("the file is damaged: {why}"))
}

/// Colour profiles and texts are skipped unread. Rows are decoded one at a time, unless the file is interlaced.
fn png_rows(header: Header, bytes: &[u8], take: &mut dyn FnMut(&[f32])) -> Result<(), String> {
    let fail = |error: png::DecodingError| error.to_string();
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MAX_ALLOCATION });
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(fail)?;
    let (width, height) = reader.info().size();
    same_size(header, (width, height))?;
    let (colour, depth) = reader.output_color_type();
    let mut row = Vec::with_capacity(width as usize);
    let mut give = |line: &[u8]| {
        match depth {
            png::BitDepth::Sixteen => grey(line, colour.samples(), word, &mut row),
            _ => grey(line, colour.samples(), byte, &mut row),
        }
        take(&row);
    };
    let size = reader.output_line_size(width).zip(reader.output_buffer_size());
    let (line, all) = size.filter(|size| size.1 <= MAX_ALLOCATION).ok_or("the picture needs too much memory")?;
    if reader.info().interlaced {
        let mut picture = vec![0; all];
        reader.next_frame(&mut picture).map_err(fail)?;
        picture.chunks_exact(line).for_each(give);
    } else {
        let mut line = vec![0; line];
        while reader.read_row(&mut line).map_err(fail)?.is_some() {
            give(&line);
        }
    }
    Ok(())
}

/// YCbCr is converted to RGB.
fn jpeg_rows(header: Header, bytes: &[u8], take: &mut dyn FnMut(&[f32])) -> Result<(), String> {
    let fail = |error: zune_jpeg::errors::DecodeErrors| error.to_string();
    let side = MAX_SIDE as usize;
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(side).set_max_height(side);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(fail)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    same_size(header, (width as u32, height as u32))?;
    let colour = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    let options = options.jpeg_set_out_colorspace(colour);
    let picture = JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode().map_err(fail)?;
    let mut row = Vec::with_capacity(width);
    for line in picture.chunks_exact(width * colour.num_components()) {
        grey(line, colour.num_components(), byte, &mut row);
        take(&row);
    }
    Ok(())
}

/// Refuses a file with two headers that disagree.
fn same_size(header: Header, (width, height): (u32, u32)) -> Result<(), String> {
    if (header.width, header.height) == (width, height) {
        return Ok(());
    }
    Err(format!("it has two sizes, {width}x{height} and {}x{}", header.width, header.height))
}

fn byte([value]: [u8; 1]) -> f32 {
    f32::from(value) / 255.0
}

fn word(value: [u8; 2]) -> f32 {
    f32::from(u16::from_be_bytes(value)) / 65_535.0
}

/// One grey value a pixel, from `channels` interleaved values a pixel, each of `N` bytes.
fn grey<const N: usize>(line: &[u8], channels: usize, unit: fn([u8; N]) -> f32, row: &mut Vec<f32>) {
    row.clear();
    row.extend(line.as_chunks().0.chunks_exact(channels).map(|pixel| match *pixel {
        [grey] => unit(grey),
        [grey, alpha] => unit(grey) * unit(alpha),
        [r, g, b] => luma(unit(r), unit(g), unit(b)),
        [r, g, b, alpha] => luma(unit(r), unit(g), unit(b)) * unit(alpha),
        _ => unreachable!("one to four channels"),
    }));
}

fn luma(r: f32, g: f32, b: f32) -> f32 {
    if r == g && g == b { r } else { LUMA[0] * r + LUMA[1] * g + LUMA[2] * b }
}
