//! The fields of headers, by their places.

use super::axes::Affine;

/// The bytes of a header and their order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    pub bytes: &'a [u8],
    pub big: bool,
}

/// What headers of all three formats say, as they say it.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub dim: [i64; 8],
    pub datatype: i32,
    pub bitpix: i64,
    pub pixdim: [f64; 8],
    pub offset: f64,
    pub scaling: (f64, f64),
    qform: i32,
    sform: i32,
    /// Three parts of a quaternion, and where the first voxel lies.
    quaternion: [f64; 3],
    shift: [f64; 3],
    rows: Affine,
}

impl Fields<'_> {
    /// The bytes of a field.
    fn at<const N: usize>(&self, place: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.bytes[place..place + N]);
        if self.big {
            bytes.reverse();
        }
        bytes
    }

    pub fn int16(&self, place: usize) -> i16 {
        i16::from_le_bytes(self.at(place))
    }

    pub fn int32(&self, place: usize) -> i32 {
        i32::from_le_bytes(self.at(place))
    }

    fn int64(&self, place: usize) -> i64 {
        i64::from_le_bytes(self.at(place))
    }

    fn float(&self, place: usize) -> f64 {
        f32::from_le_bytes(self.at(place)).into()
    }

    fn double(&self, place: usize) -> f64 {
        f64::from_le_bytes(self.at(place))
    }

    /// The fields of a whole header: of NIfTI-2 where it is `long`, else of NIfTI-1 and, as far as it has them, Analyze.
    pub fn places(&self, long: bool) -> Places {
        let floats = |place: usize| if long { self.double(place) } else { self.float(place) };
        let step = if long { 8 } else { 4 };
        let series = |first: usize| move |index: usize| floats(first + step * index);
        let triple = |first: usize| [0, 1, 2].map(series(first));
        let rows = |first: usize| [0, 1, 2].map(|row| [0, 1, 2, 3].map(series(first + 4 * step * row)));
        let eight = [0, 1, 2, 3, 4, 5, 6, 7];
        if long {
            Places {
                dim: eight.map(|index| self.int64(16 + 8 * index)),
                datatype: self.int16(12).into(),
                bitpix: self.int16(14).into(),
                pixdim: eight.map(series(104)),
                offset: self.int64(168) as f64,
                scaling: (self.double(176), self.double(184)),
                qform: self.int32(344),
                sform: self.int32(348),
                quaternion: triple(352),
                shift: triple(376),
                rows: rows(400),
            }
        } else {
            Places {
                dim: eight.map(|index| self.int16(40 + 2 * index).into()),
                datatype: self.int16(70).into(),
                bitpix: self.int16(72).into(),
                pixdim: eight.map(series(76)),
                offset: self.float(108),
                scaling: (self.float(112), self.float(116)),
                qform: self.int16(252).into(),
                sform: self.int16(254).into(),
                quaternion: triple(256),
                shift: triple(268),
                rows: rows(280),
            }
        }
    }
}

impl Places {
    /// The matrix of the sform, or else of the qform, and the code of its space; without either, none.
    ///
    /// The error tells that the qform is no rotation.
    pub fn affine(&self, spacing: &[f64; 3]) -> Result<(Option<Affine>, i32), String> {
        if self.sform > 0 {
            return Ok((Some(self.rows), self.sform));
        }
        if self.qform <= 0 {
            return Ok((None, 0));
        }
        let [b, c, d] = self.quaternion;
        let rest = 1.0 - (b * b + c * c + d * d);
        // The parts are floats of 32 bits, so that those of a half turn may come to a little more than 1.
        if rest.is_nan() || rest < -1e-5 {
            return Err(format!("its qform has the quaternion {b}, {c}, {d}, expected a length of at most 1"));
        }
        let a = if rest < 1e-6 { 0.0 } else { rest.sqrt() };
        let s = 2.0 / (a * a + b * b + c * c + d * d);
        let rotation = [
            [1.0 - s * (c * c + d * d), s * (b * c - a * d), s * (b * d + a * c)],
            [s * (b * c + a * d), 1.0 - s * (b * b + d * d), s * (c * d - a * b)],
            [s * (b * d - a * c), s * (c * d + a * b), 1.0 - s * (b * b + c * c)],
        ];
        let side = if self.pixdim[0] < 0.0 { -1.0 } else { 1.0 };
        let sizes = [spacing[0], spacing[1], side * spacing[2]];
        let row = |row: usize| {
            let turned = rotation[row];
            [turned[0] * sizes[0], turned[1] * sizes[1], turned[2] * sizes[2], self.shift[row]]
        };
        Ok((Some([row(0), row(1), row(2)]), self.qform))
    }
}
