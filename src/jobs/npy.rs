//! Arrays of int64 as `.npy` files, the format of NumPy's `numpy.save`
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).
//!
//! A file is a magic string, a version, the length of the header, the header, and the values. The header is a Python dict
//! of the element type `descr`, the order `fortran_order` and the `shape`, padded with spaces to a multiple of 64 bytes.

use std::io::{self, Write};

use ndarray::{ArrayD, ArrayView2, IxDyn, ShapeBuilder};

const MAGIC: &[u8] = b"\x93NUMPY";
/// The whole header is a multiple of this many bytes.
const ALIGNMENT: usize = 64;
/// The most axes of an array of NumPy's.
const MOST_AXES: usize = 64;
/// The bytes of one value.
const WIDTH: usize = size_of::<i64>();

/// Reads a file of version 1.0, 2.0 or 3.0, of either byte order, in C's or Fortran's order.
///
/// The error tells what was found. Memory is used only for as many values as `bytes` holds, whatever the header says.
pub fn read(bytes: &[u8]) -> Result<ArrayD<i64>, String> {
    let start = bytes.get(..10).filter(|start| start.starts_with(MAGIC)).ok_or("it is no .npy file")?;
    let (length, at) = match (start[6], start[7]) {
        (1, 0) => (usize::from(u16::from_le_bytes([start[8], start[9]])), 10),
        (2 | 3, 0) => {
            let four = bytes.get(8..12).and_then(|four| four.try_into().ok()).ok_or("the file is truncated")?;
            (u32::from_le_bytes(four) as usize, 12)
        }
        (major, minor) => return Err(format!("found version {major}.{minor} of the .npy format")),
    };
    let (text, values) = bytes[at..].split_at_checked(length).ok_or("the file is truncated")?;
    let text = std::str::from_utf8(text).map_err(|_| "the header is not text")?;
    let Header { descr, fortran, shape } = header(text).ok_or("its header is not that of an array")?;
    let value: fn([u8; WIDTH]) -> i64 = match descr {
        "<i8" => i64::from_le_bytes,
        ">i8" => i64::from_be_bytes,
        other => return Err(format!("found elements of type {}", other.chars().take(16).collect::<String>())),
    };
    let size = shape.iter().try_fold(WIDTH, |size, &side| size.checked_mul(side));
    if size != Some(values.len()) {
        return Err(format!("found shape {shape:?} and {} bytes of values", values.len()));
    }
    let values = values.as_chunks().0.iter().copied().map(value).collect();
    ArrayD::from_shape_vec(IxDyn(&shape).set_f(fortran), values).map_err(|error| error.to_string())
}

/// Writes a file of version 1.0 in C's order, the lower bytes first.
pub fn write(values: ArrayView2<i64>, file: &mut impl Write) -> io::Result<()> {
    let (rows, columns) = values.dim();
    let text = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': ({rows}, {columns})}}");
    let before = MAGIC.len() + 4;
    let padded = (before + text.len() + 1).next_multiple_of(ALIGNMENT) - before - 1;
    file.write_all(MAGIC)?;
    file.write_all(&[1, 0])?;
    file.write_all(&(padded as u16 + 1).to_le_bytes())?;
    writeln!(file, "{text:padded$}")?;
    values.iter().try_for_each(|value| file.write_all(&value.to_le_bytes()))
}

/// What a header tells.
struct Header<'a> {
    descr: &'a str,
    fortran: bool,
    shape: Vec<usize>,
}

/// Parses a header: a dict of the three keys, in any order. `None` where it is another.
fn header(text: &str) -> Option<Header<'_>> {
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    while !rest.is_empty() {
        let (key, after) = string(rest)?;
        let value = after.trim_start().strip_prefix(':')?.trim_start();
        rest = match key {
            "descr" => {
                let (name, after) = string(value)?;
                descr = Some(name);
                after
            }
            "fortran_order" => {
                let (word, after) = value.split_at(value.find([',', ' ']).unwrap_or(value.len()));
                fortran = Some(match word {
                    "True" => true,
                    "False" => false,
                    _ => return None,
                });
                after
            }
            "shape" => {
                let (sides, after) = value.strip_prefix('(')?.split_once(')')?;
                shape = Some(sides_of(sides)?);
                after
            }
            _ => return None,
        };
        rest = rest.trim_start();
        rest = if rest.is_empty() { rest } else { rest.strip_prefix(',')?.trim_start() };
    }
    Some(Header { descr: descr?, fortran: fortran?, shape: shape? })
}

/// A string in quotes, and the text after it.
fn string(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|first| ['\'', '"'].contains(first))?;
    text[1..].split_once(quote)
}

/// The numbers of a tuple: `` for none, `3,` for one, `3, 4` or `3, 4,` for two.
fn sides_of(tuple: &str) -> Option<Vec<usize>> {
    let tuple = tuple.trim();
    let sides = tuple.strip_suffix(',').unwrap_or(tuple);
    if sides.is_empty() {
        return tuple.is_empty().then(Vec::new);
    }
    let sides: Vec<usize> = sides.split(',').map(|side| side.trim().parse().ok()).collect::<Option<_>>()?;
    (sides.len() <= MOST_AXES && (sides.len() > 1 || tuple.ends_with(','))).then_some(sides)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Array3, array};
    use ndarray_npy::{ReadNpyExt, WriteNpyExt};

    use super::*;

    /// A file of version 1.0 with this header, unpadded, and these bytes.
    fn file(header: &str, values: &[u8]) -> Vec<u8> {
        let length = (header.len() as u16).to_le_bytes();
        [MAGIC, &[1, 0], &length, header.as_bytes(), values].concat()
    }

    #[test]
    fn files_are_those_that_another_crate_writes_and_reads() {
        for (rows, columns) in [(32, 32), (1, 1), (2, 1_000), (10, 7), (100_000, 1)] {
            let codes = Array2::from_shape_fn((rows, columns), |(y, x)| (y * 31 + x) as i64 - 5);
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            write(codes.view(), &mut ours).unwrap();
            codes.write_npy(&mut theirs).unwrap();
            assert_eq!(ours, theirs, "{rows}x{columns}");
            assert_eq!(read(&ours).unwrap(), codes.into_dyn());
            assert_eq!(read(&ours).unwrap(), ArrayD::<i64>::read_npy(ours.as_slice()).unwrap());
        }
        let mut fortran = Vec::new();
        let codes = Array3::from_shape_fn((2, 3, 4), |(z, y, x)| (z * 100 + y * 10 + x) as i64);
        codes.t().write_npy(&mut fortran).unwrap();
        assert!(fortran.windows(4).any(|four| four == b"True"));
        assert_eq!(read(&fortran).unwrap(), codes.t().into_dyn());
    }

    #[test]
    fn headers_of_other_writers_are_read() {
        let values: Vec<u8> = [1i64, -2].into_iter().flat_map(i64::to_be_bytes).collect();
        for header in [
            "{'descr': '>i8', 'fortran_order': False, 'shape': (1, 2), }   \n",
            "{\"shape\":(1,2,),\"fortran_order\":True,\"descr\":\">i8\"}\n",
        ] {
            let bytes = file(header, &values);
            assert_eq!(read(&bytes).unwrap(), array![[1, -2]].into_dyn());
            let mut second = [MAGIC, &[2, 0], &(header.len() as u32).to_le_bytes(), &bytes[10..]].concat();
            assert_eq!(read(&second).unwrap(), array![[1, -2]].into_dyn());
            second[6] = 3;
            assert_eq!(read(&second).unwrap(), array![[1, -2]].into_dyn());
        }
        let flat = file("{'descr': '>i8', 'fortran_order': False, 'shape': (2,)}\n", &values);
        assert_eq!(read(&flat).unwrap(), array![1, -2].into_dyn());
        let one = file("{'descr': '>i8', 'fortran_order': False, 'shape': ()}\n", &values[..8]);
        assert_eq!(read(&one).unwrap(), ndarray::arr0(1).into_dyn());
        let none = file("{'descr': '<i8', 'fortran_order': False, 'shape': (0, 7)}\n", &[]);
        assert_eq!(read(&none).unwrap().shape(), [0, 7]);
    }

    #[test]
    fn other_files_are_refused() {
        let refused = |bytes: &[u8], why: &str| assert_eq!(read(bytes).unwrap_err(), why);
        let of = |descr: &str, shape: &str| format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n");
        refused(b"", "it is no .npy file");
        refused(b"no array at all", "it is no .npy file");
        refused(b"\x93NUMPY\x01\x00\xff\xff{", "the file is truncated");
        refused(b"\x93NUMPY\x02\x00\xff\xff", "the file is truncated");
        refused(b"\x93NUMPY\x04\x00\xff\xff", "found version 4.0 of the .npy format");
        refused(&file(&of("'<f4'", "(1, 2)"), &[0; 8]), "found elements of type <f4");
        let shape = "found shape [1000000, 1000000] and 16 bytes of values";
        refused(&file(&of("'<i8'", "(1000000, 1000000)"), &[0; 16]), shape);
        let wraps = "found shape [4611686018427387904, 8] and 0 bytes of values";
        refused(&file(&of("'<i8'", "(4611686018427387904, 8)"), &[]), wraps);
        refused(&file(&of("'<i8'", "(1, 2)"), &[0; 17]), "found shape [1, 2] and 17 bytes of values");
        for shape in ["(2)", "(,)", "(1 2)", "(-1, 2)", "[1, 2]", "(1, 2", "(1, 99999999999999999999)"] {
            refused(&file(&of("'<i8'", shape), &[0; 16]), "its header is not that of an array");
        }
        for header in ["", "{}", "{'descr': '<i8', 'shape': (1, 2)}", "{'descr': '<i8' 'shape': (1, 2)}", "{'more': 1}"]
        {
            refused(&file(header, &[0; 16]), "its header is not that of an array");
        }
    }
}
