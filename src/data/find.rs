//! Files and folders to the images that they name.

use std::cmp::Ordering;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::format::Format;
use super::left_out::{LeftOut, Reason};
use super::mark::{made_from_codes, made_from_others};
use super::slice::SliceFile;
use crate::plain::spell;
use crate::{Error, Result};

/// The images that files and folders name, and what was left out of the folders.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Found {
    /// The images, in the order of the inputs.
    pub files: Vec<SliceFile>,
    /// What the folders hold beside them.
    pub left_out: LeftOut,
}

/// The images that `inputs` (files and folders) name, in the order of the inputs.
///
/// A file is taken as it is; reading it later reports what is wrong with it. A folder gives the images directly in it,
/// in natural order (`slice_2` before `slice_10`): every regular file whose first bytes are those of a PNG or a JPEG,
/// whatever its name, and every `*.png`, `*.jpg` or `*.jpeg` in any case of letters, whatever its content. Left out are
/// hidden files (`.name`), backup copies (`name~`), folders inside it, and what was made from another file there
/// (`NAME.recon.png` and `NAME.codes.png` beside `NAME.png`, `NAME.png` beside `NAME.npy`, with this library's mark).
///
/// # Errors
/// [`crate::ErrorKind::Input`] for an input that does not exist, a folder that cannot be listed, or one without images.
pub fn find(inputs: &[PathBuf]) -> Result<Found> {
    let mut found = Found::default();
    for input in inputs {
        let metadata = std::fs::metadata(input).map_err(|error| {
            Error::input("cannot read input", input, why(&error))
                .caused_by(error)
                .hint("name image files, or folders of images")
        })?;
        if metadata.is_dir() {
            let (images, left_out) = list(input)?;
            if images.is_empty() {
                return Err(Error::input("no images", input, left_out.no_images())
                    .hint("name a folder with images directly in it, or the image files"));
            }
            found.files.extend(images.into_iter().map(SliceFile::new));
            found.left_out.join(&left_out);
        } else {
            found.files.push(SliceFile::new(input.clone()));
        }
    }
    Ok(found)
}

/// The images directly in `folder`, in natural order, and what else is in it; may be empty.
pub(super) fn list(folder: &Path) -> Result<(Vec<PathBuf>, LeftOut)> {
    let fail = |error: std::io::Error| {
        Error::input("cannot list folder", folder, why(&error))
            .caused_by(error)
            .hint("check the path and the rights of the folder")
    };
    let (mut images, mut left_out) = (Vec::new(), LeftOut::default());
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        match reason(&path) {
            Some(reason) => left_out.add(reason, &path),
            None => images.push(path),
        }
    }
    images.sort_by_cached_key(|path| Natural(name(path)));
    let made = made_from_others(&images);
    images.retain(|path| {
        let made = made.contains(path) || made_from_codes(path);
        if made {
            left_out.add(Reason::Output, path);
        }
        !made
    });
    Ok((images, left_out))
}

/// Why an entry of a folder is not taken; `None` where it is.
fn reason(path: &Path) -> Option<Reason> {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    if name.starts_with(b".") {
        return Some(Reason::Hidden);
    }
    if name.ends_with(b"~") {
        return Some(Reason::Backup);
    }
    let named = has_image_extension(path);
    // `metadata` follows links; a broken link with an image's name is kept, so that reading it reports it.
    let regular = std::fs::metadata(path).map_or(named, |found| found.is_file());
    if regular && (named || begins_like_image(path)) { None } else { Some(Reason::Other) }
}

fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or folder".to_string(),
        std::io::ErrorKind::PermissionDenied => "no permission to read it".to_string(),
        _ => error.to_string(),
    }
}

fn name(path: &Path) -> String {
    path.file_name().map(spell).unwrap_or_default()
}

fn has_image_extension(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| ["png", "jpg", "jpeg"].iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

fn begins_like_image(path: &Path) -> bool {
    let mut start = [0u8; 8];
    let mut read = 0;
    let Ok(mut file) = crate::fs::open(path) else {
        return false;
    };
    while read < start.len() {
        match file.read(&mut start[read..]) {
            Ok(0) | Err(_) => break,
            Ok(n) => read += n,
        }
    }
    Format::sniff(&start[..read]).is_some()
}

/// A name in natural order.
#[derive(PartialEq, Eq)]
struct Natural(String);

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        natural(&self.0, &other.0)
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares texts with their runs of digits as numbers; where that finds no difference (`1` and `01`), as plain text.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    loop {
        match (x.first(), y.first()) {
            (Some(p), Some(q)) if p.is_ascii_digit() && q.is_ascii_digit() => {
                let (m, rest_x) = split_digits(x);
                let (n, rest_y) = split_digits(y);
                let order = m.len().cmp(&n.len()).then_with(|| m.cmp(n));
                if order.is_ne() {
                    return order;
                }
                (x, y) = (rest_x, rest_y);
            }
            (Some(p), Some(q)) if p == q => (x, y) = (&x[1..], &y[1..]),
            (None, None) => return a.cmp(b),
            _ => return x.first().cmp(&y.first()),
        }
    }
}

/// The leading digits without leading zeros, and the rest.
fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().take_while(|&&byte| byte == b'0').count();
    (&digits[zeros..], rest)
}
