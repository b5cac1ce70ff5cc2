//! The grey values of a PNG.

use png::{BitDepth, Decoder, DecodingError, Limits, Reader, Transformations};

use super::chunks::Needed;
use super::data::{self, PASSES, pass_size};
use super::file::PngFile;
use crate::data::grey::{byte, grey, word};

/// The most memory that the decoder may use, in bytes: a few rows.
const MEMORY: usize = 4 << 20;

/// Gives the grey values in 0..1 to `take`, row by row from the top, and the value that is 1 in the file: 255 or 65535.
///
/// The error tells what is wrong with the file; some rows may have been given before it was found.
pub(in crate::data) fn rows(file: &PngFile<'_>, take: &mut dyn FnMut(&[f32])) -> Result<u32, String> {
    data::check(file)?;
    check_palette(file)?;
    let mut reader = reader(file, Transformations::EXPAND)?;
    let (colour, depth) = reader.output_color_type();
    let (deep, channels) = (depth == BitDepth::Sixteen, colour.samples());
    let mut row = Vec::with_capacity(file.size.0 as usize);
    if file.interlaced {
        let (width, height) = (file.size.0 as usize, file.size.1 as usize);
        let mut picture = vec![0.0; width * height];
        each_line(file, &mut reader, |[x, dx, y, dy], number, line| {
            if deep {
                grey(line, channels, word, &mut row)
            } else {
                grey(line, channels, byte, &mut row)
            }
            let to = &mut picture[(y + number * dy) * width..][..width];
            row.iter().zip(to.iter_mut().skip(x).step_by(dx)).for_each(|(grey, to)| *to = *grey);
            Ok(())
        })?;
        picture.chunks_exact(width).for_each(take);
    } else {
        each_line(file, &mut reader, |_, _, line| {
            if deep {
                grey(line, channels, word, &mut row)
            } else {
                grey(line, channels, byte, &mut row)
            }
            take(&row);
            Ok(())
        })?;
    }
    Ok(if deep { 65_535 } else { 255 })
}

/// Checks that the palette has the colour of every pixel.
fn check_palette(file: &PngFile<'_>) -> Result<(), String> {
    let (depth, colours) = (usize::from(file.depth), file.palette);
    if file.colour != 3 || depth > 8 || colours == 0 || colours >= 1 << depth {
        return Ok(());
    }
    each_line(file, &mut reader(file, Transformations::IDENTITY)?, |pass, _, line| {
        let (width, _) = pass_size(pass, file.size);
        let index = |pixel: usize| line[pixel * depth / 8] << (pixel * depth % 8) >> (8 - depth);
        match (0..width).map(index).find(|index| usize::from(*index) >= colours) {
            Some(index) => Err(format!("a pixel has colour {index} of a palette that ends at {}", colours - 1)),
            None => Ok(()),
        }
    })
}

/// A decoder of the picture alone.
fn reader<'a>(file: &PngFile<'a>, change: Transformations) -> Result<Reader<Needed<'a>>, String> {
    let mut decoder = Decoder::new_with_limits(Needed::new(file.bytes), Limits { bytes: MEMORY });
    decoder.set_transformations(change);
    let reader = decoder.read_info().map_err(fail)?;
    let found = reader.info();
    match (found.size() == file.size, found.interlaced == file.interlaced) {
        (true, true) => Ok(reader),
        _ => Err("the file is damaged: its header can be read in two ways".into()),
    }
}

/// Gives each line of the file to `take`, with its pass and its number in the pass. A picture that is not interlaced is
/// one pass of every pixel.
fn each_line(
    file: &PngFile<'_>,
    reader: &mut Reader<Needed<'_>>,
    mut take: impl FnMut([usize; 4], usize, &[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let passes = if file.interlaced { &PASSES[..] } else { &[[0, 1, 0, 1]] };
    for pass in passes {
        let (width, height) = pass_size(*pass, file.size);
        for number in 0..if width == 0 { 0 } else { height } {
            let line = reader.next_interlaced_row().map_err(fail)?;
            let line = line.ok_or("the file is truncated: rows are missing")?;
            take(*pass, number, line.data())?;
        }
    }
    // What follows the last row is read too.
    match reader.next_interlaced_row().map_err(fail)? {
        Some(_) => Err("the file is damaged: it has rows beyond its height".into()),
        None => Ok(()),
    }
}

fn fail(error: DecodingError) -> String {
    format!("the file is damaged: {error}")
}
