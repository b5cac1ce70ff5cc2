//! Where the ONNX Runtime library is looked for when nobody names it.
//!
//! Only places that are part of an installation: beside this program, in the folder `lib` beside it, and in the
//! site-packages of Pythons. Never the current folder, nor one that a variable names by a path relative to it.

use crate::plain::spell;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Variables that name a Python's folder.
const PYTHONS: [&str; 2] = ["VIRTUAL_ENV", "CONDA_PREFIX"];

/// The library's file name with a version, in words.
pub(super) fn file_name(version: &str) -> String {
    if cfg!(windows) {
        "onnxruntime.dll".to_owned()
    } else if cfg!(target_os = "macos") {
        format!("libonnxruntime.{version}.dylib")
    } else {
        format!("libonnxruntime.so.{version}")
    }
}

/// The files that may be the library, those to try first at the front, and remarks on variables that are passed over.
pub(super) fn candidates() -> (Vec<PathBuf>, Vec<String>) {
    let (pythons, remarks) = pythons(|name| std::env::var_os(name));
    let program = std::env::current_exe().and_then(fs::canonicalize).ok();
    let beside = program.as_deref().and_then(Path::parent);
    let own = beside.into_iter().flat_map(|folder| [folder.to_owned(), folder.join("lib")]);
    let places = own.chain(pythons.iter().flat_map(|base| packages(base)));
    (places.flat_map(|folder| libraries_in(&folder, 0)).collect(), remarks)
}

/// Folders that hold `python3.N` folders, and what is said of variables that name none.
fn pythons(variable: impl Fn(&str) -> Option<OsString>) -> (Vec<PathBuf>, Vec<String>) {
    let mut remarks = Vec::new();
    // An empty path is the current folder, and a relative one starts there.
    let mut folder = |name: &str| {
        let path = PathBuf::from(variable(name).filter(|path| !path.is_empty())?);
        if path.is_absolute() {
            return Some(path);
        }
        remarks.push(format!("{name}={}: it is a relative path, expected an absolute one", spell(path)));
        None
    };
    let mut bases: Vec<PathBuf> = PYTHONS.into_iter().filter_map(&mut folder).map(|base| base.join("lib")).collect();
    let home = folder("HOME");
    bases.extend(home.iter().map(|home| home.join(".local/lib")));
    bases.extend(["/usr/local/lib", "/usr/lib", "/opt/homebrew/lib"].map(PathBuf::from));
    if let Some(versions) = home.map(|home| home.join(".pyenv/versions")) {
        bases.extend(entries(&versions).into_iter().map(|version| version.join("lib")));
    }
    bases.retain(|base| base.is_absolute());
    (bases, remarks)
}

/// The folders of the package onnxruntime below a folder that holds `python3.N` folders.
fn packages(base: &Path) -> Vec<PathBuf> {
    let named = |dir: &PathBuf| dir.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python3"));
    let pythons = entries(base).into_iter().filter(named);
    let kinds = pythons.flat_map(|dir| ["site-packages", "dist-packages"].map(|kind| dir.join(kind)));
    kinds.map(|dir| dir.join("onnxruntime/capi")).collect()
}

/// The libraries in a folder and in `depth` levels of its subfolders, newest name first.
pub(super) fn libraries_in(dir: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = Vec::new();
    for path in entries(dir) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            folders.push(path);
        } else if is_library_name(&name) {
            found.push(path);
        }
    }
    if depth > 0 {
        found.extend(folders.iter().flat_map(|folder| libraries_in(folder, depth - 1)));
    }
    found
}

/// The entries of a folder, newest name first.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let Ok(read) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort_by_cached_key(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let numbers: Vec<u64> =
            name.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
        std::cmp::Reverse((numbers, name))
    });
    paths
}

fn is_library_name(name: &str) -> bool {
    if cfg!(windows) {
        name.eq_ignore_ascii_case("onnxruntime.dll")
    } else if cfg!(target_os = "macos") {
        name == "libonnxruntime.dylib" || (name.starts_with("libonnxruntime.") && name.ends_with(".dylib"))
    } else {
        name == "libonnxruntime.so" || name.starts_with("libonnxruntime.so.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn newest_names_come_first() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["libonnxruntime.so.1.9.0", "libonnxruntime.so.1.31.1", "libonnxruntime_providers_shared.so"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let found = libraries_in(dir.path(), 0);
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with("libonnxruntime.so.1.31.1"));
    }

    #[test]
    #[cfg(unix)]
    fn only_absolute_variables_name_folders() {
        let with = |value: &'static str| pythons(move |_| Some(value.into()));
        let (none, remarks) = pythons(|_| None);
        assert!(none.contains(&PathBuf::from("/usr/lib")) && remarks.is_empty());
        assert_eq!(with(""), (none.clone(), vec![]), "empty is as if not there");
        for relative in [".", "venv", "./venv", "../venv"] {
            let (found, remarks) = with(relative);
            assert_eq!((found, remarks.len()), (none.clone(), 3), "{relative}");
            assert_eq!(remarks[0], format!("VIRTUAL_ENV={relative}: it is a relative path, expected an absolute one"));
        }
        let (found, remarks) = with("/no/such");
        assert_eq!(
            (&found[..3], remarks.len()),
            (&["/no/such/lib", "/no/such/lib", "/no/such/.local/lib"].map(PathBuf::from)[..], 0)
        );
    }
}
