//! Slices to files of codes, and back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ndarray::{Array2, ArrayView2, Axis};

use super::npy;
use super::ordered::ordered;
use super::scores::codes_of;
use super::stream::{Ended, Failure, Slice, Stream, stack};
use crate::bundle::Role;
use crate::data::{grey_image, save_inside};
use crate::runtime::{Oasis, image_at};
use crate::{Error, Result};

/// Larger files of codes are refused: 8 MiB, a million codes, where models have a thousand.
const MAX_FILE: u64 = 8 << 20;

/// What was encoded.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Encoded {
    /// Files of codes that were written.
    pub written: usize,
    /// Of each slice, its name and the prior's bits a code; empty unless likelihoods were asked for.
    pub bits_per_code: Vec<(String, f64)>,
}

/// Writes the codes of every slice as `NAME.npy` (int64, `[h, w]`) into `out`.
///
/// With `likelihood`, also `likelihood.csv`: the prior's bits a code of each slice. The prior is told the slice's position
/// where the file's name has it, and never the dementia class.
///
/// # Errors
/// Those of the engine; [`crate::ErrorKind::Input`] where `out` cannot be written, or where `likelihood` is set and the
/// bundle has no prior. Slices that cannot be read are returned as failures.
pub fn encode(oasis: &Oasis, stream: &mut Stream<'_>, out: &Path, likelihood: bool) -> Result<(Encoded, Ended)> {
    let (files, failures) = claim_names(stream.files, |file| &file.path);
    let words = &oasis.bundle().manifest().condition;
    if likelihood {
        oasis.load(&Role::Prior)?;
    }
    let mut encoded = Encoded::default();
    let work = |slices: &[Slice<'_>]| {
        crate::fs::create_folder(out)?;
        let codes = oasis.encode(stack(slices)?.view())?;
        let position = |index: usize| slices[index].0.position.map_or(words.slice_any, i64::from);
        let condition =
            Array2::from_shape_fn((slices.len(), 2), |(index, axis)| [position(index), words.class_any][axis]);
        let bits = if likelihood { Some(oasis.bits_per_code(codes.view(), condition.view())?) } else { None };
        let write = |(index, (file, _)): (usize, &Slice<'_>)| {
            let name = stem(&file.path);
            write_codes(&out.join(format!("{name}.npy")), codes_of(codes.view(), index))?;
            Ok(bits.as_ref().map(|bits| (name, bits[index])))
        };
        slices.iter().enumerate().map(write).collect()
    };
    let mut ended = stream.run(&files, oasis.engine().best_batch(), work, |bits| {
        encoded.written += 1;
        encoded.bits_per_code.extend(bits);
        Ok(())
    })?;
    ended.failures.splice(0..0, failures);
    if !encoded.bits_per_code.is_empty() {
        let mut text = "name,bits_per_code\n".to_owned();
        encoded.bits_per_code.iter().for_each(|(name, bits)| text.push_str(&format!("{name},{bits}\n")));
        crate::fs::write_inside(&out.join("likelihood.csv"), |file| file.write_all(text.as_bytes()))?;
    }
    Ok((encoded, ended))
}

/// Decodes every file of codes to `NAME.png` (256x256) in `out`, and gives the number of images. `workers` files are in
/// work at once. Once `stop` is set, no further file is begun. `progress` is called with the number of files done.
///
/// # Errors
/// Those of the engine; [`crate::ErrorKind::Input`] where `out` cannot be written. Files that do not hold codes of this
/// model are returned as failures.
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
            Err(error) => return Ok(Some(Failure::new(path, error))),
        };
        crate::fs::create_folder(out)?;
        let images = oasis.decode(codes.insert_axis(Axis(0)).view())?;
        save_inside(&out.join(format!("{}.png", stem(path))), grey_image(image_at(&images, 0)).view())?;
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
/// [`crate::ErrorKind::Input`] where the file cannot be read, is of another type or shape, or holds codes outside 0..K.
pub fn read_codes(oasis: &Oasis, path: &Path) -> Result<Array2<i64>> {
    let sizes = oasis.sizes();
    let [height, width] = sizes.grid;
    let expected = format!("expected int64 codes [{height}, {width}] in 0..{}", sizes.codebook_size);
    let wrong = |why: String| {
        Error::input("cannot read codes", path, format!("{why}, {expected}"))
            .hint("`oasis encode` writes such files; use the same bundle for both")
    };
    let bytes = crate::fs::read(path, MAX_FILE).map_err(|error| {
        Error::input("cannot read codes", path, format!("{error}, {expected}"))
            .hint("`oasis encode` writes such files")
            .caused_by(error)
    })?;
    let codes = npy::read(&bytes).map_err(wrong)?;
    let found = format!("found shape {:?}", codes.shape());
    if ![&[height, width][..], &[1, height, width]].contains(&codes.shape()) {
        return Err(wrong(found));
    }
    // A file may be in Fortran's order.
    let codes =
        codes.to_shape((height, width)).map_err(|error| wrong(error.to_string()).caused_by(error))?.into_owned();
    match codes.iter().find(|code| !(0..sizes.codebook_size as i64).contains(*code)) {
        Some(code) => Err(wrong(format!("found code {code}"))),
        None => Ok(codes),
    }
}

/// Writes codes `[h, w]` as `.npy` (int64).
pub(super) fn write_codes(path: &Path, codes: ArrayView2<'_, i64>) -> Result<()> {
    crate::fs::write_inside(path, |file| npy::write(codes, file))
}

/// The name that output files take from an input.
pub(super) fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Inputs that each write files of their own. Of several inputs with one name, the first is kept and the others are
/// failures. An input that is given twice is kept once.
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
                let error =
                    Error::input("cannot use input", path, why).hint("run it by itself, with another folder for `out`");
                failures.push(Failure::new(path, error));
            }
        }
    }
    (claimed, failures)
}
