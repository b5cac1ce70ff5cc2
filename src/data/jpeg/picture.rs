//! The grey values of a JPEG.

use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::file::JpegFile;
use super::frame::ScanHeader;
use super::huffman::Table;
use super::scan::{Progress, Tables};
use super::segments::{Segments, marker};
use crate::data::grey::{byte, grey};

/// Gives the grey values in 0..1 to `take`, row by row from the top. YCbCr is converted to RGB.
///
/// The error tells what is wrong with the file; some rows may have been given before it was found.
pub(in crate::data) fn rows(file: &JpegFile<'_>, take: &mut dyn FnMut(&[f32])) -> Result<(), String> {
    check(file)?;
    let bytes = needed(file);
    let (width, height) = (file.frame.width, file.frame.height);
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(width).set_max_height(height);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
    decoder.decode_headers().map_err(fail)?;
    if decoder.dimensions() != Some((width, height)) {
        return Err("the file is damaged: its header can be read in two ways".into());
    }
    let colour = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    drop(decoder);
    let options = options.jpeg_set_out_colorspace(colour);
    let picture = JpegDecoder::new_with_options(ZCursor::new(&bytes), options).decode().map_err(fail)?;
    let mut row = Vec::with_capacity(width);
    for line in picture.chunks_exact(width * colour.num_components()) {
        grey(line, colour.num_components(), byte, &mut row);
        take(&row);
    }
    Ok(())
}

/// Checks that every scan has all its codes, and that no scan is missing.
fn check(file: &JpegFile<'_>) -> Result<(), String> {
    let mut tables = Tables::default();
    let mut progress = Progress::new(&file.frame);
    let mut interval = 0;
    for segment in Segments::new(file.bytes) {
        let segment = segment?;
        match segment.marker {
            marker::DHT => {
                let mut rest = segment.body;
                while !rest.is_empty() {
                    let found = Table::cut(rest).ok_or("its Huffman tables are none")?;
                    tables[usize::from(found.0)][found.1] = Some(found.2);
                    rest = found.3;
                }
            }
            marker::DRI => {
                let interval_of = |body: &[u8]| Some(usize::from(u16::from_be_bytes(body.try_into().ok()?)));
                interval = interval_of(segment.body).ok_or("its restarts have no distance")?;
            }
            marker::SOS => {
                let scan = ScanHeader::read(&file.frame, segment.body)?;
                progress.scan(&scan, segment.data, &tables, interval)?;
            }
            _ => {}
        }
    }
    progress.finish()
}

/// The file without the segments that the picture does not need.
fn needed(file: &JpegFile<'_>) -> Vec<u8> {
    let needs = |marker| match marker {
        0xc0..=0xcf | marker::SOS | marker::DQT | marker::DRI | marker::EOI => true,
        // It tells whether the channels are RGB.
        marker::ADOBE => true,
        marker => marker::RST.contains(&marker),
    };
    let mut bytes = Vec::with_capacity(file.bytes.len());
    bytes.extend([0xff, 0xd8]);
    for segment in Segments::new(file.bytes).flatten().filter(|segment| needs(segment.marker)) {
        bytes.extend(segment.whole);
    }
    bytes
}

fn fail(error: DecodeErrors) -> String {
    format!("the file is damaged: {error}")
}
