//! The slices that a command is given.

use std::collections::HashSet;
use std::path::PathBuf;

use super::stream::Failure;
use crate::Result;
use crate::data::{SliceFile, find};

/// The slices that files and folders name ([`find`]), in the order of the inputs and each once. Where there are several
/// inputs, one that cannot be found is returned as a failure beside the slices of the others.
///
/// # Errors
/// Those of [`find`], where there is one input.
pub fn find_each(inputs: &[PathBuf]) -> Result<(Vec<SliceFile>, Vec<Failure>)> {
    if inputs.len() == 1 {
        return Ok((find(inputs)?, Vec::new()));
    }
    let (mut files, mut failures) = (Vec::<SliceFile>::new(), Vec::new());
    let mut seen = HashSet::new();
    for input in inputs {
        match find(std::slice::from_ref(input)) {
            Ok(found) => files.extend(found.into_iter().filter(|file| seen.insert(file.path.clone()))),
            Err(error) => failures.push(Failure::new(input, error)),
        }
    }
    Ok((files, failures))
}
