//! The compressed picture data of a PNG, held against what its header promises.

use fdeflate::{DecompressionError, Decompressor};

use super::chunks::Chunks;
use super::file::PngFile;

/// How far back compressed data refer.
const WINDOW: usize = 1 << 15;

/// Columns and rows of the seven passes of an interlaced picture: first and step along each axis.
pub(super) const PASSES: [[usize; 4]; 7] =
    [[0, 8, 0, 8], [4, 8, 0, 8], [0, 4, 4, 8], [2, 4, 0, 4], [0, 2, 2, 4], [1, 2, 0, 2], [0, 1, 1, 2]];

/// Width and height of a pass.
pub(super) fn pass_size([x, dx, y, dy]: [usize; 4], (width, height): (u32, u32)) -> (usize, usize) {
    ((width as usize).saturating_sub(x).div_ceil(dx), (height as usize).saturating_sub(y).div_ceil(dy))
}

/// Checks every checksum, and that the data hold as many bytes as the picture has, no fewer and no more.
pub(super) fn check(file: &PngFile<'_>) -> Result<(), String> {
    Chunks::new(file.bytes).try_for_each(|chunk| chunk?.check())?;
    let expected = length(file);
    let mut inflater = Decompressor::new();
    let (mut window, mut at, mut found) = (vec![0; 4 * WINDOW], 0, 0);
    for chunk in Chunks::new(file.bytes) {
        let chunk = chunk?;
        let mut input = if &chunk.name == b"IDAT" { chunk.body } else { continue };
        while !inflater.is_done() {
            let (read, written) = inflater.read(input, &mut window, at, false).map_err(damaged)?;
            (input, at, found) = (&input[read..], at + written, found + written);
            if found > expected {
                return Err(format!("the file is damaged: its picture data go on after {}", rows(file)));
            }
            let full = at == window.len();
            if full {
                window.copy_within(at - WINDOW.., 0);
                at = WINDOW;
            }
            if input.is_empty() && !full {
                break;
            }
        }
    }
    match (found == expected, inflater.is_done()) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("the file is truncated: its picture data end before {}", rows(file))),
        (true, false) => Err("the file is truncated: its picture data have no end".into()),
    }
}

fn damaged(error: DecompressionError) -> String {
    match error {
        DecompressionError::WrongChecksum => "the file is damaged: the checksum of its picture data is wrong".into(),
        error => format!("the file is damaged: its picture data cannot be inflated, {error:?}"),
    }
}

fn rows(file: &PngFile<'_>) -> String {
    format!("its {}x{} pixels are there", file.size.0, file.size.1)
}

/// The bytes of all rows, each with the byte that names its filter.
fn length(file: &PngFile<'_>) -> usize {
    let bytes = |(width, height): (usize, usize)| {
        if width == 0 { 0 } else { height * (1 + (width * file.pixel_bits()).div_ceil(8)) }
    };
    if file.interlaced {
        PASSES.iter().map(|pass| bytes(pass_size(*pass, file.size))).sum()
    } else {
        bytes((file.size.0 as usize, file.size.1 as usize))
    }
}
