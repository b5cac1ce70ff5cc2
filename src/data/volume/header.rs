//! The headers of volumes: Analyze 7.5 and NIfTI-1 (348 bytes), NIfTI-2 (540 bytes), in big and little endian.
//!
//! Everything that a header says is checked before it is used: nothing in it is an offset into memory, and no memory is
//! taken by it beyond the limits here.

use super::axes::{Affine, Axes};
use super::fields::Fields;
use super::number::Number;

/// Bytes of the longest header.
pub(super) const LONGEST: usize = 540;
/// Bytes of a header of Analyze or NIfTI-1.
const SHORT: usize = 348;
/// The most voxels along an axis.
const MAX_SIDE: i64 = 1024;
/// The most voxels of a volume: 128 Mi.
const MAX_VOXELS: u64 = 1 << 27;
/// The most bytes before the voxels: 16 MiB of headers and extensions.
const MAX_OFFSET: f64 = (1 << 24) as f64;

/// The three formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Analyze,
    Nifti1,
    Nifti2,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Self::Analyze => "Analyze 7.5",
            Self::Nifti1 => "NIfTI-1",
            Self::Nifti2 => "NIfTI-2",
        }
    }
}

/// What the header of a volume says, checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub form: Form,
    /// Whether the voxels are in a file of their own.
    pub paired: bool,
    pub big: bool,
    /// Voxels along each axis of the file, the first varying fastest.
    pub shape: [usize; 3],
    pub number: Number,
    /// Where the voxels begin in their file.
    pub offset: u64,
    /// A voxel's value is `slope` times its number plus `inter`; `None` where it is the number itself.
    pub scaling: Option<(f64, f64)>,
    /// Size of a voxel along each axis of the file in millimetres; 1 where the header has none.
    pub spacing: [f64; 3],
    /// From voxels to millimetres, where the header says so.
    pub affine: Option<Affine>,
    /// What space those millimetres are in: 3 for Talairach's, 4 for MNI's, others for the scanner's or another image's.
    pub space: i32,
    /// The header itself.
    pub bytes: Vec<u8>,
}

impl Header {
    /// Reads a header from the beginning of a file, of which at least [`LONGEST`] bytes are given where it has as many.
    ///
    /// The error tells what was found and what was expected.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() < SHORT {
            return Err(format!("it has {} bytes, expected a header of {SHORT} or {LONGEST}", bytes.len()));
        }
        let size = |big| Fields { bytes, big }.int32(0);
        let (big, length) = match [(false, size(false)), (true, size(true))] {
            [(big, length @ (348 | 540)), _] | [_, (big, length @ (348 | 540))] => (big, length as usize),
            [(_, found), _] => {
                return Err(format!("it begins with {found}, expected 348 (Analyze, NIfTI-1) or 540 (NIfTI-2)"));
            }
        };
        let Some(bytes) = bytes.get(..length) else {
            return Err(format!("its header is truncated: it has {} of {length} bytes", bytes.len()));
        };
        let fields = Fields { bytes, big };
        let (form, paired) = match (length, &bytes[344..348], &bytes[4..8]) {
            (SHORT, b"n+1\0", _) => (Form::Nifti1, false),
            (SHORT, b"ni1\0", _) => (Form::Nifti1, true),
            (LONGEST, _, b"n+2\0") => (Form::Nifti2, false),
            (LONGEST, _, b"ni2\0") => (Form::Nifti2, true),
            (SHORT, ..) => (Form::Analyze, true),
            _ => return Err("its header has the length of NIfTI-2 and not its name (n+2)".to_owned()),
        };
        Self::of(fields, form, paired)
    }

    fn of(fields: Fields<'_>, form: Form, paired: bool) -> Result<Self, String> {
        let places = fields.places(form == Form::Nifti2);
        let number = Number::of_code(places.datatype)?;
        let bits = 8 * number.size() as i64;
        // Some programs leave the bits out.
        if places.bitpix != bits && places.bitpix != 0 {
            return Err(format!("its header says {} bits a voxel, expected {bits} of its type", places.bitpix));
        }
        let shape = shape(&places.dim)?;
        let offset = places.offset;
        let least = if paired { 0.0 } else { fields.bytes.len() as f64 };
        if !(0.0..=MAX_OFFSET).contains(&offset) || (offset < least && offset != 0.0) || offset.fract() != 0.0 {
            return Err(format!("its voxels begin at byte {offset}, expected {least} to {MAX_OFFSET}"));
        }
        // Without an offset, the voxels follow the header and the four bytes that tell of extensions.
        let offset = if offset == 0.0 && !paired { fields.bytes.len() as u64 + 4 } else { offset as u64 };
        let scaling = match places.scaling {
            (slope, _) if slope == 0.0 || !slope.is_finite() => None,
            (slope, _) if form == Form::Analyze => Some((slope, 0.0)),
            (slope, inter) if inter.is_finite() => Some((slope, inter)),
            (_, inter) => return Err(format!("its values are shifted by {inter}, expected a number (scl_inter)")),
        };
        let spacing = [1, 2, 3].map(|axis: usize| {
            let size = places.pixdim[axis].abs();
            if size > 0.0 && size.is_finite() { size } else { 1.0 }
        });
        let (affine, space) = match form {
            Form::Analyze => (None, 0),
            _ => places.affine(&spacing)?,
        };
        if let Some(affine) = &affine
            && (Axes::nearest(affine).is_none() || affine.iter().flatten().any(|value| !value.is_finite()))
        {
            return Err("its axes run nowhere, or two of them the same way (sform, qform)".to_owned());
        }
        let (big, bytes) = (fields.big, fields.bytes.to_vec());
        Ok(Self { form, paired, big, shape, number, offset, scaling, spacing, affine, space, bytes })
    }

    /// The bytes of all voxels.
    pub fn length(&self) -> u64 {
        self.shape.iter().product::<usize>() as u64 * self.number.size() as u64
    }
}

/// The sizes of the three axes, from the eight numbers of a header.
fn shape(dim: &[i64; 8]) -> Result<[usize; 3], String> {
    let count = dim[0];
    if !(1..=7).contains(&count) {
        return Err(format!("it has {count} axes, expected 3: the header is damaged, or in another order of bytes"));
    }
    let side = |axis: usize| if axis as i64 <= count { dim[axis] } else { 1 };
    let sides = [1, 2, 3, 4, 5, 6, 7].map(side);
    let text = sides[..count.max(3) as usize].iter().map(i64::to_string).collect::<Vec<_>>().join("x");
    if let Some(further) = sides[3..].iter().find(|side| **side != 1) {
        return Err(if *further > 1 {
            format!("it is a series of volumes, {text}, expected one: take one out of it")
        } else {
            format!("it is {text}, expected sizes above 0")
        });
    }
    let shape = [sides[0], sides[1], sides[2]];
    if shape.iter().any(|side| !(1..=MAX_SIDE).contains(side)) {
        return Err(format!("it is {text}, expected 1 to {MAX_SIDE} a side"));
    }
    let shape = shape.map(|side| side as usize);
    if shape.iter().map(|side| *side as u64).product::<u64>() > MAX_VOXELS {
        return Err(format!("it is {text}, expected at most {} million voxels", MAX_VOXELS >> 20));
    }
    Ok(shape)
}
