//! The 256x256 frame that models see, and the way back to the input's own size.

use std::path::Path;

use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer, Luma};
use ndarray::{Array2, ArrayView2, s};

use super::decode;
use crate::{Error, Result};

/// Rows and columns of the frame that every model sees.
pub const FRAME: usize = 256;
/// Files larger than this are refused without being read.
const MAX_FILE: u64 = 1 << 29;

/// What to do with a picture that is not 256x256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fit {
    /// Smaller ones are centred on black, larger ones refused.
    #[default]
    Exact,
    /// Larger ones are scaled down until they fit, keeping their proportions; smaller ones are centred on black as
    /// they are.
    Resize,
}

/// Where the picture lies in the frame, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A slice in the form that the models take.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// 256x256 (rows, columns), 0..1.
    pub pixels: Array2<f32>,
    source: (u32, u32),
    placement: Placement,
}

impl Frame {
    /// Reads a PNG or JPEG file.
    ///
    /// The content decides what the file is, not its extension. 8-bit values are divided by 255, 16-bit ones by 65535
    /// (PNGs of 1, 2 or 4 bits are widened to 8, palettes to RGB). Grey is used as it is; an RGB pixel whose channels
    /// are equal gives that value, any other its Rec. 601 luma, 0.299 R + 0.587 G + 0.114 B. Alpha composites over
    /// black. Colour profiles, gamma and EXIF orientation are not applied: values are data.
    ///
    /// Refused: other formats, animated PNG, CMYK JPEG, more than 16384 pixels a side or 64 megapixels, files above
    /// 512 MiB, and any file that is cut short, even where a decoder could fill in the missing part.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file and what is wrong with it; with [`Fit::Exact`] also for a picture
    /// wider or higher than 256.
    pub fn decode(path: &Path, fit: Fit) -> Result<Frame> {
        Self::from_bytes(&read(path)?, path, fit)
    }

    /// [`Frame::decode`] on the content of a file; `path` only appears in errors.
    ///
    /// # Errors
    /// As [`Frame::decode`].
    pub fn from_bytes(bytes: &[u8], path: &Path, fit: Fit) -> Result<Frame> {
        let fail = |why: String| {
            Error::input("cannot read slice", path, why)
                .hint("save it again as an 8 or 16 bit PNG or JPEG, or leave it out")
        };
        let (container, header) = decode::header(bytes).map_err(fail)?;
        let side = FRAME as u32;
        let large = header.width > side || header.height > side;
        if large && fit == Fit::Exact {
            return Err(Error::input(
                "slice too large",
                path,
                format!("it is {}x{}, expected at most {FRAME}x{FRAME}", header.width, header.height),
            )
            .hint("set `resize` to scale larger images down"));
        }
        let grey = decode::grey(container, bytes).map_err(fail)?;
        Ok(Self::place(grey))
    }

    /// A frame of grey values (rows, columns; 0..1) of any size, scaled down if larger than the frame, then centred on
    /// black.
    fn place(grey: Array2<f32>) -> Frame {
        let (height, width) = grey.dim();
        let (fit_width, fit_height) = fitted(width, height);
        let grey =
            if (fit_width, fit_height) == (width, height) { grey } else { scale(grey.view(), fit_width, fit_height) };
        let placement =
            Placement { x: (FRAME - fit_width) / 2, y: (FRAME - fit_height) / 2, width: fit_width, height: fit_height };
        let mut pixels = Array2::zeros((FRAME, FRAME));
        pixels.slice_mut(s![placement.y..placement.y + fit_height, placement.x..placement.x + fit_width]).assign(&grey);
        Frame { pixels, source: (width as u32, height as u32), placement }
    }

    /// Width and height of the picture in the file.
    pub fn source_size(&self) -> (u32, u32) {
        self.source
    }

    /// Where that picture lies in the frame.
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// A reconstruction (256x256, 0..1) at the size of the picture in the file: the border is cut away, what was
    /// scaled down is scaled up. 8 bits, rounded to nearest, clipped to 0..1, NaN as 0.
    ///
    /// # Panics
    /// If `reconstruction` is not 256x256.
    pub fn restore(&self, reconstruction: ArrayView2<f32>) -> GrayImage {
        assert_eq!(reconstruction.dim(), (FRAME, FRAME), "a reconstruction is a frame");
        let Placement { x, y, width, height } = self.placement;
        let inner = reconstruction.slice(s![y..y + height, x..x + width]);
        let (source_width, source_height) = self.source;
        if (source_width as usize, source_height as usize) == (width, height) {
            grey_image(inner)
        } else {
            let scaled = scale(inner, source_width as usize, source_height as usize);
            grey_image(scaled.view())
        }
    }
}

/// An 8-bit picture of values in 0..1 (rows, columns): rounded to nearest, clipped, NaN as 0.
pub fn grey_image(values: ArrayView2<f32>) -> GrayImage {
    let (height, width) = values.dim();
    let bytes = values.iter().map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8).collect();
    GrayImage::from_raw(width as u32, height as u32, bytes).expect("one byte a pixel")
}

/// The content of a file, unless it is far too large to be a slice.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let fail = |why: String| Error::input("cannot read slice", path, why).hint("name a PNG or JPEG file that exists");
    let io = |error: std::io::Error| {
        fail(match error.kind() {
            std::io::ErrorKind::NotFound => "no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
            _ => error.to_string(),
        })
        .caused_by(error)
    };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(fail("it is not a regular file".into()));
    }
    if metadata.len() > MAX_FILE {
        return Err(fail(format!("the file is {} MiB, expected at most {}", metadata.len() >> 20, MAX_FILE >> 20)));
    }
    std::fs::read(path).map_err(io)
}

/// The size at which a picture fits the frame: its own, or scaled down in proportion, at least one pixel.
fn fitted(width: usize, height: usize) -> (usize, usize) {
    let longer = width.max(height);
    if longer <= FRAME {
        return (width, height);
    }
    let shrink = |side: usize| ((side * FRAME + longer / 2) / longer).max(1);
    (shrink(width), shrink(height))
}

/// Triangle filter, widened when scaling down so that nothing aliases.
fn scale(values: ArrayView2<f32>, width: usize, height: usize) -> Array2<f32> {
    let (rows, columns) = values.dim();
    let image: ImageBuffer<Luma<f32>, Vec<f32>> =
        ImageBuffer::from_raw(columns as u32, rows as u32, values.iter().copied().collect())
            .expect("one value a pixel");
    let scaled = imageops::resize(&image, width as u32, height as u32, FilterType::Triangle);
    Array2::from_shape_vec((height, width), scaled.into_raw()).expect("the size asked for")
}
