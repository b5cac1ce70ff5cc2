//! A whole dataset of made-up slices on disk.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use super::anatomy::cdr;
use super::noise::seed as seed_of;
use super::paint::draw;
use crate::data::frame::grey_image;
use crate::data::save::save_inside;
use crate::data::slice::{SLICES, Split};
use crate::data::subjects;
use crate::fs::{create_folder_inside, write_folder, write_inside};
use crate::random::mix;
use crate::{Error, ErrorKind, Result, Subject};

/// Fewest subjects: one for each split.
const FEWEST: u32 = 3;
/// Most subjects: 3.2 million files.
const MOST: u32 = 100_000;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Phantoms {
    /// The dataset's folder.
    #[serde(serialize_with = "crate::plain::text_of::path")]
    pub out: PathBuf,
    /// The number of subjects in each split.
    pub subjects: BTreeMap<Split, usize>,
    /// Slices in all.
    pub slices: usize,
}

/// Writes `subjects` made-up subjects of 32 slices each to the new folder `out`: `case_NNN_slice_M.nii.png`, 8-bit grey
/// 256x256, in the three split folders (80/10/10 by subject, at least one in each), and `subjects.csv`.
///
/// The folder appears when all is written, or not at all. The same `seed` gives the same files. `progress` is called
/// with (slices done, slices in all), from several threads.
///
/// # Errors
/// [`ErrorKind::Usage`] for fewer than 3 or more than 100000 subjects; [`ErrorKind::Input`] where `out` is a file or a
/// folder that holds something, or cannot be written.
pub fn write_dataset(
    out: &Path,
    subjects: u32,
    seed: u64,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Phantoms> {
    check_count(subjects)?;
    let splits = assign(seed, subjects);
    let total = splits.len() * usize::from(SLICES);
    write_folder(out, |folder| {
        write_slices(folder, &splits, seed, &|done| progress(done, total))?;
        write_inside(&folder.join(subjects::FILE), |file| {
            writeln!(file, "case,split,cdr")?;
            splits.iter().try_for_each(|(case, split)| writeln!(file, "{case:03},{split},{}", cdr(seed, *case)))
        })
    })?;
    let mut counts = BTreeMap::new();
    for split in splits.values() {
        *counts.entry(*split).or_insert(0) += 1;
    }
    Ok(Phantoms { out: out.to_path_buf(), subjects: counts, slices: total })
}

/// Checks that so many subjects can be made up.
///
/// # Errors
/// [`ErrorKind::Usage`] for fewer than 3 or more than 100000.
pub(super) fn check_count(subjects: u32) -> Result<()> {
    if (FEWEST..=MOST).contains(&subjects) {
        return Ok(());
    }
    let why = format!("found {subjects}, expected {FEWEST} to {MOST}");
    Err(Error::new(ErrorKind::Usage, "cannot make phantoms", Subject::setting("subjects"), why)
        .hint("each split needs at least one subject; set `subjects` to 10"))
}

/// Draws every slice into the split folders below `folder`; `progress` is told how many are done.
fn write_slices(
    folder: &Path,
    splits: &BTreeMap<u32, Split>,
    seed: u64,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<()> {
    for split in Split::ALL {
        create_folder_inside(folder, Path::new(split.folder()))?;
    }
    let done = AtomicUsize::new(0);
    splits.par_iter().try_for_each(|(&case, &split)| {
        (0..SLICES).try_for_each(|position| {
            let name = format!("case_{case:03}_slice_{position}.nii.png");
            let path = folder.join(split.folder()).join(name);
            save_inside(&path, grey_image(draw(seed, case, position).view()).view())?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            Ok(())
        })
    })
}

/// Cases 1 to `subjects`, each with its split. The seed decides which are held out.
fn assign(seed: u64, subjects: u32) -> BTreeMap<u32, Split> {
    let held = ((subjects + 5) / 10).max(1) as usize;
    let mut cases: Vec<u32> = (1..=subjects).collect();
    cases.sort_by_key(|&case| mix(seed_of(&[seed, 11, case.into()])));
    cases
        .into_iter()
        .enumerate()
        .map(|(rank, case)| {
            let split = match rank / held {
                0 => Split::Test,
                1 => Split::Validate,
                _ => Split::Train,
            };
            (case, split)
        })
        .collect()
}
