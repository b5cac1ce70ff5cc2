//! What lies in a downloaded tree: every file, at any depth, and the sets of pictures that no split can be made of.

use std::path::{Path, PathBuf};

use crate::data::find::natural;
use crate::plain::spell;
use crate::{Error, Result};

/// Folders within folders.
const DEEPEST: usize = 16;
/// Files of a tree: 4 million.
const MOST: usize = 1 << 22;

/// The folders of the set of four classes, without spaces and in small letters.
const CLASSES: [&str; 6] =
    ["nondemented", "verymilddemented", "milddemented", "moderatedemented", "verymilddementia", "moderatedementia"];

/// The files below `root`, by their paths from there, in natural order. Hidden ones are passed over, and links to folders
/// are not followed.
///
/// # Errors
/// [`crate::ErrorKind::Input`]: a folder cannot be listed, or there are far too many files or folders within folders.
pub(super) fn walk(root: &Path) -> Result<Vec<PathBuf>> {
    let fail = |path: &Path, why: String| {
        Error::input("cannot list folder", path, why)
            .hint("name the folder that holds what was downloaded and unpacked")
    };
    let (mut files, mut open) = (Vec::new(), vec![(PathBuf::new(), 0)]);
    while let Some((below, depth)) = open.pop() {
        let folder = root.join(&below);
        let entries = std::fs::read_dir(&folder).map_err(|why| fail(&folder, why.to_string()).caused_by(why))?;
        for entry in entries {
            let entry = entry.map_err(|why| fail(&folder, why.to_string()).caused_by(why))?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = below.join(name);
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth == DEEPEST => {
                    return Err(fail(&root.join(path), format!("it lies {DEEPEST} folders deep, expected fewer")));
                }
                Ok(kind) if kind.is_dir() => open.push((path, depth + 1)),
                _ => files.push(path),
            }
            if files.len() > MOST {
                return Err(fail(root, format!("it holds more than {MOST} files")));
            }
        }
    }
    files.sort_by_cached_key(|path| Key(spell(path)));
    Ok(files)
}

/// A path in natural order.
#[derive(PartialEq, Eq)]
struct Key(String);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        natural(&self.0, &other.0)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The error for a tree without volumes: a set that is known and why it cannot be used, or that nothing is there.
pub(super) fn refusal(root: &Path, files: &[PathBuf]) -> Error {
    let fail = |why: &str| Error::input("cannot import", root, why);
    let parts = |path: &'_ PathBuf| path.iter().map(|part| part.to_string_lossy().into_owned()).collect::<Vec<_>>();
    let any = |test: &dyn Fn(&str) -> bool| files.iter().find(|path| parts(path).iter().any(|part| test(part)));
    if let Some(path) = any(&|part| part.starts_with("keras_png_slices_")) {
        let above = path.iter().take_while(|part| !part.to_string_lossy().starts_with("keras_png_slices_"));
        let dataset = root.join(above.collect::<PathBuf>());
        return fail("it holds keras_png_slices_*, a dataset as it is: there is nothing to import").hint(format!(
            "give {} as `data`; its masks (keras_png_slices_seg_*) are never taken for slices",
            spell(dataset)
        ));
    }
    if any(&|part| is_raw_slice(part)).is_some() {
        return fail(
            "it holds slices of raw scans (OAS1_NNNN_MR1_mpr-1_NNN.jpg), with skull, neither registered nor masked, and cut \
             across other axes: models that know masked brains in an atlas cannot read them",
        )
        .hint("import the discs of OASIS-1 instead: the same scans, registered and masked");
    }
    let class = |part: &str| {
        let plain: String = part.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        CLASSES.contains(&plain.as_str())
    };
    if any(&class).is_some() {
        return fail(
            "it holds slices in four classes, whose names do not tell the subjects: slices of one brain would lie in several \
             splits, and every score on them would be too good",
        )
        .hint("import the discs of OASIS-1 instead, whose names tell the subjects");
    }
    fail("it holds no volume: no .nii, .nii.gz, or .hdr with .img, at any depth")
        .hint("unpack what was downloaded, and name its folder")
        .hint("`oasis data phantom` makes volumes to try with")
}

/// Whether a name is that of a slice of a raw scan: `OAS1_0028_MR1_mpr-1_100.jpg`.
fn is_raw_slice(name: &str) -> bool {
    let picture = [".jpg", ".jpeg", ".png"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    picture && name.starts_with("OAS1_") && name.contains("_mpr-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_that_are_refused_are_called_by_their_reason() {
        let why = |names: &[&str]| {
            let files: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
            refusal(Path::new("tree"), &files).why().to_owned()
        };
        for folder in ["Non Demented", "VeryMildDemented", "Mild_Demented", "Very mild Dementia"] {
            assert!(why(&[&format!("OASIS/{folder}/26 (19).jpg")]).starts_with("it holds slices in four classes"));
        }
        assert!(why(&["Data/Non Demented/OAS1_0028_MR1_mpr-1_100.jpg"]).starts_with("it holds slices of raw scans"));
        assert!(why(&["a/keras_png_slices_train/case_001_slice_0.nii.png"]).starts_with("it holds keras_png_slices_*"));
        assert!(why(&["notes.txt"]).starts_with("it holds no volume"));
    }

    #[test]
    fn every_file_is_found_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["disc10/a.img", "disc2/b/c.img", "disc2/a.img", ".hidden/x.nii", "disc2/.x.nii"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        let found = walk(folder.path()).unwrap();
        let expected = ["disc2/a.img", "disc2/b/c.img", "disc10/a.img", "loop"].map(PathBuf::from);
        assert_eq!(found, &expected[..if cfg!(unix) { 4 } else { 3 }]);
        assert!(walk(&folder.path().join("none")).is_err());
    }
}
