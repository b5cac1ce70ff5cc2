//! Where the files that are made of each input go, and under what names.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::stream::Failure;
use crate::data::{is_marked, volume_stem};
use crate::fs::{Draft, Identity, create_folder, create_folder_inside, identity};
use crate::plain::spell;
use crate::{Error, Result};

/// Tables that stand in the output folder itself, whose names no subfolder may take.
const TABLES: [&str; 2] = ["metrics.csv", "likelihood.csv"];

/// The names of the files that each of several inputs becomes in the folder `out`.
///
/// A name is the input's own without its extension. Inputs in one folder that differ in the extension alone keep it.
/// Where inputs of different folders share a name, every input's files go to a subfolder: what is left of its folder's
/// path after the part that the folders of all inputs begin with.
pub(super) struct Outputs<'a> {
    out: &'a Path,
    names: HashMap<PathBuf, Name>,
    /// The files that the inputs are, found when an output is there already.
    inputs: OnceLock<HashSet<Identity>>,
    ready: OnceLock<Result<()>>,
}

/// What an input is called among the outputs.
struct Name {
    /// Its files below the output folder, without their endings.
    place: PathBuf,
    /// The input itself, as tables tell it.
    label: String,
}

impl<'a> Outputs<'a> {
    /// Names the outputs of `files`; gives the files, less those that have no name of their own, which are failures.
    pub(super) fn plan<T: Clone>(
        out: &'a Path,
        files: &[T],
        path: impl Fn(&T) -> &PathBuf,
    ) -> (Self, Vec<T>, Vec<Failure>) {
        let paths: Vec<&Path> = files.iter().map(|file| path(file).as_path()).collect();
        let folders = subfolders(&paths);
        let names = names(&paths, &folders);
        let (mut planned, mut taken) = (HashMap::new(), HashSet::new());
        let (mut kept, mut failures) = (Vec::new(), Vec::new());
        for ((file, folder), name) in files.iter().zip(folders).zip(names) {
            let path = path(file);
            let place = folder.join(name);
            let first = folder.components().next().map(|part| part.as_os_str().to_ascii_lowercase());
            let why = if first.is_some_and(|first| TABLES.iter().any(|table| first == *table)) {
                "its folder is named as a table that is written".to_owned()
            } else if !taken.insert(place.clone()) {
                format!("another input is called {} too, and both would write the same files", spell(&place))
            } else {
                let label = spell(folder.join(path.file_name().unwrap_or_default()));
                planned.insert(path.clone(), Name { place, label });
                kept.push(file.clone());
                continue;
            };
            let error =
                Error::input("cannot use input", path, why).hint("run it by itself, with another folder for `out`");
            failures.push(Failure::new(path, error));
        }
        let outputs = Self { out, names: planned, inputs: OnceLock::new(), ready: OnceLock::new() };
        (outputs, kept, failures)
    }

    /// Makes the folder and tries to write `file` into it, the first time that it is called; says each time how that went.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] where no input could write into the folder, or `file` is an input.
    pub(super) fn ready(&self, file: &str) -> Result<()> {
        let make = || {
            create_folder(self.out)?;
            let path = self.out.join(file);
            self.check(&path).and_then(|()| Draft::inside(&path)).map(drop)
        };
        self.ready.get_or_init(make).clone()
    }

    /// How tables name an input.
    pub(super) fn label(&self, input: &Path) -> String {
        self.names[input].label.clone()
    }

    /// How tables name what is made of an input: without its extension, where no other has that name.
    pub(super) fn stem(&self, input: &Path) -> String {
        spell(&self.names[input].place)
    }

    /// The file of an input whose name ends with `end`; its folder is made.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] where that file is an input, or its folder cannot be made.
    pub(super) fn path(&self, input: &Path, end: &str) -> Result<PathBuf> {
        let place = &self.names[input].place;
        let mut name = place.clone().into_os_string();
        name.push(end);
        let path = self.out.join(name);
        if let Some(below) = place.parent().filter(|below| !below.as_os_str().is_empty()) {
            create_folder_inside(self.out, below)?;
        }
        self.check(&path).map(|()| path)
    }

    /// Refuses a path that leads to an input.
    fn check(&self, path: &Path) -> Result<()> {
        let Some(there) = identity(path) else {
            return Ok(());
        };
        let inputs = self.inputs.get_or_init(|| self.names.keys().filter_map(|path| identity(path)).collect());
        if inputs.contains(&there) { Err(is_input(path, "out")) } else { Ok(()) }
    }

    /// [`Outputs::path`] for a picture that may have the name of the one that the input was made from.
    ///
    /// # Errors
    /// Those of [`Outputs::path`], and where another picture than an earlier output is there.
    pub(super) fn picture(&self, input: &Path, end: &str) -> Result<PathBuf> {
        let path = self.path(input, end)?;
        let there = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        if there && !is_marked(&path) {
            return Err(refused(&path, "a file of that name is there, and was not made by this"));
        }
        Ok(path)
    }
}

/// The error for a file that would take the place of an input; `setting` names it.
pub(super) fn is_input(path: &Path, setting: &str) -> Error {
    Error::input("cannot write", path, "it is an input").hint(format!("choose another place for `{setting}`"))
}

/// The name of an input without its extension; that of a volume without both of `.nii.gz`.
fn stem(path: &Path) -> &OsStr {
    volume_stem(path).map_or_else(|| path.file_stem().unwrap_or_default(), OsStr::new)
}

fn refused(path: &Path, why: &str) -> Error {
    Error::input("cannot write", path, why).hint("choose another folder for `out`")
}

/// The folder of each input below the output folder: nothing, or where names repeat in several folders, what is left of
/// the input's folder.
fn subfolders(paths: &[&Path]) -> Vec<PathBuf> {
    let folder = |path: &'_ &'_ Path| path.parent().unwrap_or(Path::new("")).to_path_buf();
    let mut homes = HashMap::new();
    let clash = paths.iter().any(|path| *homes.entry(stem(path)).or_insert_with(|| folder(path)) != folder(path));
    if !clash {
        return vec![PathBuf::new(); paths.len()];
    }
    let mut whole: HashMap<PathBuf, PathBuf> = HashMap::new();
    for path in paths {
        let folder = folder(path);
        let real = || {
            let named = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
            named.canonicalize().or_else(|_| std::path::absolute(named)).unwrap_or_else(|_| folder.clone())
        };
        if !whole.contains_key(&folder) {
            whole.insert(folder.clone(), real());
        }
    }
    let mut common: Option<PathBuf> = None;
    for folder in whole.values() {
        common = Some(match common {
            Some(common) => {
                common.components().zip(folder.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
            }
            None => folder.clone(),
        });
    }
    let common = common.unwrap_or_default();
    let rest = |path: &&Path| {
        let whole = &whole[&folder(path)];
        whole.strip_prefix(&common).unwrap_or(whole).to_path_buf()
    };
    paths.iter().map(rest).collect()
}

/// The name of each input in its folder: without the extension where that tells it from every other.
fn names(paths: &[&Path], folders: &[PathBuf]) -> Vec<OsString> {
    let mut names: Vec<&OsStr> = paths.iter().map(|path| stem(path)).collect();
    loop {
        let mut counts = HashMap::new();
        for key in folders.iter().zip(&names) {
            *counts.entry(key).or_insert(0) += 1;
        }
        let whole = |index: usize| paths[index].file_name().unwrap_or_default();
        let longer: Vec<usize> = (0..paths.len())
            .filter(|&index| counts[&(&folders[index], &names[index])] > 1 && names[index] != whole(index))
            .collect();
        if longer.is_empty() {
            return names.into_iter().map(OsStr::to_os_string).collect();
        }
        for index in longer {
            names[index] = whole(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(paths: &[&str]) -> Vec<(String, String)> {
        let files: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let (outputs, kept, failures) = Outputs::plan(Path::new("out"), &files, |path| path);
        assert_eq!(kept.len() + failures.len(), paths.len());
        kept.iter().map(|path| (outputs.stem(path), outputs.label(path))).collect()
    }

    #[test]
    fn names_are_short_where_they_can_be() {
        let check = |paths: &[&str], expected: &[(&str, &str)]| {
            let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            assert_eq!(planned(paths), expected);
        };
        check(&["x/a.png", "y/b.png"], &[("a", "a.png"), ("b", "b.png")]);
        check(&["x/a.png", "y/a.png", "y/c.png"], &[("x/a", "x/a.png"), ("y/a", "y/a.png"), ("y/c", "y/c.png")]);
        check(&["x/s/a.png", "y/s/a.png"], &[("x/s/a", "x/s/a.png"), ("y/s/a", "y/s/a.png")]);
        check(&["a.png", "x/a.png"], &[("a", "a.png"), ("x/a", "x/a.png")]);
        check(&["a.png", "a.jpg", "b.png"], &[("a.png", "a.png"), ("a.jpg", "a.jpg"), ("b", "b.png")]);
        // What the longer name of one is may be the shorter one of another.
        check(&["a.png", "a.jpg", "a.png.jpg"], &[("a.png", "a.png"), ("a.jpg", "a.jpg"), ("a.png.jpg", "a.png.jpg")]);
        check(&["a.nii.gz", "b.nii.png"], &[("a", "a.nii.gz"), ("b.nii", "b.nii.png")]);
        check(&["x/a.png", "y/a.jpg"], &[("x/a", "x/a.png"), ("y/a", "y/a.jpg")]);
        // One path twice, and a folder that is named as a table.
        check(&["a.png", "a.png"], &[("a.png", "a.png")]);
        check(&["a.png", "Metrics.csv/a.png"], &[("a", "a.png")]);
    }

    #[test]
    fn inputs_and_pictures_of_others_are_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let picture = ndarray::Array2::from_elem((2, 2), 7_u8);
        std::fs::write(at("a.npy"), "codes").unwrap();
        std::fs::write(at("b.npy"), "codes").unwrap();
        std::fs::hard_link(at("b.npy"), at("a.codes")).unwrap();
        crate::data::save_png(&at("a.png"), picture.view()).unwrap();
        crate::data::save_made(&at("b.png"), picture.view()).unwrap();
        let files = [at("a.npy"), at("b.npy")];
        let (outputs, ..) = Outputs::plan(folder.path(), &files, |path| path);
        assert_eq!(outputs.path(&files[0], ".npy").unwrap_err().why(), "it is an input");
        assert_eq!(outputs.path(&files[0], ".codes").unwrap_err().why(), "it is an input");
        assert_eq!(outputs.path(&files[1], ".codes").unwrap(), at("b.codes"));
        assert!(outputs.picture(&files[0], ".png").unwrap_err().why().starts_with("a file of that name is there"));
        assert_eq!(outputs.picture(&files[1], ".png").unwrap(), at("b.png"));
        outputs.ready("metrics.csv").unwrap();
        assert!(!at("metrics.csv").exists());
    }
}
