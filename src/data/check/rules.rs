//! What counts as wrong, and what as worth knowing.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Finding, FindingKind};
use super::look::{Picture, Seen};
use crate::data::dataset::Dataset;
use crate::data::frame::FRAME;
use crate::data::slice::{SLICES, Split, parse};

fn finding(kind: FindingKind, subject: impl Into<String>, why: impl Into<String>) -> Finding {
    Finding { kind, subject: subject.into(), why: why.into() }
}

/// Problems of subjects and of folders.
pub(super) fn splits_apart(dataset: &Dataset) -> Vec<Finding> {
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

/// Problems that a file shows by itself.
pub(super) fn each_file(seen: &[Seen]) -> Vec<Finding> {
    let mut found = Vec::new();
    for seen in seen {
        let name = seen.file.path.display().to_string();
        if let Some(why) = &seen.error {
            found.push(finding(FindingKind::Unreadable, &name, why));
        }
        if let Some(Picture { size: (width, height), .. }) = seen.picture
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

/// Files that repeat another one, by name, by bytes or by picture.
pub(super) fn duplicates(seen: &[Seen]) -> Vec<Finding> {
    let mut found = Vec::new();
    let by_name = group(seen, |seen| Some((seen.split, parse(&seen.file.path)?)));
    for ((_, (case, slice)), same) in &by_name {
        let what = format!("slice {slice} of case {case:03}");
        found.extend(repeated(FindingKind::DuplicateSlice, &what, same));
    }
    let ends = black_ends(seen);
    let at_end =
        |seen: &Seen| seen.file.case.zip(seen.file.position).is_some_and(|at| ends.contains(&(seen.split, at)));
    for same in group(seen, |seen| seen.bytes.filter(|_| !at_end(seen))).values() {
        found.extend(repeated(FindingKind::DuplicateFile, "the same bytes", same));
    }
    let by_picture = group(seen, |seen| {
        let picture = seen.picture.as_ref()?;
        (!picture.blank).then_some(picture.hash)
    });
    for same in by_picture.values() {
        // One file for each content: equal files are reported as such.
        let mut contents = BTreeSet::new();
        let same: Vec<_> = same.iter().copied().filter(|seen| contents.insert(seen.bytes)).collect();
        let what = "the same picture";
        found.extend(repeated(FindingKind::DuplicatePicture, what, &same));
    }
    found
}

/// The slices that are black with all those below or all those above them: a volume begins and ends outside of the head.
fn black_ends(seen: &[Seen]) -> BTreeSet<(Split, (u32, u8))> {
    let mut black = BTreeSet::new();
    for seen in seen {
        if let (Some(picture), Some(at)) = (&seen.picture, seen.file.case.zip(seen.file.position))
            && picture.blank
        {
            black.insert((seen.split, at));
        }
    }
    let whole = |split, case, mut positions: std::ops::RangeInclusive<u8>| {
        positions.all(|position| black.contains(&(split, (case, position))))
    };
    black
        .iter()
        .copied()
        .filter(|&(split, (case, at))| whole(split, case, 0..=at) || whole(split, case, at..=SLICES - 1))
        .collect()
}

/// Files under their key, each group in the order of the dataset.
fn group<'s, 'f, K: Ord>(seen: &'s [Seen<'f>], key: impl Fn(&Seen) -> Option<K>) -> BTreeMap<K, Vec<&'s Seen<'f>>> {
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
    let others: Vec<_> = others.iter().map(|seen| seen.file.path.display().to_string()).collect();
    let why = format!("{what} as in {}", others.join(", "));
    Some(finding(kind, first.file.path.display().to_string(), why))
}

/// Warnings: what may be intended.
pub(super) fn curious(dataset: &Dataset, seen: &[Seen]) -> Vec<Finding> {
    let mut found = missing(dataset);
    let mut sizes: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for picture in seen.iter().filter_map(|seen| seen.picture.as_ref()) {
        *sizes.entry(picture.size).or_default() += 1;
    }
    let ends = black_ends(seen);
    let usual = sizes.iter().max_by_key(|(_, count)| **count).map(|(size, _)| *size);
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
        if let Some(doubt) = &picture.doubt {
            found.push(finding(FindingKind::OddValues, &name, doubt));
        }
        let at = seen.file.case.zip(seen.file.position);
        if picture.blank && !at.is_some_and(|at| ends.contains(&(seen.split, at))) {
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
                let why = format!("{} of {SLICES} slices are missing: {}", lacking.len(), lacking.join(", "));
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
