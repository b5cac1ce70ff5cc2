//! The structure of a JPEG file.

use super::frame::FrameHeader;
use super::segments::{Segments, marker};
use crate::data::format::holds_picture;

/// The most scans of a picture; encoders write about ten.
const MAX_SCANS: usize = 100;

/// A JPEG file whose segments are in order.
#[derive(Debug)]
pub(in crate::data) struct JpegFile<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) frame: FrameHeader,
    /// Whether the picture is decoded as it is read, or kept as coefficients until the last scan.
    pub in_one_scan: bool,
}

impl<'a> JpegFile<'a> {
    /// Reads the segments to their end. No code is read.
    ///
    /// The error tells what is wrong: the file is truncated, holds two pictures, or is a JPEG of another form.
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let mut segments = Segments::new(bytes);
        let (mut frame, mut scans, mut in_one_scan) = (None::<FrameHeader>, 0, true);
        for segment in segments.by_ref() {
            let segment = segment?;
            match segment.marker {
                // The DHT marker lies among those of frames.
                marker::DHT => {}
                0xc8 | 0xf0..=0xf6 | 0xf8..=0xfd => return Err("it has parts that JPEG reserves".into()),
                0xf7 => return Err("it is a JPEG-LS, expected a baseline or progressive JPEG".into()),
                0xcc => return Err("it is a JPEG with arithmetic coding, expected Huffman coding".into()),
                0xdc => return Err("its height comes after its picture, expected in the header".into()),
                0xde | 0xdf => return Err("it is a JPEG in several sizes (hierarchical), expected one".into()),
                0xc0..=0xcf => {
                    let found = FrameHeader::read(segment.marker, segment.body)?;
                    if let Some(FrameHeader { width, height, .. }) = frame {
                        let sizes = format!("{width}x{height} and {}x{}", found.width, found.height);
                        return Err(format!("the file is damaged: it has two sizes, {sizes}"));
                    }
                    frame = Some(found);
                }
                marker::SOS => {
                    let frame = frame.as_ref().ok_or("the JPEG has no header")?;
                    in_one_scan &= segment.body.first().is_some_and(|count| *count as usize == frame.channels.len());
                    scans += 1;
                    if scans > MAX_SCANS {
                        return Err(format!("it has more than {MAX_SCANS} scans"));
                    }
                }
                _ => {}
            }
        }
        let frame = frame.ok_or("the JPEG has no header")?;
        if scans == 0 {
            return Err("the JPEG holds no picture".into());
        }
        if holds_picture(segments.rest()) {
            return Err("it holds a second picture after the first (MPO?), expected a single picture".into());
        }
        let in_one_scan = in_one_scan && !frame.progressive;
        Ok(Self { bytes, frame, in_one_scan })
    }

    /// Width and height.
    pub fn size(&self) -> (u32, u32) {
        (self.frame.width as u32, self.frame.height as u32)
    }

    /// The bytes that decoding it takes beside the file: a copy of the file, the pixels, and the coefficients where they
    /// are kept.
    pub fn memory(&self) -> usize {
        let pixels = self.frame.width * self.frame.height * self.frame.channels.len();
        let [across, down] = self.frame.units();
        let samples = |[x, y]: [usize; 2]| across * x * down * y * 64;
        let samples: usize = self.frame.channels.iter().map(|channel| samples(channel.sampling)).sum();
        self.bytes.len() + pixels + if self.in_one_scan { 0 } else { samples * size_of::<i16>() + samples / 8 }
    }
}
