//! A whole dataset of made-up slices on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use super::noise::seed;
use super::{cdr, draw};
use crate::data::{SLICES, Split, grey_image, save_png, subjects};
use crate::fs::{create_folder, write_atomic};
use crate::random::mix;
use crate::{Error, ErrorKind, Result};

/// Fewest subjects: one a split.
const FEWEST: u32 = 3;
/// Most subjects: case numbers stay readable and the disk survives.
const MOST: u32 = 100_000;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phantoms {
    /// The dataset's folder.
    pub out: PathBuf,
    /// Subjects a split.
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
/// Fewer than 3 or more than 100000 subjects, `out` is a file or a folder with something in it, or writing fails.
pub fn write_dataset(
    out: &Path,
    subjects: u32,
    master: u64,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Phantoms> {
    if !(FEWEST..=MOST).contains(&subjects) {
        return Err(Error::new(
            ErrorKind::Usage,
            "cannot make phantoms",
            format!("{subjects} subjects"),
            format!("expected {FEWEST} to {MOST}, at least one for each split"),
        )
        .hint("use --subjects 10"));
    }
    refuse_used(out)?;
    let folder = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create_folder(folder)?;
    let fail = |error: std::io::Error| {
        Error::input("cannot write phantoms", out, error)
            .hint("choose another folder with --out, with space and the right to write")
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".oasis-phantoms-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let temporary = builder.tempdir_in(folder).map_err(fail)?;
    let splits = assign(master, subjects);
    for split in Split::ALL {
        create_folder(&temporary.path().join(split.folder()))?;
    }
    let total = splits.len() * usize::from(SLICES);
    let done = AtomicUsize::new(0);
    splits.par_iter().try_for_each(|(&case, &split)| {
        (0..SLICES).try_for_each(|position| {
            let name = format!("case_{case:03}_slice_{position}.nii.png");
            let path = temporary.path().join(split.folder()).join(name);
            save_png(&path, &grey_image(draw(master, case, position).view()))?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            Ok::<(), Error>(())
        })
    })?;
    write_atomic(&temporary.path().join(subjects::FILE), |file| {
        use std::io::Write;
        writeln!(file, "case,split,cdr")?;
        for (case, split) in &splits {
            writeln!(file, "{case:03},{split},{}", cdr(master, *case))?;
        }
        Ok(())
    })?;
    std::fs::rename(temporary.path(), out).map_err(fail)?;
    // The folder has its final name: nothing is left to clean up.
    let _ = temporary.keep();
    let mut counts = BTreeMap::new();
    for split in splits.values() {
        *counts.entry(*split).or_insert(0) += 1;
    }
    Ok(Phantoms { out: out.to_path_buf(), subjects: counts, slices: total })
}

fn refuse_used(out: &Path) -> Result<()> {
    if !out.exists() {
        return Ok(());
    }
    let why = match std::fs::read_dir(out).map(|mut entries| entries.next().is_some()) {
        Ok(false) => return Ok(()),
        Ok(true) => "the folder is not empty",
        Err(_) => "it is not a folder that can be listed",
    };
    Err(Error::input("cannot write phantoms", out, why).hint("choose a new folder with --out, or empty this one first"))
}

/// Cases 1 to `subjects`, each with its split; which ones are held out depends on the seed.
fn assign(master: u64, subjects: u32) -> BTreeMap<u32, Split> {
    let held = ((subjects + 5) / 10).max(1) as usize;
    let mut cases: Vec<u32> = (1..=subjects).collect();
    cases.sort_by_key(|&case| mix(seed(&[master, 11, case.into()])));
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
