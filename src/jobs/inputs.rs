//! The slices that a command is given.

use std::collections::HashSet;
use std::path::PathBuf;

use super::stream::Failure;
use crate::Result;
use crate::data::{Found, LeftOut, SliceFile, find, made_from_others};
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
