//! PNG files: their structure, checked to the end, and their grey values.
//!
//! The decoder is given nothing but the chunks that make the picture, so that profiles, texts and other chunks are never
//! inflated or kept, whatever they claim.

mod chunks;
mod data;
mod file;
mod picture;

pub(super) use self::file::PngFile;
pub(super) use self::picture::rows;
