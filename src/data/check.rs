//! The health of a dataset: what is in it, and everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::frame::read;
use super::slice::parse;
use super::{Dataset, FRAME, Fit, Frame, SLICES, SliceFile, Split};
use crate::Result;

/// What [`Dataset::check`] found.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// The dataset's folder.
    pub root: PathBuf,
    /// No problem; warnings do not count.
    pub ok: bool,
    /// What each split holds, in the order train, validate, test; splits without a folder are left out.
    pub splits: Vec<SplitCount>,
    /// What makes the dataset unfit.
    pub problems: Vec<Finding>,
    /// What is worth knowing and may be meant.
    pub warnings: Vec<Finding>,
}

/// What a split holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SplitCount {
    /// Which one.
    pub split: Split,
    /// Image files.
    pub slices: usize,
    /// Subjects among them.
    pub subjects: usize,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What sort of thing.
    pub kind: FindingKind,
    /// The file, subject or folder it is about.
    pub subject: String,
    /// What was found, and what was expected.
    pub why: String,
}

/// The sorts of [`Finding`]; in JSON `subject-in-two-splits` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Problem: a subject has slices in two splits.
    SubjectInTwoSplits,
    /// Problem: a slice of a subject is there twice, perhaps as PNG and as JPEG.
    DuplicateSlice,
    /// Problem: two files are the same byte for byte.
    DuplicateFile,
    /// Problem: two files differ but show the same picture.
    DuplicatePicture,
    /// Problem: a file cannot be decoded.
    Unreadable,
    /// Problem: a picture is larger than the frame.
    TooLarge,
    /// Problem: a slice number above 31.
    BadNumber,
    /// Problem: `subjects.csv` puts a subject in another split than its folder does.
    SplitDisagrees,
    /// Problem: a split's folder holds no image.
    EmptySplit,
    /// Warning: a subject lacks some of its 32 slices.
    MissingSlices,
    /// Warning: a file not named `case_NNN_slice_M`, so that its subject is unknown.
    OtherName,
    /// Warning: a picture of another size than most.
    OddSize,
    /// Warning: a picture without anything in it.
    Blank,
    /// Warning: a subject without a row in `subjects.csv`, where there is that file.
    NotInSubjects,
}

/// What reading one file gave.
struct Seen<'a> {
    split: Split,
    file: &'a SliceFile,
    bytes: Option<[u8; 32]>,
    picture: Option<Picture>,
    error: Option<String>,
}

struct Picture {
    hash: [u8; 32],
    size: (u32, u32),
    blank: bool,
}

impl Dataset {
    /// Reads every slice of every split and reports what is there and all that is wrong with it.
    ///
    /// Pictures are compared by content: byte for byte, and as decoded frames.
    ///
    /// # Errors
    /// Only when nothing can be said at all: no dataset at `root`, or a `subjects.csv` that does not parse.
    pub fn check(root: &Path) -> Result<CheckReport> {
        Self::check_with(root, &|_, _| {})
    }

    /// [`Dataset::check`], calling `progress` with (files read, files in all) from several threads.
    ///
    /// # Errors
    /// As [`Dataset::check`].
    pub fn check_with(
        root: &Path,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<CheckReport> {
        let dataset = Dataset::scan(root)?;
        let files: Vec<_> = dataset
            .splits()
            .flat_map(|split| dataset.files(split).map(move |file| (split, file)))
            .collect();
        let done = AtomicUsize::new(0);
        let seen: Vec<_> = files
            .par_iter()
            .map(|&(split, file)| {
                let seen = look(split, file);
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
                seen
            })
            .collect();
        let mut problems = splits_apart(&dataset);
        problems.extend(each_file(&seen));
        problems.extend(duplicates(&seen));
        let warnings = curious(&dataset, &seen);
        Ok(CheckReport {
            root: root.to_path_buf(),
            ok: problems.is_empty(),
            splits: dataset
                .splits()
                .map(|split| SplitCount {
                    split,
                    slices: dataset.files(split).count(),
                    subjects: dataset.cases(split).len(),
                })
                .collect(),
            problems,
            warnings,
        })
    }
}

fn look(split: Split, file: &SliceFile) -> Seen<'_> {
    let mut seen = Seen {
        split,
        file,
        bytes: None,
        picture: None,
        error: None,
    };
    let frame = read(&file.path).and_then(|bytes| {
        seen.bytes = Some(Sha256::digest(&bytes).into());
        Frame::from_bytes(&bytes, &file.path, Fit::Resize)
    });
    match frame {
        Ok(frame) => {
            let mut hash = Sha256::new();
            for value in &frame.pixels {
                hash.update(value.to_le_bytes());
            }
            seen.picture = Some(Picture {
                hash: hash.finalize().into(),
                size: frame.source_size(),
                blank: frame.pixels.iter().all(|&value| value == 0.0),
            });
        }
        Err(error) => seen.error = Some(error.why().to_string()),
    }
    seen
}

fn finding(kind: FindingKind, subject: impl Into<String>, why: impl Into<String>) -> Finding {
    Finding {
        kind,
        subject: subject.into(),
        why: why.into(),
    }
}

/// Subjects and folders.
fn splits_apart(dataset: &Dataset) -> Vec<Finding> {
    let mut found = Vec::new();
    for (case, a, b) in dataset.overlaps() {
        found.push(finding(
            FindingKind::SubjectInTwoSplits,
            format!("case {case:03}"),
            format!("it has slices in {a} and in {b}, expected one split"),
        ));
    }
    for split in dataset.splits() {
        if dataset.files(split).next().is_none() {
            let why = "the folder holds no PNG or JPEG file";
            found.push(finding(FindingKind::EmptySplit, split.folder(), why));
        }
        for case in dataset.cases(split) {
            if let Some(claimed) = dataset.subjects().get(&case).and_then(|row| row.split)
                && claimed != split
            {
                found.push(finding(
                    FindingKind::SplitDisagrees,
                    format!("case {case:03}"),
                    format!("its slices are in {split}, subjects.csv says {claimed}"),
                ));
            }
        }
    }
    found
}

/// What one file alone can have wrong.
fn each_file(seen: &[Seen]) -> Vec<Finding> {
    let mut found = Vec::new();
    for seen in seen {
        let name = seen.file.path.display().to_string();
        if let Some(why) = &seen.error {
            found.push(finding(FindingKind::Unreadable, &name, why));
        }
        if let Some(Picture {
            size: (width, height),
            ..
        }) = seen.picture
            && width.max(height) > FRAME as u32
        {
            let why = format!("it is {width}x{height}, expected at most {FRAME}x{FRAME}");
            found.push(finding(FindingKind::TooLarge, &name, why));
        }
        if let (Some(_), None) = (seen.file.case, seen.file.position) {
            let number = parse(&seen.file.path).map_or(0, |(_, number)| number);
            let why = format!("slice {number}, expected 0 to {}", SLICES - 1);
            found.push(finding(FindingKind::BadNumber, &name, why));
        }
    }
    found
}

/// Files that are there twice, by name, by bytes and by picture.
fn duplicates(seen: &[Seen]) -> Vec<Finding> {
    let mut found = Vec::new();
    let by_name = group(seen, |seen| Some((seen.split, parse(&seen.file.path)?)));
    for ((_, (case, slice)), same) in &by_name {
        let what = format!("slice {slice} of case {case:03}");
        found.extend(repeated(FindingKind::DuplicateSlice, &what, same));
    }
    for same in group(seen, |seen| seen.bytes).values() {
        found.extend(repeated(FindingKind::DuplicateFile, "the same bytes", same));
    }
    let by_picture = group(seen, |seen| {
        let picture = seen.picture.as_ref()?;
        (!picture.blank).then_some(picture.hash)
    });
    for same in by_picture.values() {
        // One file for each content: equal files are reported as such.
        let mut contents = BTreeSet::new();
        let same: Vec<_> = same
            .iter()
            .copied()
            .filter(|seen| contents.insert(seen.bytes))
            .collect();
        let what = "the same picture";
        found.extend(repeated(FindingKind::DuplicatePicture, what, &same));
    }
    found
}

/// Files under their key, each group in the order of the dataset.
fn group<'s, 'f, K: Ord>(
    seen: &'s [Seen<'f>],
    key: impl Fn(&Seen) -> Option<K>,
) -> BTreeMap<K, Vec<&'s Seen<'f>>> {
    let mut groups: BTreeMap<K, Vec<_>> = BTreeMap::new();
    for seen in seen {
        if let Some(key) = key(seen) {
            groups.entry(key).or_default().push(seen);
        }
    }
    groups
}

fn repeated(kind: FindingKind, what: &str, same: &[&Seen]) -> Option<Finding> {
    let [first, others @ ..] = same else {
        return None;
    };
    if others.is_empty() {
        return None;
    }
    let others: Vec<_> = others
        .iter()
        .map(|seen| seen.file.path.display().to_string())
        .collect();
    let why = format!("{what} as in {}", others.join(", "));
    Some(finding(kind, first.file.path.display().to_string(), why))
}

/// What may be meant.
fn curious(dataset: &Dataset, seen: &[Seen]) -> Vec<Finding> {
    let mut found = missing(dataset);
    let mut sizes: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for picture in seen.iter().filter_map(|seen| seen.picture.as_ref()) {
        *sizes.entry(picture.size).or_default() += 1;
    }
    let usual = sizes
        .iter()
        .max_by_key(|(_, count)| **count)
        .map(|(size, _)| *size);
    for seen in seen {
        let name = seen.file.path.display().to_string();
        if seen.file.case.is_none() {
            let why = "expected case_NNN_slice_M.png or the like; its subject is unknown";
            found.push(finding(FindingKind::OtherName, &name, why));
        }
        let Some(picture) = &seen.picture else {
            continue;
        };
        if let Some((width, height)) = usual.filter(|usual| *usual != picture.size) {
            let (w, h) = picture.size;
            let why = format!("it is {w}x{h}, most are {width}x{height}");
            found.push(finding(FindingKind::OddSize, &name, why));
        }
        if picture.blank {
            let why = "every pixel is 0";
            found.push(finding(FindingKind::Blank, &name, why));
        }
    }
    found
}

/// Slices and rows that subjects lack.
fn missing(dataset: &Dataset) -> Vec<Finding> {
    let mut found = Vec::new();
    for split in dataset.splits() {
        let mut there: BTreeMap<u32, BTreeSet<u8>> = BTreeMap::new();
        for file in dataset.files(split) {
            if let Some(case) = file.case {
                there.entry(case).or_default().extend(file.position);
            }
        }
        for (case, positions) in there {
            let subject = format!("case {case:03} in {split}");
            let lacking: Vec<_> = (0..SLICES)
                .filter(|position| !positions.contains(position))
                .map(|position| position.to_string())
                .collect();
            if !lacking.is_empty() {
                let why = format!(
                    "{} of {SLICES} slices are missing: {}",
                    lacking.len(),
                    lacking.join(", ")
                );
                found.push(finding(FindingKind::MissingSlices, &subject, why));
            }
            if !dataset.subjects().is_empty() && !dataset.subjects().contains_key(&case) {
                let why = "it has no row in subjects.csv";
                found.push(finding(FindingKind::NotInSubjects, &subject, why));
            }
        }
    }
    found
}
