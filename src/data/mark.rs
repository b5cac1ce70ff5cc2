//! The mark of pictures that are made from another file: a text in the PNG, `Software: oasis`.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The key and the value of the text.
pub(super) const MARK: (&str, &str) = ("Software", "oasis");
/// The mark lies in the first bytes of a file, after the size of the picture.
const WITHIN: u64 = 128;
/// What the names of pictures that stand beside a slice end with.
const BESIDE: [&str; 2] = [".recon.png", ".codes.png"];

/// Whether the file is a picture with the mark.
pub(crate) fn is_marked(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = crate::fs::open(path).and_then(|file| file.take(WITHIN).read_to_end(&mut start));
    let chunk = [b"tEXt", MARK.0.as_bytes(), b"\0", MARK.1.as_bytes()].concat();
    read.is_ok() && start.starts_with(b"\x89PNG") && start.windows(chunk.len()).any(|bytes| bytes == chunk)
}

/// Whether the file is a picture with the mark that was made from the codes beside it: `NAME.png` beside `NAME.npy`.
pub(super) fn made_from_codes(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "png") && file.with_extension("npy").is_file() && is_marked(file)
}

/// The paths in `files` of pictures with the mark that were made from another one of `files`: `NAME.recon.png` and
/// `NAME.codes.png` where `NAME` with any ending is there, in the same folder.
pub(crate) fn made_from_others(files: &[PathBuf]) -> HashSet<PathBuf> {
    let mut named = HashSet::new();
    for file in files {
        let folder = file.parent();
        named.extend(file.file_name().map(|name| (folder, name)));
        named.extend(file.file_stem().map(|name| (folder, name)));
    }
    let stands_beside = |file: &PathBuf| {
        let name = file.file_name().and_then(OsStr::to_str);
        let original = name.and_then(|name| BESIDE.iter().find_map(|end| name.strip_suffix(end)));
        original.is_some_and(|original| named.contains(&(file.parent(), OsStr::new(original))))
    };
    files.iter().filter(|file| stands_beside(file) && is_marked(file)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::save::{save_made, save_png};

    #[test]
    fn pictures_beside_what_they_are_made_from() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let picture = Array2::from_elem((2, 2), 7_u8);
        let plain = ["a.png", "b.jpg", "c.recon.png", "d.png", "d.recon.png"];
        let marked = ["a.recon.png", "b.codes.png", "b.jpg.recon.png", "lonely.recon.png", "e.png", "f.png"];
        plain.iter().for_each(|name| save_png(&at(name), picture.view()).unwrap());
        marked.iter().for_each(|name| save_made(&at(name), picture.view()).unwrap());
        std::fs::write(at("e.npy"), "").unwrap();
        std::fs::write(at("d.npy"), "").unwrap();
        assert!(plain.iter().all(|name| !is_marked(&at(name))) && marked.iter().all(|name| is_marked(&at(name))));
        assert!(!is_marked(&at("none")) && !is_marked(folder.path()));
        let files: Vec<_> = plain.iter().chain(&marked).map(|name| at(name)).collect();
        let expected = ["a.recon.png", "b.codes.png", "b.jpg.recon.png"].map(at);
        assert_eq!(made_from_others(&files), expected.into());
        let codes: Vec<_> = files.iter().filter(|file| made_from_codes(file)).collect();
        assert_eq!(codes, [&at("e.png")]);
    }
}
