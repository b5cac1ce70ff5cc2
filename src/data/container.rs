//! The structure of a PNG or JPEG file: which of them it is, whether it is complete, and how large its picture is.
//!
//! Decoders accept a file that is cut short (a JPEG's missing part comes out grey), so the structure is read first, to the
//! end: a PNG must reach IEND, a JPEG its end-of-image marker. No pixel is decoded here.

/// The kinds of file that slices are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Png,
    Jpeg,
}

/// The size of the picture, from the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub width: u32,
    pub height: u32,
}

const PNG_START: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG_START: &[u8] = b"\xff\xd8\xff";
const TRUNCATED: &str = "the file is truncated";

impl Container {
    /// The kind of a file, from its first bytes.
    pub fn sniff(bytes: &[u8]) -> Option<Container> {
        if bytes.starts_with(PNG_START) {
            Some(Container::Png)
        } else if bytes.starts_with(JPEG_START) {
            Some(Container::Jpeg)
        } else {
            None
        }
    }

    /// Reads the structure to its end.
    ///
    /// The error tells what is wrong: the file is truncated, animated, or of a form that is not supported.
    pub fn walk(self, bytes: &[u8]) -> Result<Header, String> {
        match self {
            Container::Png => walk_png(bytes),
            Container::Jpeg => walk_jpeg(bytes),
        }
    }
}

/// What bytes that are neither PNG nor JPEG look like, for the error.
pub(super) fn describe(bytes: &[u8]) -> &'static str {
    let known: [(&[u8], &str); 8] = [
        (b"GIF8", "a GIF"),
        (b"BM", "a BMP"),
        (b"II*\0", "a TIFF"),
        (b"MM\0*", "a TIFF"),
        (b"\x1f\x8b", "gzip data (a NIfTI volume?)"),
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x93NUMPY", "a NumPy array"),
    ];
    for (start, name) in known {
        if bytes.starts_with(start) {
            return name;
        }
    }
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "a WebP",
        _ if bytes.get(128..132) == Some(b"DICM") => "a DICOM file",
        _ if !bytes.is_empty() && bytes[..bytes.len().min(256)].iter().all(u8::is_ascii) => "text",
        _ => "something else",
    }
}

fn walk_png(bytes: &[u8]) -> Result<Header, String> {
    let mut at = PNG_START.len();
    let mut header = None;
    let mut data = false;
    loop {
        let length = be32(bytes, at).ok_or(TRUNCATED)? as usize;
        let name = bytes.get(at + 4..at + 8).ok_or(TRUNCATED)?;
        let body = at + 8;
        let end = body.checked_add(length).ok_or(TRUNCATED)?;
        // Every chunk closes with a checksum of four bytes.
        if bytes.len() < end.saturating_add(4) {
            return Err(TRUNCATED.into());
        }
        match name {
            b"IHDR" => {
                header = Some(Header {
                    width: be32(bytes, body).ok_or(TRUNCATED)?,
                    height: be32(bytes, body + 4).ok_or(TRUNCATED)?,
                });
            }
            b"acTL" => return Err("it is an animated PNG, expected a single picture".into()),
            b"IDAT" => data = true,
            b"IEND" if !data => return Err("the PNG holds no picture".into()),
            b"IEND" => return header.ok_or_else(|| "the PNG has no header".into()),
            _ => {}
        }
        at = end + 4;
    }
}

fn walk_jpeg(bytes: &[u8]) -> Result<Header, String> {
    let mut at = 2;
    let mut header = None;
    loop {
        // Skips coded data and stray bytes up to the next marker. FF00 is a data byte, FFD0 to FFD7 are restarts in data.
        let marker = loop {
            let pair = bytes.get(at..at + 2).ok_or(TRUNCATED)?;
            match pair {
                [0xff, 0x00 | 0xd0..=0xd7] => at += 2,
                [0xff, 0xff] => at += 1,
                [0xff, marker] => break *marker,
                _ => at += 1,
            }
        };
        at += 2;
        match marker {
            0xd9 => return header.ok_or_else(|| "the JPEG has no header".into()),
            0x01 | 0xd8 => continue,
            _ => {}
        }
        let length = be16(bytes, at).ok_or(TRUNCATED)? as usize;
        // The SOF markers: C0 to CF except DHT, JPG and DAC.
        if (0xc0..=0xcf).contains(&marker) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let components = *bytes.get(at + 7).ok_or(TRUNCATED)?;
            if components != 1 && components != 3 {
                return Err(format!("it is a JPEG of {components} channels (CMYK?), expected grey or RGB"));
            }
            header = Some(Header {
                width: be16(bytes, at + 5).ok_or(TRUNCATED)?.into(),
                height: be16(bytes, at + 3).ok_or(TRUNCATED)?.into(),
            });
        }
        at = at.checked_add(length.max(2)).ok_or(TRUNCATED)?;
        if at > bytes.len() {
            return Err(TRUNCATED.into());
        }
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(two.try_into().ok()?))
}
