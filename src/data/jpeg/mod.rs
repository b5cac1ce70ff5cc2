//! JPEG files: their structure, checked to the end, and their grey values.
//!
//! The decoder is given nothing but the segments that make the picture: what other programs keep in a JPEG never reaches
//! it, whatever it claims.

mod file;
mod frame;
mod huffman;
mod picture;
mod scan;
mod segments;

pub(super) use self::file::JpegFile;
pub(super) use self::picture::rows;
