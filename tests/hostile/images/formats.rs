//! Files of other formats, which are called what they are.

use super::Images;
use super::Verdict::Bad;

pub(super) fn formats(images: &mut Images<'_>) {
    let at = |place: usize, start: &[u8]| [&vec![0; place], start, &[0x81; 700]].concat();
    let nifti = |magic: &[u8]| [&348i32.to_le_bytes()[..], &[0; 340], magic, &[0; 400]].concat();
    images.put("a text", b"hello, I am no picture".to_vec(), Bad("it looks like text"));
    images.put("zeros", vec![0; 70_000], Bad("it looks like nothing but zeros"));
    images.put("a GIF", at(0, b"GIF89a"), Bad("it looks like a GIF"));
    images.put("a BMP", at(0, b"BM"), Bad("it looks like a BMP"));
    images.put("a TIFF", at(0, b"II*\0"), Bad("it looks like a TIFF"));
    images.put("a big TIFF", at(0, b"MM\0+"), Bad("it looks like a TIFF"));
    images.put("a WebP", at(0, b"RIFF\x10\0\0\0WEBP"), Bad("it looks like a WebP"));
    images.put("a HEIC", at(0, b"\0\0\0\x18ftypheic"), Bad("it looks like a HEIC"));
    images.put("an AVIF", at(0, b"\0\0\0\x18ftypavif"), Bad("it looks like an AVIF"));
    images.put("a film", at(0, b"\0\0\0\x18ftypisom"), Bad("it looks like a film (MP4)"));
    images.put("a JPEG 2000", at(0, b"\0\0\0\x0cjP  \r\n\x87\n"), Bad("it looks like a JPEG 2000"));
    images.put("a JPEG 2000 stream", at(0, b"\xff\x4f\xff\x51"), Bad("it looks like a JPEG 2000"));
    images.put("a JPEG XL", at(0, b"\0\0\0\x0cJXL \r\n\x87\n"), Bad("it looks like a JPEG XL"));
    images.put("a JPEG XL stream", at(0, b"\xff\x0a"), Bad("it looks like a JPEG XL"));
    images.put("a DICOM", at(128, b"DICM"), Bad("it looks like a DICOM file"));
    images.put("a NIfTI", nifti(b"n+1\0"), Bad("it looks like a NIfTI volume"));
    images.put("a NIfTI header", nifti(b"ni1\0"), Bad("it looks like the header of a NIfTI volume"));
    images.put("an Analyze header", nifti(b"\0\0\0\0"), Bad("it looks like the header of an Analyze volume"));
    images.put("a NIfTI 2", at(0, b"\x1c\x02\0\0n+2\0\r\n\x1a\n"), Bad("it looks like a NIfTI volume"));
    images.put("gzip", at(0, b"\x1f\x8b\x08\0"), Bad("it looks like gzip data (a NIfTI volume?)"));
    images.put("a NumPy array", at(0, b"\x93NUMPY\x01\0"), Bad("it looks like a NumPy array"));
    images.put("a ZIP", at(0, b"PK\x03\x04"), Bad("it looks like a ZIP archive"));
    images.put("a PDF", at(0, b"%PDF-1.7"), Bad("it looks like a PDF"));
    images.put("an HDF5", at(0, b"\x89HDF\r\n\x1a\n"), Bad("it looks like an HDF5 file"));
    images.put("a PNM", b"P5\n4 4\n255\n0123456789abcdef".to_vec(), Bad("it looks like a PNM"));
    images.put(
        "a pointer of Git LFS",
        b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
        Bad("a pointer of Git LFS"),
    );
    images.put("noise", at(0, b"\x81\x82"), Bad("it looks like something else"));
}
