//! Volumes made byte by byte, to be damaged.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// A header of 348 bytes in little endian, for 16-bit numbers.
pub struct Header(pub Vec<u8>);

impl Header {
    /// Of Analyze.
    pub fn analyze(shape: [i16; 3]) -> Self {
        let mut header = Self(vec![0; 348]);
        header.int32(0, 348).dim(&[3, shape[0], shape[1], shape[2], 1, 1, 1, 1]).int16(70, 4).int16(72, 16);
        for axis in 1..4 {
            header.float(76 + 4 * axis, 1.0);
        }
        header
    }

    /// Of NIfTI-1 in one file, with axes that run to the right, to the front and up, in MNI's space: the middle of the
    /// volume is at the left of nothing, 20 mm behind and 13 mm above.
    pub fn nifti(shape: [i16; 3]) -> Self {
        let mut header = Self::analyze(shape);
        header.0.extend([0; 4]);
        header.0[344..348].copy_from_slice(b"n+1\0");
        header.float(108, 352.0).float(112, 1.0).int16(254, 4);
        for (axis, middle) in [0.0, -20.0, 13.0].into_iter().enumerate() {
            header.float(280 + 16 * axis + 4 * axis, 1.0);
            header.float(280 + 16 * axis + 12, middle - (f32::from(shape[axis]) - 1.0) / 2.0);
        }
        header
    }

    pub fn int16(&mut self, place: usize, value: i16) -> &mut Self {
        self.put(place, &value.to_le_bytes())
    }

    pub fn int32(&mut self, place: usize, value: i32) -> &mut Self {
        self.put(place, &value.to_le_bytes())
    }

    pub fn float(&mut self, place: usize, value: f32) -> &mut Self {
        self.put(place, &value.to_le_bytes())
    }

    pub fn dim(&mut self, dim: &[i16; 8]) -> &mut Self {
        for (index, size) in dim.iter().enumerate() {
            self.int16(40 + 2 * index, *size);
        }
        self
    }

    fn put(&mut self, place: usize, bytes: &[u8]) -> &mut Self {
        self.0[place..place + bytes.len()].copy_from_slice(bytes);
        self
    }
}

/// Numbers of 16 bits that change slowly, with a black border: a ball that is brighter towards the top right.
pub fn ball(shape: [i16; 3]) -> Vec<i16> {
    let [width, height, depth] = shape;
    let mut values = Vec::new();
    for z in 0..depth {
        for y in 0..height {
            for x in 0..width {
                let part = |at: i16, side: i16| (f32::from(at) - f32::from(side - 1) / 2.0) / (f32::from(side) / 2.0);
                let [px, py, pz] = [part(x, width), part(y, height), part(z, depth)];
                let inside = (px * px + py * py).sqrt() < 0.9;
                values.push(if inside { (2000.0 + 500.0 * px + 300.0 * py + 200.0 * pz) as i16 } else { 0 });
            }
        }
    }
    values
}

/// Numbers as bytes, in little endian.
pub fn bytes(values: &[i16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Writes a file, compressed where its name says so.
pub fn write(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = std::fs::File::create(path).unwrap();
    if path.extension().is_some_and(|end| end == "gz") {
        let mut encoder = GzEncoder::new(file, Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap();
    } else {
        let mut file = file;
        file.write_all(content).unwrap();
    }
}

/// Writes an Analyze pair as on the discs of OASIS-1: big endian, 176x208x176x1.
pub fn write_disc(stem: &Path, values: &[i16]) {
    let mut header = vec![0_u8; 348];
    let mut put = |place: usize, bytes: &[u8]| header[place..place + bytes.len()].copy_from_slice(bytes);
    put(0, &348_i32.to_be_bytes());
    for (index, size) in [4_i16, 176, 208, 176, 1].into_iter().enumerate() {
        put(40 + 2 * index, &size.to_be_bytes());
    }
    put(70, &4_i16.to_be_bytes());
    put(72, &16_i16.to_be_bytes());
    for axis in 1..4 {
        put(76 + 4 * axis, &1_f32.to_be_bytes());
    }
    write(&stem.with_extension("hdr"), &header);
    let voxels: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
    write(&stem.with_extension("img"), &voxels);
}

/// Ends a chain of changes.
pub fn end(_: &mut Header) {}
