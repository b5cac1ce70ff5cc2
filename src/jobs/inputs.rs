//! The slices that a command is given.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::stream::Failure;
use crate::Result;
use crate::data::{Found, LeftOut, SliceFile, find, is_volume_name, is_voxels_name, made_from_others};
use crate::fs::identity;

/// What the inputs of a command come to.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Inputs {
    /// The slices, in the order of the inputs and each once.
    pub files: Vec<SliceFile>,
    /// Inputs that cannot be found.
    pub failures: Vec<Failure>,
    /// What folders hold beside slices, and inputs that name a file that is there already.
    pub left_out: LeftOut,
}

/// The slices that files and folders name ([`find`]), in the order of the inputs. A file that several paths lead to is
/// taken once, by the first. Where there are several inputs, one that cannot be found is returned as a failure beside the
/// slices of the others. What was made from another input by this library (`NAME.recon.png` beside `NAME.png`) is left
/// out.
///
/// # Errors
/// Those of [`find`], where there is one input.
pub fn find_each(inputs: &[PathBuf]) -> Result<Inputs> {
    let mut all = Inputs::default();
    for input in inputs {
        match find(std::slice::from_ref(input)) {
            Ok(Found { files, left_out, .. }) => {
                all.files.extend(files);
                all.left_out.join(&left_out);
            }
            Err(error) if inputs.len() == 1 => return Err(error),
            Err(error) => all.failures.push(Failure::new(input, error)),
        }
    }
    if inputs.len() > 1 {
        let paths: Vec<PathBuf> = all.files.iter().map(|file| file.path.clone()).collect();
        let made = made_from_others(&paths);
        all.files.retain(|file| {
            let made = made.contains(&file.path);
            if made {
                all.left_out.add_output(&file.path);
            }
            !made
        });
    }
    keep_one(&mut all.files, |file| &file.path, &mut all.left_out);
    Ok(all)
}

/// The volumes among files and folders, and the inputs that are none. A folder gives the volumes directly in it where no
/// image is; the halves of pairs are one volume, by their headers. What was made of a volume (`NAME.recon.nii.gz`) is left
/// out of folders.
pub fn find_volumes(inputs: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut volumes, mut others) = (Vec::new(), Vec::new());
    for input in inputs {
        let inside =
            if input.is_dir() && find(std::slice::from_ref(input)).is_err() { volumes_in(input) } else { Vec::new() };
        if !inside.is_empty() {
            volumes.extend(inside);
        } else if is_volume_name(input) && !input.is_dir() {
            volumes.push(input.clone());
        } else {
            others.push(input.clone());
        }
    }
    keep_one(&mut volumes, |path| path, &mut LeftOut::default());
    (volumes, others)
}

/// The volumes directly in a folder, by name.
fn volumes_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut volumes: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| is_volume_name(path)).collect();
    volumes.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && !name.ends_with(".recon.nii.gz") && (!is_voxels_name(path) || lonely(path))
    });
    volumes.sort();
    volumes
}

/// Whether the header of a file of voxels is not beside it.
fn lonely(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.to_ascii_lowercase().find(".img").map_or(&*name, |at| &name[..at]);
    !["hdr", "HDR", "hdr.gz"].iter().any(|end| path.with_file_name(format!("{stem}.{end}")).exists())
}

/// Files of codes without those that another path names already; tells what was left out.
pub fn each_once(mut files: Vec<PathBuf>) -> (Vec<PathBuf>, LeftOut) {
    let mut left_out = LeftOut::default();
    keep_one(&mut files, |path| path, &mut left_out);
    (files, left_out)
}

/// Keeps the first of the paths that lead to one file. A path that leads to none is kept.
fn keep_one<T>(files: &mut Vec<T>, path: impl Fn(&T) -> &PathBuf, left_out: &mut LeftOut) {
    let mut seen = HashSet::new();
    files.retain(|file| {
        let first = identity(path(file)).is_none_or(|file| seen.insert(file));
        if !first {
            left_out.repeat();
        }
        first
    });
}
