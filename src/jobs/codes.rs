//! Slices to files of codes, and back.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ndarray::{Array2, Array3, ArrayD, Axis};
use ndarray_npy::{ReadNpyExt, WriteNpyExt};
use rayon::prelude::*;

use super::chunks::{Failure, Stream, image, stack};
use super::scores::codes_of;
use crate::data::{SliceFile, grey_image, save_png};
use crate::runtime::Oasis;
use crate::{Error, ErrorKind, Result};

/// Writes the codes of every slice as `NAME.npy` (int64, `[h, w]`) into `out`; gives how many.
///
/// # Errors
/// The engine fails, or `out` cannot be written. Slices that cannot be read are returned instead.
pub fn encode(oasis: &Oasis, stream: &mut Stream<'_>, out: &Path) -> Result<(usize, Vec<Failure>)> {
    let (names, mut failures) = claim_names(stream.files);
    let mut written = 0;
    let unread = stream.run(|frames| {
        crate::fs::create_folder(out)?;
        let codes = oasis.encode(stack(frames).view())?;
        for (index, (file, _)) in frames.iter().enumerate().filter(|(_, (file, _))| names.contains(&file.path)) {
            write_npy(&out.join(format!("{}.npy", stem(&file.path))), &codes_of(codes.view(), index).to_owned())?;
            written += 1;
        }
        Ok(())
    })?;
    failures.extend(unread);
    Ok((written, failures))
}

/// Writes the image of every file of codes as `NAME.png` (256x256) into `out`; gives how many.
///
/// # Errors
/// The engine fails, or `out` cannot be written. Files that are not codes of this model are
/// returned instead.
pub fn decode(
    oasis: &Oasis,
    files: &[PathBuf],
    out: &Path,
    chunk: usize,
    progress: &mut dyn FnMut(usize),
) -> Result<(usize, Vec<Failure>)> {
    let slices: Vec<SliceFile> =
        files.iter().map(|path| SliceFile { path: path.clone(), case: None, position: None }).collect();
    let (names, mut failures) = claim_names(&slices);
    let (mut written, mut done) = (0, 0);
    for files in files.chunks(chunk.max(1)) {
        let mut grids = Vec::new();
        for path in files.iter().filter(|path| names.contains(*path)) {
            match read_codes(oasis, path) {
                Ok(codes) => grids.push((path, codes)),
                Err(error) => failures.push(Failure { path: path.clone(), error }),
            }
        }
        if !grids.is_empty() {
            crate::fs::create_folder(out)?;
            let views: Vec<_> = grids.iter().map(|(_, codes)| codes.view()).collect();
            let codes: Array3<i64> = ndarray::stack(Axis(0), &views).expect("all have the model's grid");
            let images = oasis.decode(codes.view())?;
            grids.par_iter().enumerate().try_for_each(|(index, (path, _))| {
                save_png(&out.join(format!("{}.png", stem(path))), &grey_image(image(&images, index)))
            })?;
            written += grids.len();
        }
        done += files.len();
        progress(done);
    }
    Ok((written, failures))
}

/// Reads codes `[h, w]` or `[1, h, w]` (int64) of this model.
///
/// # Errors
/// Not such a file, another grid, or codes outside 0..K.
pub fn read_codes(oasis: &Oasis, path: &Path) -> Result<Array2<i64>> {
    let sizes = oasis.sizes();
    let [height, width] = sizes.grid;
    let expected = format!("expected int64 codes [{height}, {width}] in 0..{}", sizes.codebook_size);
    let wrong = |why: String| {
        Error::input("cannot read codes", path, format!("{why}, {expected}"))
            .hint("write codes with: oasis encode INPUT --out DIR, with the same bundle")
    };
    let bytes = std::fs::read(path).map_err(|why| Error::input("cannot read codes", path, why))?;
    let codes = ArrayD::<i64>::read_npy(bytes.as_slice()).map_err(|why| wrong(why.to_string()))?;
    let found = format!("found shape {:?}", codes.shape());
    if ![&[height, width][..], &[1, height, width]].contains(&codes.shape()) {
        return Err(wrong(found));
    }
    let codes = codes.into_shape_with_order((height, width)).map_err(|why| wrong(why.to_string()))?;
    match codes.iter().find(|code| !(0..sizes.codebook_size as i64).contains(*code)) {
        Some(code) => Err(wrong(format!("found code {code}"))),
        None => Ok(codes),
    }
}

/// Writes an array as `.npy`, atomically.
fn write_npy(path: &Path, codes: &Array2<i64>) -> Result<()> {
    crate::fs::write_atomic(path, |file| codes.write_npy(file).map_err(std::io::Error::other))
}

/// The name that output files take from an input.
pub(super) fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Inputs whose output names are their own; of several with one name, the first keeps it and the
/// others fail.
pub(super) fn claim_names(files: &[SliceFile]) -> (HashSet<PathBuf>, Vec<Failure>) {
    let mut taken = HashSet::new();
    let (mut names, mut failures) = (HashSet::new(), Vec::new());
    for file in files {
        if taken.insert(stem(&file.path)) {
            names.insert(file.path.clone());
        } else if !names.contains(&file.path) {
            let why = format!("another input is called {} too, and both would write the same files", stem(&file.path));
            let error = Error::new(ErrorKind::Input, "cannot use input", file.path.display(), why)
                .hint("run it by itself, with another --out");
            failures.push(Failure { path: file.path.clone(), error });
        }
    }
    (names, failures)
}
