//! The files of a volume: opened without waiting, inflated as they are read, and hashed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::digest::{Digest, Sha256, hex};
use crate::fs;

/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file that is read from its beginning, inflated where it is compressed by gzip.
pub(super) struct Source {
    inner: Inner,
    /// Its length, where it is not compressed.
    pub length: Option<u64>,
}

enum Inner {
    Plain(BufReader<Hashing>),
    Gzip(Box<BufReader<MultiGzDecoder<BufReader<Hashing>>>>),
}

impl Source {
    /// Opens a regular file; by its first bytes it is known whether it is compressed.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = fs::open(path)?;
        let length = file.metadata()?.len();
        let mut start = BufReader::with_capacity(1 << 16, Hashing { file, hash: Sha256::new() });
        let gzip = io::BufRead::fill_buf(&mut start)?.starts_with(&GZIP);
        Ok(if gzip {
            let inflated = BufReader::with_capacity(1 << 16, MultiGzDecoder::new(start));
            Self { inner: Inner::Gzip(Box::new(inflated)), length: None }
        } else {
            Self { inner: Inner::Plain(start), length: Some(length) }
        })
    }

    /// Reads up to `most` bytes.
    pub fn start(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The SHA-256 of the file's bytes, in hex, once all of them are read.
    pub fn digest(self) -> String {
        let hashing = match self.inner {
            Inner::Plain(reader) => reader.into_inner(),
            Inner::Gzip(reader) => reader.into_inner().into_inner().into_inner(),
        };
        hex(hashing.hash)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Plain(reader) => reader.read(buffer),
            Inner::Gzip(reader) => reader.read(buffer),
        }
    }
}

/// A file whose bytes are hashed as they are read.
struct Hashing {
    file: File,
    hash: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

/// What the names of volumes end with, in any case of letters.
const ENDS: [&str; 6] = [".nii", ".nii.gz", ".hdr", ".img", ".hdr.gz", ".img.gz"];
/// The two files of a pair.
const TWINS: [(&str, &str); 2] = [(".hdr", ".img"), (".hdr.gz", ".img.gz")];

/// The name without what tells that it is a volume, and that end; `None` for other names.
pub(in crate::data) fn split_name(name: &str) -> Option<(&str, &str)> {
    let ends = |end: &&&str| {
        let at = name.len().checked_sub(end.len());
        at.is_some_and(|at| at > 0 && name.is_char_boundary(at) && name[at..].eq_ignore_ascii_case(end))
    };
    let end = ENDS.iter().filter(ends).max_by_key(|end| end.len())?;
    Some(name.split_at(name.len() - end.len()))
}

/// Whether a file is named as a volume is, or as the half of one that has the voxels.
pub fn is_volume_name(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| split_name(name).is_some())
}

/// The name of a volume without what tells that it is one; `None` for other names.
pub(crate) fn volume_stem(path: &Path) -> Option<&str> {
    path.file_name()?.to_str().and_then(split_name).map(|(stem, _)| stem)
}

/// Whether a file is named as the half of a volume that has the voxels (`.img`).
pub(crate) fn is_voxels_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.and_then(split_name).is_some_and(|(_, end)| TWINS.iter().any(|(_, voxels)| end.eq_ignore_ascii_case(voxels)))
}

/// The file with the header and that with the voxels, of which `path` is one; both are `path` where it is named as a
/// volume in one file. Of two spellings of the twin's name, the one that is there is taken.
pub(super) fn pair(path: &Path) -> (PathBuf, PathBuf) {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((stem, end)) = split_name(name) else {
        return (path.to_owned(), path.to_owned());
    };
    let twin = |of: fn(&(&'static str, &'static str)) -> (&'static str, &'static str)| {
        let (_, wanted) = TWINS.iter().map(of).find(|(own, _)| own.eq_ignore_ascii_case(end))?;
        let zipped = if wanted.ends_with(".gz") { wanted[..4].to_owned() } else { format!("{wanted}.gz") };
        let names = [wanted.to_owned(), wanted.to_ascii_uppercase(), zipped];
        let mut paths = names.map(|end| path.with_file_name(format!("{stem}{end}")));
        let there = paths.iter().position(|path| path.exists()).unwrap_or(0);
        Some(std::mem::take(&mut paths[there]))
    };
    if let Some(voxels) = twin(|(header, voxels)| (header, voxels)) {
        return (path.to_owned(), voxels);
    }
    let header = twin(|(header, voxels)| (voxels, header)).unwrap_or_else(|| path.to_owned());
    (header, path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_twins() {
        assert_eq!(split_name("a.nii.gz"), Some(("a", ".nii.gz")));
        assert_eq!(split_name("a.b.NII"), Some(("a.b", ".NII")));
        assert_eq!(split_name(".nii"), None);
        assert_eq!(split_name("a.nii.png"), None);
        assert_eq!(split_name("\u{e9}.hdr"), Some(("\u{e9}", ".hdr")));
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert_eq!(pair(&at("a.nii")), (at("a.nii"), at("a.nii")));
        assert_eq!(pair(&at("a.hdr")), (at("a.hdr"), at("a.img")));
        assert_eq!(pair(&at("a.img")), (at("a.hdr"), at("a.img")));
        std::fs::write(at("b.img.gz"), "").unwrap();
        std::fs::write(at("C.IMG"), "").unwrap();
        assert_eq!(pair(&at("b.hdr")), (at("b.hdr"), at("b.img.gz")));
        assert_eq!(pair(&at("C.HDR")), (at("C.HDR"), at("C.IMG")));
        assert!(is_voxels_name(&at("a.img.gz")) && !is_voxels_name(&at("a.hdr")));
        assert!(is_volume_name(&at("a.hdr")) && !is_volume_name(&at("a.png")));
    }
}
