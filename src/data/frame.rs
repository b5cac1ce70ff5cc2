//! The 256x256 frame that models see, and the way back to the input's own size.

use std::path::Path;

use ndarray::{Array2, ArrayView, ArrayView2, s};

use super::decode;
use super::resize::Resize;
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
        let source = (header.width, header.height);
        let placement = place(source);
        let Placement { x, y, width, height } = placement;
        let mut pixels = Array2::zeros((FRAME, FRAME));
        let mut inner = pixels.slice_mut(s![y..y + height, x..x + width]);
        if large {
            let mut resize = Resize::new((source.1 as usize, source.0 as usize), (height, width));
            decode::rows(container, header, bytes, &mut |row| resize.push(ArrayView::from(row))).map_err(fail)?;
            inner.assign(&resize.finish());
        } else {
            let mut rows = inner.rows_mut().into_iter();
            let mut take = |row: &[f32]| rows.next().into_iter().for_each(|mut to| to.assign(&ArrayView::from(row)));
            decode::rows(container, header, bytes, &mut take).map_err(fail)?;
        }
        Ok(Frame { pixels, source, placement })
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
    /// scaled down is scaled up. (rows, columns) of 8 bits, rounded to nearest, clipped to 0..1, NaN as 0.
    ///
    /// # Panics
    /// If `reconstruction` is not 256x256.
    pub fn restore(&self, reconstruction: ArrayView2<f32>) -> Array2<u8> {
        assert_eq!(reconstruction.dim(), (FRAME, FRAME), "a reconstruction is a frame");
        let Placement { x, y, width, height } = self.placement;
        let inner = reconstruction.slice(s![y..y + height, x..x + width]);
        let source = (self.source.1 as usize, self.source.0 as usize);
        if source == inner.dim() {
            return grey_image(inner);
        }
        let mut resize = Resize::new(inner.dim(), source);
        inner.rows().into_iter().for_each(|row| resize.push(row));
        grey_image(resize.finish().view())
    }
}

/// An 8-bit picture of values in 0..1 (rows, columns): rounded to nearest, clipped, NaN as 0.
pub fn grey_image(values: ArrayView2<f32>) -> Array2<u8> {
    values.mapv(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8)
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

/// Where a picture of this width and height lies in the frame: in the middle, at its own size or scaled down in
/// proportion, at least one pixel.
fn place((width, height): (u32, u32)) -> Placement {
    let (width, height) = (width as usize, height as usize);
    let longer = width.max(height);
    let fit = |side: usize| if longer <= FRAME { side } else { ((side * FRAME + longer / 2) / longer).max(1) };
    let (width, height) = (fit(width), fit(height));
    Placement { x: (FRAME - width) / 2, y: (FRAME - height) / 2, width, height }
}
