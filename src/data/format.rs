//! What a file is, from its first bytes.

/// The kinds of file that slices are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
}

/// How PNG files begin.
pub(super) const PNG_START: &[u8] = b"\x89PNG\r\n\x1a\n";
/// How JPEG files begin: a marker that starts an image, and that of the first segment.
pub(super) const JPEG_START: &[u8] = b"\xff\xd8\xff";

impl Format {
    /// The kind of a file, from its first bytes.
    pub fn sniff(bytes: &[u8]) -> Option<Format> {
        if bytes.starts_with(PNG_START) {
            Some(Format::Png)
        } else if bytes.starts_with(JPEG_START) {
            Some(Format::Jpeg)
        } else {
            None
        }
    }
}

/// Whether another picture begins somewhere in what follows the end of a picture.
pub(super) fn holds_picture(rest: &[u8]) -> bool {
    [PNG_START, JPEG_START].iter().any(|start| rest.windows(start.len()).any(|window| window == *start))
}

/// Formats that are known by bytes at a place.
const KNOWN: &[(usize, &[u8], &str)] = &[
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"II+\0", "a TIFF"),
    (0, b"MM\0+", "a TIFF"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"PK\x05\x06", "a ZIP archive"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL"),
    (0, b"\xff\x0a", "a JPEG XL"),
    (4, b"ftypavif", "an AVIF"),
    (4, b"ftypavis", "an AVIF"),
    (4, b"ftyphei", "a HEIC"),
    (4, b"ftyphev", "a HEIC"),
    (4, b"ftypmif1", "a HEIC"),
    (4, b"ftypmsf1", "a HEIC"),
    (4, b"ftyp", "a film (MP4)"),
    (8, b"WEBP", "a WebP"),
    (128, b"DICM", "a DICOM file"),
    (0, b"\x08\0\x05\0", "a DICOM file"),
    (0, b"\x02\0\0\0UL", "a DICOM file"),
    (344, b"n+1\0", "a NIfTI volume"),
    (344, b"ni1\0", "the header of a NIfTI volume"),
    (4, b"n+2\0", "a NIfTI volume"),
    (4, b"ni2\0", "the header of a NIfTI volume"),
    (0, b"\x5c\x01\0\0", "the header of an Analyze volume"),
    (0, b"\0\0\x01\x5c", "the header of an Analyze volume"),
    (0, b"\0\0\0\x01\0\0", "a FreeSurfer volume"),
    (0, b"\x89HDF", "an HDF5 file (a MINC volume?)"),
    (0, b"CDF\x01", "a NetCDF file (a MINC volume?)"),
    (0, b"NRRD", "an NRRD volume"),
    (0, b"MATLAB", "a MATLAB file"),
    (0, b"SIMPLE  =", "a FITS image"),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"qoif", "a QOI"),
    (0, b"\0\0\x01\0", "an icon"),
    (0, b"BZh", "bzip2 data"),
    (0, b"\xfd7zXZ\0", "xz data"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"version https://git-lfs", "a pointer of Git LFS, whose file was not fetched"),
    (0, b"<svg", "an SVG"),
];

/// What bytes that are neither PNG nor JPEG look like, for the error. `name` is the file's own.
pub(super) fn describe(bytes: &[u8], name: &str) -> &'static str {
    let gzip = bytes.starts_with(b"\x1f\x8b");
    let ends = |end: &str| name.to_ascii_lowercase().ends_with(end);
    if gzip {
        return match () {
            () if ends(".nii.gz") => "a NIfTI volume (compressed by gzip)",
            () if ends(".mgz") => "a FreeSurfer volume (compressed by gzip)",
            () => "gzip data (a NIfTI volume?)",
        };
    }
    let is = |(at, start, _): &&(usize, &[u8], &str)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(start));
    if let Some((_, _, name)) = KNOWN.iter().find(is) {
        return name;
    }
    let start = &bytes[..bytes.len().min(4096)];
    match bytes {
        [b'P', b'1'..=b'7', b' ' | b'\n' | b'\r' | b'\t', ..] => "a PNM",
        _ if start.iter().all(|byte| *byte == 0) => "nothing but zeros",
        _ if start[..start.len().min(256)].is_ascii() => "text",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_called_what_they_are() {
        let at = |place: usize, start: &[u8]| [&vec![1; place], start, &[0xee; 64]].concat();
        for (place, start, name) in KNOWN {
            let found = describe(&at(*place, start), "x.png");
            // A film is what is left of a kind that has several names.
            assert!(found == *name || *name == "a film (MP4)", "{name}: {found}");
        }
        for (bytes, name, expected) in [
            (&b"\x1f\x8b\x08"[..], "a.NII.GZ", "a NIfTI volume (compressed by gzip)"),
            (b"\x1f\x8b\x08", "a.png", "gzip data (a NIfTI volume?)"),
            (b"P5\n3 3\n", "a.png", "a PNM"),
            (b"P55", "a.png", "text"),
            (b"hello", "a.png", "text"),
            (&[0; 100], "a.png", "nothing but zeros"),
            (b"\x80\x81", "a.png", "something else"),
        ] {
            assert_eq!(describe(bytes, name), expected);
        }
        assert!(holds_picture(b"..\xff\xd8\xff\xe0"));
        assert!(!holds_picture(b"\xff\xd8\0\0"));
    }
}
