//! Which files of a tree are scans, of whom, and why others are not taken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::data::volume::{is_volume_name, is_voxels_name, split_name};
use crate::plain::spell;

/// A scan to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scan {
    /// Its file with the header, from the root of the tree.
    pub path: PathBuf,
    /// Who it is of.
    pub subject: String,
    /// Which scan of the subject it is: empty where there is one.
    pub session: String,
    /// The number that names its slices.
    pub case: u32,
    /// Whether its name says that it lies in an atlas.
    pub atlas: Atlas,
}

/// The atlas that a scan lies in, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Atlas {
    /// The T88 of OASIS-1's discs, 176x208x176.
    T88,
    /// One that is not told.
    Unknown,
}

/// Why a file is no scan.
pub(super) type Reasons = BTreeMap<&'static str, Vec<PathBuf>>;

const MASK: &str = "masks and segmentations";
const OTHER_FORM: &str = "other forms of a scan that is taken (raw, with skull, not registered)";
const REPEATED: &str = "a session that another folder has too";
const SHEET: &str = "spreadsheets that are no CSV: save them as CSV to have their ratings";
const PICTURE: &str = "pictures";
const NOT_VOLUME: &str = "files that are no volumes";

/// The scans among files, numbered, and what is left out.
///
/// Scans of one subject have one number, and 1000 more for each further one: the first scan of the subject 28 is 28, the
/// second 1028. Where all subjects are of OASIS-1 (`OAS1_NNNN`), their numbers are their own; else they are counted from 1
/// in the order of the files.
pub(super) fn scans(files: &[PathBuf]) -> (Vec<Scan>, Reasons) {
    let there: BTreeSet<&Path> = files.iter().map(PathBuf::as_path).collect();
    let (mut found, mut reasons) = (Vec::new(), Reasons::new());
    let mut sessions = BTreeSet::new();
    for path in files {
        let reason = match judge(path, &there) {
            Ok(atlas) => {
                let (subject, session) = who(path);
                if sessions.insert((subject.clone(), session.clone())) {
                    found.push(Scan { path: path.clone(), subject, session, case: 0, atlas });
                    continue;
                }
                Some(REPEATED)
            }
            Err(reason) => reason,
        };
        if let Some(reason) = reason {
            reasons.entry(reason).or_default().push(path.clone());
        }
    }
    number(&mut found);
    (found, reasons)
}

/// Whether a file is a scan; the error tells why not, and is `None` for the other half of a pair.
fn judge(path: &Path, there: &BTreeSet<&Path>) -> Result<Atlas, Option<&'static str>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let lower = name.to_ascii_lowercase();
    if !is_volume_name(path) {
        let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
        return Err(Some(match () {
            () if ends(&[".xls", ".xlsx", ".ods"]) => SHEET,
            () if ends(&[".png", ".jpg", ".jpeg", ".gif"]) => PICTURE,
            // The notes and tables beside the scans are read for the ratings.
            () if ends(&[".txt", ".csv", ".xml"]) => return Err(None),
            () => NOT_VOLUME,
        }));
    }
    let (stem, end) = split_name(&lower).unwrap_or((&lower, ""));
    if is_voxels_name(path) && twin(path, there) {
        return Err(None);
    }
    let words: Vec<&str> = stem.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let mask = |word: &&str| {
        let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        ["seg", "fseg", "dseg", "aseg", "mask", "brainmask", "label", "labels", "parc", "aparc", "probseg"]
            .contains(&word)
    };
    if words.iter().any(mask) {
        return Err(Some(MASK));
    }
    // The discs of OASIS-1 have each session in several forms, of which one is registered and masked.
    if stem.starts_with("oas1_") && stem.contains("_mpr") && (end.starts_with(".hdr") || end.starts_with(".img")) {
        return if stem.ends_with("_t88_masked_gfc") { Ok(Atlas::T88) } else { Err(Some(OTHER_FORM)) };
    }
    if stem.ends_with("_t88_masked_gfc") {
        return Ok(Atlas::T88);
    }
    // Neurite's OASIS has a folder a session, with one form that is registered.
    let beside = |stem: &str| {
        [".nii.gz", ".nii"].iter().any(|end| there.contains(&*path.with_file_name(format!("{stem}{end}"))))
    };
    match stem {
        "orig" | "norm" | "aligned_orig" if beside("aligned_norm") => Err(Some(OTHER_FORM)),
        "orig" if beside("norm") => Err(Some(OTHER_FORM)),
        _ => Ok(Atlas::Unknown),
    }
}

/// Whether the header of a file of voxels is there.
fn twin(path: &Path, there: &BTreeSet<&Path>) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some((stem, _)) = split_name(&name) else { return false };
    [".hdr", ".HDR", ".hdr.gz"].iter().any(|end| there.contains(&*path.with_file_name(format!("{stem}{end}"))))
}

/// The subject and the session of a scan: `OAS1_NNNN_MRN` or `sub-X` and `ses-Y` in its path, the last that is there; else
/// its name, or that of its folder where the name is one that many share.
fn who(path: &Path) -> (String, String) {
    let parts: Vec<String> = path.iter().rev().map(|part| part.to_string_lossy().into_owned()).collect();
    for part in &parts {
        if let Some((subject, session)) = oasis1(part) {
            return (subject, session);
        }
    }
    let word = |text: &str, key: &str| {
        let rest = &text[text.find(key)? + key.len()..];
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
        (end > 0).then(|| rest[..end].to_owned())
    };
    let label = |key: &str| parts.iter().find_map(|part| word(part, key));
    if let Some(subject) = label("sub-") {
        return (format!("sub-{subject}"), label("ses-").map_or(String::new(), |session| format!("ses-{session}")));
    }
    let stem = split_name(&parts[0]).map_or(&*parts[0], |(stem, _)| stem);
    let shared =
        ["aligned_norm", "norm", "orig", "brain", "t1", "t1w", "anat", "mprage"].contains(&&*stem.to_ascii_lowercase());
    match parts.get(1) {
        Some(folder) if shared => (folder.clone(), String::new()),
        _ => (stem.to_owned(), String::new()),
    }
}

/// The subject and session of `..OAS1_NNNN_MRN..`.
fn oasis1(text: &str) -> Option<(String, String)> {
    let at = text.find("OAS1_")?;
    let id = text.get(at..at + 13)?;
    let digits = id[5..9].bytes().chain(id[12..].bytes()).all(|byte| byte.is_ascii_digit());
    (digits && &id[9..12] == "_MR").then(|| (id[..9].to_owned(), id[10..].to_owned()))
}

/// Gives each scan its number.
fn number(scans: &mut [Scan]) {
    let own = |subject: &str| subject.strip_prefix("OAS1_").and_then(|digits| digits.parse::<u32>().ok());
    let all = scans.iter().all(|scan| own(&scan.subject).is_some());
    let (mut numbers, mut times): (BTreeMap<String, u32>, BTreeMap<String, u32>) = (BTreeMap::new(), BTreeMap::new());
    for scan in scans.iter() {
        let next = numbers.len() as u32 + 1;
        let own = own(&scan.subject).filter(|_| all);
        numbers.entry(scan.subject.clone()).or_insert(own.unwrap_or(next));
    }
    // Further scans are numbered beyond all first ones.
    let step = (numbers.values().max().copied().unwrap_or(0) / 1000 + 1) * 1000;
    for scan in scans {
        let time = times.entry(scan.subject.clone()).or_insert(0);
        scan.case = numbers[&scan.subject] + step * *time;
        *time += 1;
    }
}

/// The names of a list of files in words: the first, and that there are more.
pub(super) fn first(paths: &[PathBuf]) -> String {
    paths.first().map(spell).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Case, subject, session and path of a scan.
    type Told = (u32, String, String, String);

    fn found(names: &[&str]) -> (Vec<Told>, Vec<(&'static str, usize)>) {
        let files: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
        let (scans, reasons) = scans(&files);
        let scans = scans.into_iter().map(|scan| (scan.case, scan.subject, scan.session, spell(scan.path))).collect();
        (scans, reasons.into_iter().map(|(reason, paths)| (reason, paths.len())).collect())
    }

    #[test]
    fn the_trees_that_are_known() {
        let t88 = |disc: u8, id: &str, end: &str| {
            format!("disc{disc}/{id}/PROCESSED/MPRAGE/T88_111/{id}_mpr_n4_anon_111_t88_{end}")
        };
        let names = [
            t88(1, "OAS1_0028_MR1", "gfc.hdr"),
            t88(1, "OAS1_0028_MR1", "masked_gfc.hdr"),
            t88(1, "OAS1_0028_MR1", "masked_gfc.img"),
            "disc1/OAS1_0028_MR1/FSL_SEG/OAS1_0028_MR1_mpr_n4_anon_111_t88_masked_gfc_fseg.hdr".to_owned(),
            "disc1/OAS1_0028_MR1/RAW/OAS1_0028_MR1_mpr-1_anon.hdr".to_owned(),
            "disc1/OAS1_0028_MR1/OAS1_0028_MR1.txt".to_owned(),
            t88(2, "OAS1_0028_MR1", "masked_gfc.hdr"),
            t88(2, "OAS1_0028_MR2", "masked_gfc.hdr"),
            "oasis_cross-sectional.xlsx".to_owned(),
        ];
        let (scans, reasons) = found(&names.each_ref().map(String::as_str));
        let of =
            |case: u32, session: &str, path: &String| (case, "OAS1_0028".to_owned(), session.to_owned(), path.clone());
        assert_eq!(scans, [of(28, "MR1", &names[1]), of(1028, "MR2", &names[7])]);
        assert_eq!(reasons, [(REPEATED, 1), (MASK, 1), (OTHER_FORM, 2), (SHEET, 1)]);

        let neurite = ["aligned_norm", "aligned_seg35", "norm", "orig", "seg4"];
        let neurite = neurite.map(|name| format!("OASIS_OAS1_0002_MR1/{name}.nii.gz"));
        let (scans, reasons) = found(&neurite.each_ref().map(String::as_str));
        assert_eq!(scans, [(2, "OAS1_0002".to_owned(), "MR1".to_owned(), neurite[0].clone())]);
        assert_eq!(reasons, [(MASK, 2), (OTHER_FORM, 2)]);

        let bids = [
            "sub-A/ses-1/anat/sub-A_ses-1_T1w.nii.gz",
            "sub-A/ses-2/anat/sub-A_ses-2_T1w.nii",
            "sub-B/anat/sub-B_T1w.nii",
        ];
        let cases: Vec<_> =
            found(&bids).0.into_iter().map(|(case, subject, session, _)| (case, subject, session)).collect();
        let of = |case: u32, subject: &str, session: &str| (case, subject.to_owned(), session.to_owned());
        assert_eq!(cases, [of(1, "sub-A", "ses-1"), of(1001, "sub-A", "ses-2"), of(2, "sub-B", "")]);

        let plain: Vec<_> =
            found(&["x/one.nii", "x/two.nii.gz", "y/brain.nii"]).0.into_iter().map(|scan| scan.1).collect();
        assert_eq!(plain, ["one", "two", "y"]);
    }
}
