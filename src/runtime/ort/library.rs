//! Finding the ONNX Runtime library, checking it before it is loaded, and asking its version.

use std::collections::HashSet;
use std::ffi::CStr;
use std::io;
use std::path::{Path, PathBuf};

use super::places::{candidates, file_name, libraries_in};
use crate::plain::spell;
use crate::runtime::trust;
use crate::{Error, ErrorKind, Result};

/// The oldest version that is accepted: 1.24.
pub(super) const OLDEST: (u32, u32) = (1, ort::MINOR_VERSION);
/// The version that hints suggest: the one that tests use.
pub(super) const SUGGESTED: &str = "1.31.1";
/// The variable that names the library.
const VARIABLE: &str = "ORT_DYLIB_PATH";
/// The function that every ONNX Runtime library has.
const ENTRY: &CStr = c"OrtGetApiBase";
const FIND: &str = "cannot use ONNX Runtime";

/// A library that answers with an accepted version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Library {
    pub(super) path: PathBuf,
    pub(super) version: String,
    /// What was found before it and is not used, each as `PATH: WHY`.
    pub(super) refused: Vec<String>,
}

/// The accepted versions, in words.
pub(super) fn wanted() -> String {
    format!("{}.{} or newer", OLDEST.0, OLDEST.1)
}

/// Finds the library: the given one, or that of `ORT_DYLIB_PATH`, or the first that can be used beside the binary, in its
/// `lib/` or in a Python's site-packages. Of those that are looked for, only files that nobody but trusted people can
/// change are used ([`trust::real`]).
///
/// # Errors
/// [`ErrorKind::Environment`] where the named library cannot be used, or none was found.
pub(super) fn find(given: Option<&Path>) -> Result<Library> {
    if let Some(path) = given {
        return named(path, "`ort_lib`", "set `ort_lib` to another library");
    }
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return named(Path::new(&path), VARIABLE, &format!("set {VARIABLE} to another, or unset it"));
    }
    let (paths, mut refused) = candidates();
    let mut tried = HashSet::new();
    for path in paths {
        let real = match trust::real(&path) {
            Ok(real) if !tried.insert(real.clone()) => continue,
            real => real,
        };
        match real.and_then(|path| Ok((probe(&path)?, path))) {
            Ok((version, path)) => return Ok(Library { path, version, refused }),
            Err(why) => refused.push(format!("{}: {why}", spell(&path))),
        }
    }
    let why = if refused.is_empty() {
        "no library was found beside the binary, in its lib/, or in a Python's site-packages".to_owned()
    } else {
        refused.join("; ")
    };
    Err(Error::new(ErrorKind::Environment, FIND, file_name("*"), why)
        .hint(format!("`python3 -m pip install onnxruntime=={SUGGESTED}` brings one"))
        .hint(format!("or name one by `ort_lib` or the variable {VARIABLE}")))
}

/// The library at `path`, or in the folder `path`, that `setting` names.
fn named(path: &Path, setting: &str, hint: &str) -> Result<Library> {
    if !path.is_absolute() {
        let error = Error::new(ErrorKind::Environment, FIND, path, "it is a relative path, expected an absolute one");
        let full = std::path::absolute(path).ok();
        return Err(match full {
            Some(full) => error.hint(format!("set {setting} to {}", spell(&full))),
            None => error.hint(hint),
        });
    }
    let fail = |path: &Path, why: String| {
        Error::new(ErrorKind::Environment, FIND, path, why)
            .hint(format!("`python3 -m pip install onnxruntime=={SUGGESTED}` brings one that fits"))
            .hint(hint)
    };
    let file = if path.is_dir() {
        let first = libraries_in(path, 3).into_iter().next();
        first.ok_or_else(|| fail(path, format!("the folder holds no {}", file_name("*"))))?
    } else {
        path.to_owned()
    };
    let real = file.canonicalize().unwrap_or_else(|_| file.clone());
    let version = probe(&real).map_err(|why| fail(&file, why))?;
    Ok(Library { path: real, version, refused: Vec::new() })
}

/// Checks that the file at `path` is a shared library of this machine and wholly there; it is not loaded. Gives the names
/// in it, each with a zero byte behind it, where its format tells them.
///
/// # Errors
/// What was found, in words that follow the path.
pub(super) fn whole(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let mut file = crate::fs::open(path).map_err(|why| match why.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => why.to_string(),
    })?;
    #[cfg(windows)]
    return super::magic::windows(&mut file).map(|()| None);
    #[cfg(target_vendor = "apple")]
    return super::magic::apple(&mut file).map(|()| None);
    #[cfg(not(any(windows, target_vendor = "apple")))]
    super::elf::names(&mut file, super::elf::Machine::HERE).map(Some)
}

/// The version of the library at `path`, or why it cannot be used. A library that was opened stays loaded.
fn probe(path: &Path) -> Result<String, String> {
    let not_it = || format!("the library is not ONNX Runtime (no {})", ENTRY.to_string_lossy());
    let entry = ENTRY.to_bytes_with_nul();
    if whole(path)?.is_some_and(|names| names.windows(entry.len()).all(|name| name != entry)) {
        return Err(not_it());
    }
    // SAFETY: loading runs the library's initialisers, and its functions are called as ONNX Runtime's C API declares
    // them. The user names the file, or it lies in an installation that only trusted people can change, so it is trusted
    // as much as this program.
    unsafe {
        let library = libloading::Library::new(path).map_err(|why| {
            use std::error::Error;
            why.source().map_or_else(|| why.to_string(), ToString::to_string)
        })?;
        let base = match library.get::<unsafe extern "C" fn() -> *const ort::sys::OrtApiBase>(ENTRY) {
            Ok(base) => base(),
            Err(_) => return Err(not_it()),
        };
        std::mem::forget(library);
        let Some(base) = base.as_ref() else {
            return Err(format!("{} gives nothing", ENTRY.to_string_lossy()));
        };
        let version = (base.GetVersionString)();
        if version.is_null() {
            return Err("it does not tell its version".to_owned());
        }
        let version = CStr::from_ptr(version).to_string_lossy().into_owned();
        accepted(&version)?;
        if (base.GetApi)(ort::MINOR_VERSION).is_null() {
            return Err(format!("found version {version} without the API of version {}", ort::MINOR_VERSION));
        }
        Ok(version)
    }
}

/// Checks a version.
fn accepted(version: &str) -> Result<(), String> {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found.0 != OLDEST.0 || found < OLDEST {
        return Err(format!("found version {version}, expected {}", wanted()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_missing_file_and_a_text_file_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("libonnxruntime.so");
        let missing = find(Some(&path)).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Environment);
        assert!(missing.why().contains("no such file"), "{missing}");
        fs::write(&path, "I am text").unwrap();
        let text = find(Some(&path)).unwrap_err();
        assert!(text.why().contains("not a shared library"), "{text}");
        assert_eq!(text.hints().last().unwrap(), "set `ort_lib` to another library");
        let empty = tempfile::tempdir().unwrap();
        assert!(find(Some(empty.path())).unwrap_err().why().contains("holds no"));
    }

    #[test]
    fn a_relative_path_is_refused_and_its_absolute_one_suggested() {
        let error = find(Some(Path::new("lib/libonnxruntime.so"))).unwrap_err();
        assert_eq!(error.why(), "it is a relative path, expected an absolute one");
        let full = std::path::absolute("lib/libonnxruntime.so").unwrap();
        assert_eq!(error.hints(), [format!("set `ort_lib` to {}", full.display())]);
        assert_eq!(find(Some(Path::new(""))).unwrap_err().hints(), ["set `ort_lib` to another library"]);
    }

    #[test]
    fn versions_from_the_oldest_on_are_accepted() {
        for good in ["1.24.0", "1.24", "1.31.1", "1.100.0-dev"] {
            assert_eq!(accepted(good), Ok(()), "{good}");
        }
        for bad in ["1.23.2", "2.0.0", "0.99", "", "one.two", "1"] {
            assert_eq!(accepted(bad), Err(format!("found version {bad}, expected {}", wanted())));
        }
    }
}
