//! Slices to files of codes, and back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ndarray::{Array2, ArrayD, Axis};
use ndarray_npy::{ReadNpyExt, WriteNpyExt};

use super::ordered::ordered;
use super::scores::codes_of;
use super::stream::{Ended, Failure, Slice, Stream, image, stack};
use crate::data::{grey_image, save_png};
use crate::runtime::Oasis;
use crate::{Error, ErrorKind, Result};

/// Writes the codes of every slice as `NAME.npy` (int64, `[h, w]`) into `out`; gives how many.
///
/// # Errors
/// The engine fails, or `out` cannot be written. Slices that cannot be read are returned instead.
pub fn encode(oasis: &Oasis, stream: &mut Stream<'_>, out: &Path) -> Result<(usize, Ended)> {
    let (files, failures) = claim_names(stream.files, |file| &file.path);
    let mut written = 0;
    let work = |slices: &[Slice<'_>]| {
        crate::fs::create_folder(out)?;
        let codes = oasis.encode(stack(slices).view())?;
        let write = |(index, (file, _)): (usize, &Slice<'_>)| {
            write_npy(&out.join(format!("{}.npy", stem(&file.path))), &codes_of(codes.view(), index).to_owned())
        };
        slices.iter().enumerate().map(write).collect()
    };
    let mut ended = stream.run(&files, oasis.engine().best_batch(), work, |()| {
        written += 1;
        Ok(())
    })?;
    ended.failures.splice(0..0, failures);
    Ok((written, ended))
}

/// Writes the image of every file of codes as `NAME.png` (256x256) into `out`; gives how many. `workers` files are in
/// work at once; once `stop` is set, no further one is begun.
///
/// # Errors
/// The engine fails, or `out` cannot be written. Files that are not codes of this model are returned instead.
pub fn decode(
    oasis: &Oasis,
    files: &[PathBuf],
    out: &Path,
    workers: usize,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(usize),
) -> Result<(usize, Ended)> {
    let (files, mut failures) = claim_names(files, |path| path);
    let (mut written, mut done) = (0, 0);
    let one = |path: &PathBuf| -> Result<Option<Failure>> {
        let codes = match read_codes(oasis, path) {
            Ok(codes) => codes,
            Err(error) => return Ok(Some(Failure { path: path.clone(), error })),
        };
        crate::fs::create_folder(out)?;
        let images = oasis.decode(codes.insert_axis(Axis(0)).view())?;
        save_png(&out.join(format!("{}.png", stem(path))), &grey_image(image(&images, 0)))?;
        Ok(None)
    };
    ordered(&files, workers, stop, one, |result| {
        match result? {
            Some(failure) => failures.push(failure),
            None => written += 1,
        }
        done += 1;
        progress(done);
        Ok(())
    })?;
    Ok((written, Ended { failures, interrupted: done < files.len() }))
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

/// Inputs whose output names are their own; of several with one name, the first keeps it and the others fail. An input
/// that is given twice is taken once.
pub(super) fn claim_names<T: Clone>(files: &[T], path: impl Fn(&T) -> &PathBuf) -> (Vec<T>, Vec<Failure>) {
    let mut taken = HashMap::new();
    let (mut claimed, mut failures) = (Vec::new(), Vec::new());
    for file in files {
        let path = path(file);
        match taken.entry(stem(path)) {
            Entry::Vacant(entry) => {
                entry.insert(path.clone());
                claimed.push(file.clone());
            }
            Entry::Occupied(entry) if entry.get() == path => {}
            Entry::Occupied(entry) => {
                let why = format!("another input is called {} too, and both would write the same files", entry.key());
                let error = Error::new(ErrorKind::Input, "cannot use input", path.display(), why)
                    .hint("run it by itself, with another --out");
                failures.push(Failure { path: path.clone(), error });
            }
        }
    }
    (claimed, failures)
}
