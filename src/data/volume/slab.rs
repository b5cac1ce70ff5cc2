//! Neighbouring axial slices of a volume, read as a stream.

use std::io::{self, Read};
use std::ops::Range;

use ndarray::Array2;

use super::axes::Axes;
use super::files::Source;
use super::header::Header;
use super::number::Number;
use super::why::explain;
use crate::data::budget::{MEMORY, Share};

/// Axial slices, as the numbers of their file.
#[derive(Debug)]
pub(super) struct Slab {
    /// The numbers, in the order of the file.
    raw: Vec<u8>,
    /// Their part of the memory for pictures in work.
    _share: Share,
    /// How many along each axis of the file.
    shape: [usize; 3],
    axes: Axes,
    number: Number,
    big: bool,
    scaling: Option<(f64, f64)>,
}

impl Slab {
    /// Reads the axial slices `wanted` (0 is the lowest) of the voxels in `source`, which has been read to their first.
    /// The file is read to its end and must have as many bytes as its header says, no fewer and no more.
    ///
    /// The error follows a path.
    pub fn read(source: &mut Source, header: &Header, axes: Axes, wanted: Range<usize>) -> Result<Self, String> {
        let size = header.number.size();
        let (along, against) = axes.of(2);
        let count = header.shape[along];
        // As the file counts them.
        let kept = if against { count - wanted.end..count - wanted.start } else { wanted };
        let mut shape = header.shape;
        shape[along] = kept.len();
        let bytes = shape.iter().product::<usize>() * size;
        if bytes > MEMORY {
            return Err(format!(
                "its {} slices take {} MiB, expected at most {}",
                kept.len(),
                bytes >> 20,
                MEMORY >> 20
            ));
        }
        let share = Share::take(bytes);
        let mut raw = Vec::new();
        raw.try_reserve_exact(bytes).map_err(|why| why.to_string())?;
        let mut row = vec![0; header.shape[0] * size];
        let (mut done, all) = (0, header.length());
        for k in 0..header.shape[2] {
            for j in 0..header.shape[1] {
                let read = fill(source, &mut row)?;
                done += read;
                if read < row.len() as u64 {
                    return Err(format!("it is truncated: it has {done} of the {all} bytes of its voxels"));
                }
                match along {
                    0 => raw.extend_from_slice(&row[kept.start * size..kept.end * size]),
                    1 if kept.contains(&j) => raw.extend_from_slice(&row),
                    2 if kept.contains(&k) => raw.extend_from_slice(&row),
                    _ => {}
                }
            }
        }
        // Nothing is inflated beyond what the header says, and the checksum is behind the last byte.
        if fill(source, &mut [0])? > 0 {
            return Err(format!(
                "it goes on after the {all} bytes of its voxels: header and voxels are of different sizes"
            ));
        }
        Ok(Self { raw, _share: share, shape, axes, number: header.number, big: header.big, scaling: header.scaling })
    }

    /// The number of slices.
    pub fn len(&self) -> usize {
        self.shape[self.axes.of(2).0]
    }

    /// Rows and columns of a slice.
    pub fn size(&self) -> (usize, usize) {
        (self.shape[self.axes.of(1).0], self.shape[self.axes.of(0).0])
    }

    /// A slice, 0 being the lowest: the first row is the foremost, the first column the leftmost of the head.
    pub fn slice(&self, index: usize) -> Array2<f64> {
        self.in_order(index, self.big)
    }

    /// [`Slab::slice`] where the bytes of each number are taken in the other order than the header says.
    pub fn swapped(&self, index: usize) -> Array2<f64> {
        self.in_order(index, !self.big)
    }

    fn in_order(&self, index: usize, big: bool) -> Array2<f64> {
        let (rows, columns) = self.size();
        let size = self.number.size();
        let step = [1, self.shape[0], self.shape[0] * self.shape[1]];
        // Where the first row, column and slice lie, and how far apart they are.
        let places = |direction: usize, index: usize, turned: bool| {
            let (axis, against) = self.axes.of(direction);
            step[axis] * if against == turned { index } else { self.shape[axis] - 1 - index }
        };
        Array2::from_shape_fn((rows, columns), |(row, column)| {
            let place = size * (places(2, index, false) + places(1, row, true) + places(0, column, false));
            let number = self.number.read(&self.raw[place..place + size], big);
            self.scaling.map_or(number, |(slope, inter)| number * slope + inter)
        })
    }
}

/// Reads until the buffer is full or the file ends; gives how many bytes that were.
fn fill(source: &mut Source, buffer: &mut [u8]) -> Result<u64, String> {
    let mut done = 0;
    while done < buffer.len() {
        match source.read(&mut buffer[done..]) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(explain(&why)),
        }
    }
    Ok(done as u64)
}

/// Reads over `count` bytes.
pub(super) fn skip(source: &mut Source, count: u64) -> Result<(), String> {
    let skipped = io::copy(&mut source.take(count), &mut io::sink()).map_err(|why| explain(&why))?;
    if skipped < count { Err("it is truncated: it ends before its voxels begin".to_owned()) } else { Ok(()) }
}
