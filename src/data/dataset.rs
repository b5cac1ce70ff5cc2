//! A folder of slices with a folder a split.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::find::{list, natural};
use super::left_out::LeftOut;
use super::slice::{SliceFile, Split};
use super::source::Source;
use super::subjects::{self, Subject};
use crate::digest::{Digest, Sha256, hex};
use crate::{Error, Result};

/// A folder with any of `keras_png_slices_{train,validate,test}`, and perhaps `subjects.csv`.
///
/// Holds names, never pixels.
#[derive(Debug, Clone)]
pub struct Dataset {
    root: PathBuf,
    splits: BTreeMap<Split, Vec<SliceFile>>,
    /// Where the file cannot be used, why; only work that needs it fails.
    subjects: Result<BTreeMap<u32, Subject>>,
    left_out: LeftOut,
}

impl Dataset {
    /// Lists the splits under `root`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`]: `root` is not a folder, none of the three split folders is in it, or a subject has
    /// slices in two splits. A `subjects.csv` that cannot be used is a warning in the log, and an error of
    /// [`Dataset::rated`].
    pub fn open(root: &Path) -> Result<Dataset> {
        let dataset = Self::scan(root)?;
        if let Err(why) = &dataset.subjects {
            tracing::warn!("no dementia classes: {why}");
        }
        if let Some((case, a, b)) = dataset.overlaps().first() {
            return Err(Error::input(
                "subject in two splits",
                root,
                format!("case {case:03} has slices in {a} and in {b}"),
            )
            .hint("keep every subject in one split; `oasis data check` lists them all"));
        }
        Ok(dataset)
    }

    /// [`Dataset::open`] without the check of the splits against each other.
    pub(super) fn scan(root: &Path) -> Result<Dataset> {
        if !root.is_dir() {
            let why = if root.exists() { "it is a file, expected a folder" } else { "no such folder" };
            return Err(Error::input("cannot open dataset", root, why)
                .hint("name the folder that holds keras_png_slices_train and the like"));
        }
        let (mut splits, mut left_out) = (BTreeMap::new(), LeftOut::default());
        for split in Split::ALL {
            let folder = root.join(split.folder());
            if folder.is_dir() {
                let (files, left) = list(&folder)?;
                left_out.join(&left);
                let mut files: Vec<_> = files.into_iter().map(SliceFile::new).collect();
                files.sort_by(order);
                splits.insert(split, files);
            }
        }
        if splits.is_empty() {
            return Err(Error::input(
                "no dataset",
                root,
                "none of keras_png_slices_train, keras_png_slices_validate and keras_png_slices_test is in it",
            )
            .hint("name the folder above the split folders")
            .hint("`oasis data phantom` makes a dataset to try with"));
        }
        let subjects = subjects::read(root);
        Ok(Dataset { root: root.to_path_buf(), splits, subjects, left_out })
    }

    /// The folder it was opened from.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The splits whose folder is there, even if empty.
    pub fn splits(&self) -> impl Iterator<Item = Split> + '_ {
        self.splits.keys().copied()
    }

    /// The slices of a split, sorted by (case, position); files with other names come last, in natural order.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`]: the split's folder is missing or holds no image.
    pub fn split(&self, split: Split) -> Result<&[SliceFile]> {
        let folder = self.root.join(split.folder());
        match self.splits.get(&split) {
            None => {
                let there: Vec<_> = self.splits().map(Split::name).collect();
                Err(Error::input("no such split", &folder, "no such folder")
                    .hint(format!("the dataset has {}", there.join(", "))))
            }
            Some(files) if files.is_empty() => {
                Err(Error::input("empty split", &folder, "the folder holds no PNG or JPEG file")
                    .hint(format!("put slices named case_NNN_slice_M.png into {}", split.folder())))
            }
            Some(files) => Ok(files),
        }
    }

    /// The subjects with slices in a split; none where the split is missing.
    pub fn cases(&self, split: Split) -> BTreeSet<u32> {
        self.files(split).filter_map(|file| file.case).collect()
    }

    /// The dementia class of a subject, from its rating in `subjects.csv` ([`super::dementia_class`]). `None` where the
    /// file, the row or the rating is missing, or the file cannot be used ([`Dataset::rated`]).
    pub fn class(&self, case: u32) -> Option<u8> {
        self.subjects.as_ref().ok()?.get(&case)?.class
    }

    /// Checks that `subjects.csv`, where there is one, can be used: for work whose results depend on dementia classes.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the file and what is wrong with it.
    pub fn rated(&self) -> Result<()> {
        self.subjects.as_ref().map(|_| ()).map_err(Error::clone)
    }

    /// What the folders of the splits hold beside the slices.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// `subjects.csv`, whether it is there or not.
    pub fn subjects_file(&self) -> PathBuf {
        self.root.join(subjects::FILE)
    }

    /// SHA-256, in hex, over the names and contents of the slices of `splits`.
    ///
    /// The splits are taken in the order train, validate, test and once each, the files by name (byte order); each adds
    /// `SPLIT/NAME`, a zero byte, its length (8 bytes, little endian) and its bytes. Neither the place of the dataset
    /// nor the order of `splits` matters.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`]: a split is missing or empty, or a file cannot be read.
    pub fn digest(&self, splits: &[Split]) -> Result<String> {
        let mut hash = Sha256::new();
        for split in splits.iter().collect::<BTreeSet<_>>() {
            let mut files: Vec<_> = self.split(*split)?.iter().collect();
            files.sort_by_key(|file| file.file_name());
            for file in files {
                let Source { bytes, .. } = Source::read(&file.path)?;
                hash.update(format!("{split}/{}\0", file.file_name()));
                hash.update((bytes.len() as u64).to_le_bytes());
                hash.update(&bytes);
            }
        }
        Ok(hex(hash))
    }

    /// Subjects with slices in two splits, as (case, split, split).
    pub(super) fn overlaps(&self) -> Vec<(u32, Split, Split)> {
        let mut home: BTreeMap<u32, Split> = BTreeMap::new();
        let mut overlaps = BTreeSet::new();
        for split in self.splits() {
            for case in self.cases(split) {
                match home.get(&case) {
                    Some(&first) => {
                        overlaps.insert((case, first, split));
                    }
                    None => {
                        home.insert(case, split);
                    }
                }
            }
        }
        overlaps.into_iter().collect()
    }

    /// The slices of a split; none where the split is missing.
    pub(super) fn files(&self, split: Split) -> impl Iterator<Item = &SliceFile> {
        self.splits.get(&split).into_iter().flatten()
    }

    /// The rows of `subjects.csv`; none where it cannot be used.
    pub(super) fn subjects(&self) -> &BTreeMap<u32, Subject> {
        static NONE: BTreeMap<u32, Subject> = BTreeMap::new();
        self.subjects.as_ref().unwrap_or(&NONE)
    }
}

/// The order of slices in a split: by case, then position; those without come last, by name in natural order.
pub(crate) fn order(a: &SliceFile, b: &SliceFile) -> std::cmp::Ordering {
    let key = |file: &SliceFile| (file.case.is_none(), file.case, file.position.is_none(), file.position);
    key(a).cmp(&key(b)).then_with(|| natural(&a.file_name(), &b.file_name()))
}
