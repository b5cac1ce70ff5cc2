//! Volumes: Analyze 7.5 and NIfTI-1 and 2, read slice by slice.
//!
//! A [`Volume`] is a header that was checked; its voxels are read as a stream, so that no more is in memory than the
//! slices that are wanted. Slices come the same way up whatever order the file has: see [`Volume::read`].

mod axes;
mod fields;
mod files;
mod grey;
mod header;
mod make;
mod number;
mod slab;
mod slices;
mod why;

use std::ops::Range;
use std::path::{Path, PathBuf};

use ndarray::Array2;

pub use self::axes::Axes;
pub use self::files::is_volume_name;
pub(super) use self::files::split_name;
use self::files::{Source, pair};
pub(crate) use self::files::{is_voxels_name, volume_stem};
pub use self::grey::{Scale, Values};
use self::header::{Form, Header, LONGEST};
pub(super) use self::make::{analyze_header, nifti_header};
use self::slab::{Slab, skip};
pub use self::slices::{GreySlices, ReadFile, Slices};
use self::why::{explain, failed, missing};
use crate::Result;

/// The axes of a volume whose header has no orientation: those of the discs of OASIS-1, whose slices are stored as they
/// are shown.
const STORED: &str = "RPS";

/// A volume whose header was read.
#[derive(Debug, Clone)]
pub struct Volume {
    /// The file with the header and that with the voxels, which may be one.
    files: (PathBuf, PathBuf),
    header: Header,
    /// The hash of the header's file, where it is one of its own.
    header_digest: Option<String>,
    axes: Axes,
    told: bool,
}

impl Volume {
    /// Reads the header of a volume: `.nii`, `.hdr` with its `.img`, or `.img` with its `.hdr`, each of which may be
    /// compressed by gzip. What a file is, its content decides.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file and what is wrong with it: it is no regular file, has no header of a
    /// volume, is a series of volumes, has voxels that are no numbers, or lacks its twin.
    pub fn open(path: &Path) -> Result<Self> {
        let files = pair(path);
        let fail = |why: String| failed(&files.0, why);
        let mut source = Source::open(&files.0).map_err(|why| {
            if why.kind() == std::io::ErrorKind::NotFound && files.0 != path {
                failed(path, missing(&files.0, "its header"))
            } else {
                fail(explain(&why)).caused_by(why)
            }
        })?;
        let start = source.start(LONGEST).map_err(|why| fail(explain(&why)).caused_by(why))?;
        let header = Header::parse(&start).map_err(fail)?;
        let apart = files.0 != files.1;
        if header.paired && !apart {
            return Err(fail("its voxels are in another file, expected it to be named .hdr".to_owned()));
        }
        if !header.paired && apart {
            return Err(fail("it holds a volume in one file, expected it to be named .nii".to_owned()));
        }
        if apart && !files.1.exists() {
            return Err(fail(missing(&files.1, "the file of its voxels")));
        }
        let header_digest = if apart {
            if std::io::copy(&mut std::io::Read::take(&mut source, 1 << 16), &mut std::io::sink())
                .is_ok_and(|more| more == 1 << 16)
            {
                return Err(fail("it goes on after its header: is it named .hdr and something else?".to_owned()));
            }
            Some(source.digest())
        } else {
            None
        };
        let told = header.affine.is_some();
        let axes = header.affine.as_ref().and_then(Axes::nearest).or_else(|| Axes::parse(STORED));
        let axes = axes.ok_or_else(|| failed(path, "its axes run nowhere"))?;
        Ok(Self { files, header, header_digest, axes, told })
    }

    /// The volume with the axes of its file running another way than its header says, or where it says nothing.
    #[must_use]
    pub fn with_axes(mut self, axes: Axes) -> Self {
        (self.axes, self.told) = (axes, true);
        self
    }

    /// The file with the header.
    pub fn path(&self) -> &Path {
        &self.files.0
    }

    /// The name of the format.
    pub fn format(&self) -> &'static str {
        self.header.form.name()
    }

    /// Voxels along each axis of the file.
    pub fn shape(&self) -> [usize; 3] {
        self.header.shape
    }

    /// Which way the axes of the file run.
    pub fn axes(&self) -> Axes {
        self.axes
    }

    /// The number of axial slices.
    pub fn slices(&self) -> usize {
        self.header.shape[self.axes.of(2).0]
    }

    /// Columns and rows of an axial slice.
    pub fn size(&self) -> (usize, usize) {
        (self.header.shape[self.axes.of(0).0], self.header.shape[self.axes.of(1).0])
    }

    /// Size of a voxel in millimetres: across, from back to front, upwards.
    pub fn spacing(&self) -> [f64; 3] {
        [0, 1, 2].map(|direction| self.header.spacing[self.axes.of(direction).0])
    }

    /// The height of slice `index` in millimetres, at the middle of the slice; `None` where the header has no orientation.
    pub fn height(&self, index: usize) -> Option<f64> {
        let affine = self.header.affine.as_ref()?;
        let mut voxel = self.header.shape.map(|side| (side as f64 - 1.0) / 2.0);
        let (axis, against) = self.axes.of(2);
        voxel[axis] = if against { (self.header.shape[axis] - 1 - index) as f64 } else { index as f64 };
        let row = &affine[2];
        Some(row[0] * voxel[0] + row[1] * voxel[1] + row[2] * voxel[2] + row[3])
    }

    /// Whether its header says that it lies in the space of Talairach's atlas or of MNI's.
    pub fn in_atlas(&self) -> bool {
        matches!(self.header.space, 3 | 4)
    }

    /// What about its geometry is unlike what models are trained on, in words that follow a path: no orientation, tilted
    /// axes, voxels of another size than 1 mm.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if !self.told && self.header.form != Form::Analyze {
            doubts.push(format!("its header has no orientation; its axes are taken for {}", self.axes));
        }
        if let Some(affine) = &self.header.affine {
            let tilt = axes::tilt(affine, self.axes);
            if tilt > 10.0 {
                doubts.push(format!("its axes are tilted by {tilt:.0} degrees, expected at most 10"));
            }
        }
        let spacing = self.spacing();
        if spacing.iter().any(|size| !(0.9..=1.1).contains(size)) {
            let [x, y, z] = spacing;
            doubts.push(format!("its voxels are {x:.2} x {y:.2} x {z:.2} mm, expected 1 mm a side"));
        }
        doubts
    }

    /// Writes slices of this volume, of which the lowest is `first`, as NIfTI compressed by gzip: floats of 32 bits with this
    /// volume's header, axes and place, and 0 in all other slices. A file that this program names, in a folder that the
    /// user named.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming `path`, where it cannot be written.
    ///
    /// # Panics
    /// If a slice is of another size.
    pub(crate) fn save_slices(&self, path: &Path, first: usize, slices: &[Array2<f32>]) -> Result<()> {
        let rows = self.size().1;
        let place = |voxel: [usize; 3]| {
            let along = |direction: usize| {
                let (axis, against) = self.axes.of(direction);
                if against { self.header.shape[axis] - 1 - voxel[axis] } else { voxel[axis] }
            };
            [along(2), rows - 1 - along(1), along(0)]
        };
        crate::fs::write_inside(path, |file| make::write_like(file, &self.header, place, first, slices))
    }

    /// Reads neighbouring axial slices, 0 being the lowest. The whole file of the voxels is read and hashed.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file: it has not as many slices, is truncated, goes on after its voxels, or is
    /// damaged.
    pub fn read(&self, wanted: Range<usize>) -> Result<Slices> {
        let path = &self.files.1;
        let fail = |why: String| failed(path, why);
        if wanted.is_empty() || wanted.end > self.slices() {
            let (first, last, count) = (wanted.start, wanted.end.saturating_sub(1), self.slices());
            return Err(failed(
                self.path(),
                format!("it has {count} axial slices, expected some from {first} to {last}"),
            ));
        }
        let mut source = Source::open(path).map_err(|why| fail(explain(&why)).caused_by(why))?;
        let all = self.header.offset + self.header.length();
        if let Some(length) = source.length
            && length != all
        {
            let what = if length < all { "truncated, or of another size than its header says" } else { "too long" };
            return Err(fail(format!("it is {what}: it has {length} bytes, expected {all}")));
        }
        skip(&mut source, self.header.offset).map_err(fail)?;
        let slab = Slab::read(&mut source, &self.header, self.axes, wanted).map_err(fail)?;
        let mut files = vec![ReadFile { path: path.clone(), sha256: source.digest() }];
        if let Some(digest) = &self.header_digest {
            files.insert(0, ReadFile { path: self.files.0.clone(), sha256: digest.clone() });
        }
        Ok(Slices::new(slab, self.header.number.is_float(), path, files))
    }
}
