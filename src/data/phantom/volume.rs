//! Trees of made-up volumes, as people download real ones.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::{Array2, s};
use rayon::prelude::*;
use serde::Serialize;

use super::anatomy::cdr;
use super::paint::draw;
use super::write::check_count;
use crate::Result;
use crate::data::slice::SLICES;
use crate::data::volume::{analyze_header, nifti_header};
use crate::fs::{create_folder_inside, write_atomic, write_folder};

/// Columns, rows and slices of a volume: those of OASIS-1's discs.
const SHAPE: [usize; 3] = [176, 208, 176];
/// The slice that is position 0.
const FIRST: usize = 79;
/// The number that stands for the brightest value.
const WHITE: f32 = 4000.0;
/// Sessions on a disc.
const ON_DISC: u32 = 40;

/// The trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Discs of OASIS-1: pairs of Analyze 7.5 in big endian, with a note beside each.
    Discs,
    /// NIfTI-1 compressed by gzip, in folders a subject, in MNI's space.
    Nifti,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PhantomVolumes {
    /// The tree.
    #[serde(serialize_with = "crate::plain::text_of::path")]
    pub out: PathBuf,
    /// Volumes, one of each subject.
    pub volumes: usize,
}

/// Writes the volumes of `subjects` made-up subjects as the new tree `out`: 176x208x176 numbers of 16 bits, with the slices
/// of [`super::draw`] where position 0 to 31 are, and black above and below. They are of the same subjects as those of
/// [`super::write_dataset`] with the same `seed`.
///
/// The tree appears when all is written, or not at all. `progress` is called with (volumes done, volumes in all), from
/// several threads.
///
/// # Errors
/// [`crate::ErrorKind::Usage`] for fewer than 3 or more than 100000 subjects; [`crate::ErrorKind::Input`] where `out` is a
/// file or a folder that holds something, or cannot be written.
pub fn write_volumes(
    out: &Path,
    subjects: u32,
    seed: u64,
    form: Form,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<PhantomVolumes> {
    check_count(subjects)?;
    let done = AtomicUsize::new(0);
    write_folder(out, |folder| {
        (1..=subjects).into_par_iter().try_for_each(|subject| {
            match form {
                Form::Discs => session(folder, subject, seed)?,
                Form::Nifti => nifti(folder, subject, seed)?,
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, subjects as usize);
            Ok(())
        })
    })?;
    Ok(PhantomVolumes { out: out.to_path_buf(), volumes: subjects as usize })
}

/// A session of a disc.
fn session(root: &Path, subject: u32, seed: u64) -> Result<()> {
    let id = format!("OAS1_{subject:04}_MR1");
    let home = PathBuf::from(format!("disc{}", (subject - 1) / ON_DISC + 1)).join(&id);
    let scans = home.join("PROCESSED/MPRAGE/T88_111");
    create_folder_inside(root, &scans)?;
    let stem = root.join(scans).join(format!("{id}_mpr_n4_anon_111_t88_masked_gfc"));
    write_atomic(&stem.with_extension("hdr"), |file| file.write_all(&analyze_header(SHAPE)))?;
    write_atomic(&stem.with_extension("img"), |file| write_voxels(file, subject, seed, false, i16::to_be_bytes))?;
    let age = 60 + subject * 7 % 35;
    write_atomic(&root.join(home).join(format!("{id}.txt")), |file| {
        writeln!(file, "SESSION ID:   {id}\n\nAGE:          {age}\nCDR:          {}", cdr(seed, subject))
    })
}

/// A volume of a tree of NIfTI.
fn nifti(root: &Path, subject: u32, seed: u64) -> Result<()> {
    let below = PathBuf::from(format!("sub-{subject:04}/anat"));
    create_folder_inside(root, &below)?;
    let path = root.join(below).join(format!("sub-{subject:04}_T1w.nii.gz"));
    // The height of position 0 is -3 mm, the middle is the midline, and 20 mm behind nothing.
    let corner = [-87.5, -123.5, -3.0 - FIRST as f32];
    write_atomic(&path, |file| {
        let mut file = GzEncoder::new(file, Compression::fast());
        file.write_all(&nifti_header(SHAPE, corner))?;
        write_voxels(&mut file, subject, seed, true, i16::to_le_bytes)?;
        file.finish().map(drop)
    })
}

/// Writes the numbers of all slices from the lowest up, the rows from the front, or from the back where `backwards`.
fn write_voxels(
    mut file: impl Write,
    subject: u32,
    seed: u64,
    backwards: bool,
    bytes: fn(i16) -> [u8; 2],
) -> io::Result<()> {
    let [width, height, depth] = SHAPE;
    let black = vec![0; 2 * width * height];
    for index in 0..depth {
        let position =
            index.checked_sub(FIRST).and_then(|position| u8::try_from(position).ok()).filter(|p| *p < SLICES);
        let Some(position) = position else {
            file.write_all(&black)?;
            continue;
        };
        // The brain lies in the middle of the frame.
        let picture: Array2<f32> = draw(seed, subject, position);
        let (top, left) = ((picture.nrows() - height) / 2, (picture.ncols() - width) / 2);
        let mut inner = picture.slice(s![top..top + height, left..left + width]);
        if backwards {
            inner.invert_axis(ndarray::Axis(0));
        }
        let numbers: Vec<u8> = inner.iter().flat_map(|value| bytes((value * WHITE).round() as i16)).collect();
        file.write_all(&numbers)?;
    }
    Ok(())
}
