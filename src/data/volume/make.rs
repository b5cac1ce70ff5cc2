//! Volumes as files.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::Array2;

use super::header::{Form, Header};
use super::number::Number;

/// Puts fields into a header, in its order of bytes.
struct Patch<'a> {
    bytes: &'a mut [u8],
    big: bool,
}

impl Patch<'_> {
    /// Puts a number that is given in little endian.
    fn put<const N: usize>(&mut self, place: usize, mut number: [u8; N]) -> &mut Self {
        if self.big {
            number.reverse();
        }
        self.bytes[place..place + N].copy_from_slice(&number);
        self
    }

    fn int16(&mut self, place: usize, value: i16) -> &mut Self {
        self.put(place, value.to_le_bytes())
    }

    fn float(&mut self, place: usize, value: f32) -> &mut Self {
        self.put(place, value.to_le_bytes())
    }
}

/// A header of Analyze 7.5 in big endian, for 16-bit numbers and voxels of 1 mm: as on the discs of OASIS-1.
pub(in crate::data) fn analyze_header(shape: [usize; 3]) -> Vec<u8> {
    let mut bytes = short_header(shape, true);
    bytes[38] = b'r';
    bytes
}

/// A header of NIfTI-1 in one file in little endian, for 16-bit numbers and voxels of 1 mm, in MNI's space; the first voxel
/// is the last one to the left, back and bottom, at `corner` in millimetres.
pub(in crate::data) fn nifti_header(shape: [usize; 3], corner: [f32; 3]) -> Vec<u8> {
    let mut bytes = short_header(shape, false);
    bytes.extend([0; 4]);
    bytes[344..348].copy_from_slice(b"n+1\0");
    bytes[123] = 2;
    let mut patch = Patch { bytes: &mut bytes, big: false };
    patch.float(108, 352.0).float(112, 1.0).int16(254, 4);
    for (axis, corner) in corner.into_iter().enumerate() {
        patch.float(280 + 20 * axis, 1.0).float(292 + 16 * axis, corner);
    }
    bytes
}

fn short_header(shape: [usize; 3], big: bool) -> Vec<u8> {
    let mut bytes = vec![0; 348];
    let mut patch = Patch { bytes: &mut bytes, big };
    patch.put(0, 348_i32.to_le_bytes()).int16(40, 4).int16(70, Number::I16.code()).int16(72, 16);
    for axis in 0..4 {
        patch.int16(42 + 2 * axis, shape.get(axis).map_or(1, |side| *side as i16)).float(80 + 4 * axis, 1.0);
    }
    bytes
}

/// Writes slices of floats as a volume of the same shape, axes and place as the one that they were read from, compressed by
/// gzip; the slices before `first` and after the last are 0. `place` gives, for a voxel of the file, its slice, row and
/// column.
///
/// # Errors
/// Those of the writer.
pub(super) fn write_like(
    out: impl Write,
    header: &Header,
    place: impl Fn([usize; 3]) -> [usize; 3],
    first: usize,
    slices: &[Array2<f32>],
) -> io::Result<()> {
    let mut out = GzEncoder::new(out, Compression::new(6));
    out.write_all(&float_header(header))?;
    let [width, height, depth] = header.shape;
    let mut row = Vec::with_capacity(4 * width);
    for k in 0..depth {
        for j in 0..height {
            row.clear();
            for i in 0..width {
                let [slice, r, c] = place([i, j, k]);
                let value =
                    slice.checked_sub(first).and_then(|slice| slices.get(slice)).map_or(0.0, |slice| slice[[r, c]]);
                row.extend(if header.big { value.to_be_bytes() } else { value.to_le_bytes() });
            }
            out.write_all(&row)?;
        }
    }
    out.finish()?.flush()
}

/// A header of NIfTI in one file for floats of 32 bits, with all else that `header` says; that of an Analyze volume becomes
/// one of NIfTI-1 without orientation.
fn float_header(header: &Header) -> Vec<u8> {
    let mut bytes = header.bytes.clone();
    if header.form == Form::Analyze {
        // What NIfTI keeps behind the sizes, Analyze uses for other things.
        bytes[112..].fill(0);
    }
    let mut patch = Patch { bytes: &mut bytes, big: header.big };
    if header.form == Form::Nifti2 {
        patch.int16(12, Number::F32.code()).int16(14, 32).put(168, 544_i64.to_le_bytes());
        for (place, value) in [(176, 1.0_f64), (184, 0.0), (192, 0.0), (200, 0.0)] {
            patch.put(place, value.to_le_bytes());
        }
        bytes[4..8].copy_from_slice(b"n+2\0");
    } else {
        patch.int16(70, Number::F32.code()).int16(72, 32).float(108, 352.0).float(112, 1.0).float(116, 0.0);
        patch.float(124, 0.0).float(128, 0.0);
        bytes[344..348].copy_from_slice(b"n+1\0");
    }
    // No extensions.
    bytes.extend([0; 4]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::volume::axes::Affine;

    #[test]
    fn headers_that_are_made_are_read_back() {
        let disc = Header::parse(&analyze_header([176, 208, 176])).unwrap();
        assert_eq!((disc.form, disc.big, disc.shape, disc.paired), (Form::Analyze, true, [176, 208, 176], true));
        let bytes = nifti_header([9, 8, 7], [-4.0, -30.0, -6.5]);
        let affine: Affine = [[1.0, 0.0, 0.0, -4.0], [0.0, 1.0, 0.0, -30.0], [0.0, 0.0, 1.0, -6.5]];
        let head = Header::parse(&bytes).unwrap();
        assert_eq!((head.form, head.offset, head.affine, head.space), (Form::Nifti1, 352, Some(affine), 4));
        for header in [&disc, &head] {
            let made = Header::parse(&float_header(header)).unwrap();
            assert_eq!((made.form, made.number, made.offset), (Form::Nifti1, Number::F32, 352));
            assert_eq!((made.affine, made.shape, made.spacing), (header.affine, header.shape, header.spacing));
            assert_eq!((made.big, made.scaling), (header.big, Some((1.0, 0.0))));
        }
    }
}
