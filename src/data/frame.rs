//! The 256x256 frame that models see, and the way back to the input's own size.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, ArrayView, ArrayView2, s};

use super::budget::Share;
use super::decode::Picture;
use super::resize::Resize;
use super::save::save_made;
use super::source::Source;
use super::values::Values;
use crate::{Error, Result};

/// Rows and columns of the frame that every model sees.
pub const FRAME: usize = 256;
/// How many files with odd values are named in warnings.
const NAMED: usize = 5;

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
    doubt: Option<String>,
}

impl Frame {
    /// Reads a PNG or JPEG file.
    ///
    /// The content decides what the file is, not its extension. 8-bit values are divided by 255, 16-bit ones by 65535
    /// (PNGs of 1, 2 or 4 bits are widened to 8, palettes to RGB). Grey is used as it is; an RGB pixel whose channels
    /// are equal gives that value, any other its Rec. 601 luma, 0.299 R + 0.587 G + 0.114 B. Alpha composites over
    /// black. Colour profiles, gamma and EXIF orientation are not applied: values are data.
    ///
    /// Refused: other formats, animated PNG, CMYK, lossless, arithmetic-coded and 12-bit JPEG, files with two pictures,
    /// more than 16384 pixels a side or 64 megapixels, what takes more than 128 MiB to decode, files above 64 MiB, and any
    /// file that is damaged or cut short, even where a decoder could fill in the missing part. `docs/images.md` has the
    /// whole list.
    ///
    /// Values that are unlike those of a slice ([`Frame::doubt`]) are told as a warning.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file and what is wrong with it; with [`Fit::Exact`] also for a picture
    /// wider or higher than 256.
    pub fn decode(path: &Path, fit: Fit) -> Result<Frame> {
        let frame = Self::of_source(Source::read(path)?, path, fit)?;
        if let Some(doubt) = &frame.doubt {
            warn(path, doubt);
        }
        Ok(frame)
    }

    /// [`Frame::decode`] on the content of a file, without a warning; `path` only appears in errors.
    ///
    /// # Errors
    /// As [`Frame::decode`].
    pub fn from_bytes(bytes: &[u8], path: &Path, fit: Fit) -> Result<Frame> {
        Self::of_bytes(bytes, Share::take(0), path, fit)
    }

    /// A slice of 8 bits (rows, columns) that is in memory; `None` where it is larger than the frame.
    pub(crate) fn of_levels(picture: ArrayView2<u8>) -> Option<Frame> {
        let (height, width) = picture.dim();
        if width > FRAME || height > FRAME {
            return None;
        }
        let source = (width as u32, height as u32);
        let placement = place(source);
        let mut pixels = Array2::zeros((FRAME, FRAME));
        let Placement { x, y, .. } = placement;
        pixels.slice_mut(s![y..y + height, x..x + width]).assign(&picture.mapv(|level| super::grey::byte([level])));
        Some(Frame { pixels, source, placement, doubt: None })
    }

    /// [`Frame::from_bytes`] of a file that was read.
    pub(super) fn of_source(source: Source, path: &Path, fit: Fit) -> Result<Frame> {
        Self::of_bytes(&source.bytes, source.share, path, fit)
    }

    fn of_bytes(bytes: &[u8], share: Share, path: &Path, fit: Fit) -> Result<Frame> {
        let fail = |why: String| {
            Error::input("cannot read slice", path, why)
                .hint("save it again as an 8 or 16 bit PNG or JPEG, or leave it out")
        };
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let picture = Picture::open(bytes, &name).map_err(fail)?;
        let source = picture.size();
        let side = FRAME as u32;
        let large = source.0 > side || source.1 > side;
        if large && fit == Fit::Exact {
            return Err(Error::input(
                "slice too large",
                path,
                format!("it is {}x{}, expected at most {FRAME}x{FRAME}", source.0, source.1),
            )
            .hint("set `resize` to scale larger images down"));
        }
        let placement = place(source);
        let Placement { x, y, width, height } = placement;
        let scaling = if large { Resize::memory((source.1 as usize, source.0 as usize), (height, width)) } else { 0 };
        let memory = picture.memory(bytes.len(), scaling).map_err(fail)?;
        let _share = share.or_take(memory);
        let (mut pixels, mut values) = (Array2::zeros((FRAME, FRAME)), Values::new());
        let mut inner = pixels.slice_mut(s![y..y + height, x..x + width]);
        let white = if large {
            let mut resize = Resize::new((source.1 as usize, source.0 as usize), (height, width));
            let mut take = |row: &[f32]| {
                values.take(row);
                resize.push(ArrayView::from(row));
            };
            let white = picture.rows(&mut take).map_err(fail)?;
            inner.assign(&resize.finish());
            white
        } else {
            let mut rows = inner.rows_mut().into_iter();
            let mut take = |row: &[f32]| {
                values.take(row);
                rows.next().into_iter().for_each(|mut to| to.assign(&ArrayView::from(row)));
            };
            picture.rows(&mut take).map_err(fail)?
        };
        Ok(Frame { pixels, source, placement, doubt: values.doubt(white) })
    }

    /// What is unlike a slice about the values of the picture, with the range found: as good as black, as where 12-bit
    /// values are kept in 16 bits, or few different ones, as in a mask. `None` for what may be a slice, and for a picture
    /// that is black all over.
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
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
        resize.finish_as(grey_level)
    }

    /// Writes [`Frame::restore`] as a PNG that this program names, in a folder that the user named.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming `path`, where it cannot be written.
    ///
    /// # Panics
    /// If `reconstruction` is not 256x256.
    pub(crate) fn save_restored(&self, path: &Path, reconstruction: ArrayView2<f32>) -> Result<()> {
        let (width, height) = (self.source.0 as usize, self.source.1 as usize);
        // The picture, what it is scaled from, and the file.
        let _share = Share::take(2 * width * height + Resize::memory((FRAME, FRAME), (height, width)));
        save_made(path, self.restore(reconstruction).view())
    }
}

/// An 8-bit picture of values in 0..1 (rows, columns): rounded to nearest, clipped, NaN as 0.
pub fn grey_image(values: ArrayView2<f32>) -> Array2<u8> {
    values.mapv(grey_level)
}

fn grey_level(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// Warns of the values of a file. Of many such files, the first are named.
fn warn(path: &Path, doubt: &str) {
    static WARNED: AtomicUsize = AtomicUsize::new(0);
    match WARNED.fetch_add(1, Ordering::Relaxed) {
        before if before < NAMED => tracing::warn!("{}", Error::input("is it a slice?", path, doubt)),
        NAMED => tracing::warn!("there are more files like these; `oasis data check` names all those of a dataset"),
        _ => {}
    }
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
