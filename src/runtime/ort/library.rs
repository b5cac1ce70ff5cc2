//! Finding the ONNX Runtime library and asking its version.

use std::ffi::CStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind, Result};

/// The oldest version that is accepted: 1.24.
pub(super) const OLDEST: (u32, u32) = (1, ort::MINOR_VERSION);
/// The version that hints suggest: the one that tests use.
pub(super) const SUGGESTED: &str = "1.31.1";
/// The variable that names the library.
const VARIABLE: &str = "ORT_DYLIB_PATH";
const FIND: &str = "cannot use ONNX Runtime";

/// A library that answers with an accepted version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Library {
    pub(super) path: PathBuf,
    pub(super) version: String,
}

/// The accepted versions, in words.
pub(super) fn wanted() -> String {
    format!("{}.{} or newer", OLDEST.0, OLDEST.1)
}

/// Finds the library: the given one, or that of `ORT_DYLIB_PATH`, or the first that fits beside the binary, in the download
/// folder of `tools/`, or in a Python's site-packages.
///
/// # Errors
/// [`ErrorKind::Environment`] where the named library cannot be used, or none was found.
pub(super) fn find(given: Option<&Path>) -> Result<Library> {
    if let Some(path) = given {
        return named(path).map_err(|error| error.hint("set `ort_lib` to another library"));
    }
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return named(Path::new(&path)).map_err(|error| error.hint(format!("set {VARIABLE} to another, or unset it")));
    }
    let mut refused = Vec::new();
    for path in places().iter().flat_map(|(place, depth)| libraries_in(place, *depth)) {
        match probe(&path) {
            Ok(version) => return Ok(Library { path: fs::canonicalize(&path).unwrap_or(path), version }),
            Err(why) => refused.push(format!("{}: {why}", path.display())),
        }
    }
    let why = if refused.is_empty() {
        "no library was found beside the binary, in tools/onnxruntime, or in a Python's site-packages".to_owned()
    } else {
        refused.join("; ")
    };
    Err(Error::new(ErrorKind::Environment, FIND, file_name("*"), why)
        .hint(format!("`python3 -m pip install onnxruntime=={SUGGESTED}` brings one"))
        .hint(format!("or name one by `ort_lib` or the variable {VARIABLE}")))
}

/// The library at `path`, or in the folder `path`.
fn named(path: &Path) -> Result<Library> {
    let fail = |path: &Path, why: String| {
        Error::new(ErrorKind::Environment, FIND, path, why)
            .hint(format!("`python3 -m pip install onnxruntime=={SUGGESTED}` brings one that fits"))
    };
    let file = if path.is_dir() {
        libraries_in(path, 3)
            .into_iter()
            .next()
            .ok_or_else(|| fail(path, format!("the folder holds no {}", file_name("*"))))?
    } else {
        path.to_owned()
    };
    let version = probe(&file).map_err(|why| fail(&file, why))?;
    Ok(Library { path: fs::canonicalize(&file).unwrap_or(file), version })
}

/// Folders to look in, and how many levels of their subfolders.
fn places() -> Vec<(PathBuf, usize)> {
    let exe = std::env::current_exe().and_then(fs::canonicalize).ok();
    let mut places = Vec::new();
    if let Some(dir) = exe.as_deref().and_then(Path::parent) {
        places.push((dir.to_owned(), 0));
        places.push((dir.join("lib"), 0));
    }
    let roots = [std::env::current_dir().ok(), Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")))];
    let above = exe.iter().flat_map(|exe| exe.ancestors().skip(1).map(Path::to_owned));
    for root in roots.into_iter().flatten().chain(above) {
        places.push((root.join("tools/onnxruntime"), 3));
    }
    places.extend(site_packages().into_iter().map(|dir| (dir.join("onnxruntime/capi"), 0)));
    places
}

fn site_packages() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let mut bases: Vec<PathBuf> = ["VIRTUAL_ENV", "CONDA_PREFIX"]
        .into_iter()
        .filter_map(|name| std::env::var_os(name).map(|dir| PathBuf::from(dir).join("lib")))
        .collect();
    bases.extend(home.iter().map(|home| home.join(".local/lib")));
    bases.extend(["/usr/local/lib", "/usr/lib", "/opt/homebrew/lib"].map(PathBuf::from));
    if let Some(versions) = home.map(|home| home.join(".pyenv/versions")) {
        bases.extend(entries(&versions).into_iter().map(|version| version.join("lib")));
    }
    let pythons = bases
        .iter()
        .flat_map(|base| entries(base))
        .filter(|dir| dir.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python3")));
    pythons.flat_map(|dir| ["site-packages", "dist-packages"].map(|kind| dir.join(kind))).collect()
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

fn libraries_in(dir: &Path, depth: usize) -> Vec<PathBuf> {
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

fn file_name(version: &str) -> String {
    if cfg!(windows) {
        "onnxruntime.dll".to_owned()
    } else if cfg!(target_os = "macos") {
        format!("libonnxruntime.{version}.dylib")
    } else {
        format!("libonnxruntime.so.{version}")
    }
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

/// The version of the library at `path`, or why it cannot be used. A library that was opened stays loaded.
fn probe(path: &Path) -> Result<String, String> {
    let mut start = [0_u8; 4];
    let read = fs::File::open(path).and_then(|mut file| file.read(&mut start));
    match read {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            return Err("there is no such file".to_owned());
        }
        Err(why) => return Err(why.to_string()),
        Ok(length) if !is_binary(&start[..length]) => {
            return Err("the file is not a shared library".to_owned());
        }
        Ok(_) => {}
    }
    let version = version(path)?;
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found.0 != OLDEST.0 || found < OLDEST {
        return Err(format!("found version {version}, expected {}", wanted()));
    }
    Ok(version)
}

/// Whether a file starts as the system's executables do.
fn is_binary(start: &[u8]) -> bool {
    if cfg!(windows) {
        start.starts_with(b"MZ")
    } else if cfg!(target_os = "macos") {
        matches!(start, [0xcf | 0xce, 0xfa, 0xed, 0xfe] | [0xca, 0xfe, 0xba, 0xbe])
    } else {
        start == b"\x7fELF"
    }
}

fn version(path: &Path) -> Result<String, String> {
    type Base = unsafe extern "C" fn() -> *const ort::sys::OrtApiBase;
    // A bare file name would be looked for in the system's folders.
    let path = std::path::absolute(path).map_err(|why| why.to_string())?;
    // SAFETY: loading runs the library's initialisers, and the two functions are called as ONNX Runtime's C API
    // declares them. The user names the file or installs it where it is looked for, so trusts it as much as a program.
    unsafe {
        let library = libloading::Library::new(&path).map_err(|why| {
            use std::error::Error;
            why.source().map_or_else(|| why.to_string(), ToString::to_string)
        })?;
        let base = match library.get::<Base>(b"OrtGetApiBase\0") {
            Ok(base) => base(),
            Err(_) => return Err("the library is not ONNX Runtime (no OrtGetApiBase)".to_owned()),
        };
        if base.is_null() {
            return Err("OrtGetApiBase gives nothing".to_owned());
        }
        let text = ((*base).GetVersionString)();
        let version = CStr::from_ptr(text).to_string_lossy().into_owned();
        std::mem::forget(library);
        Ok(version)
    }
}

#[cfg(test)]
mod tests {
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
}
