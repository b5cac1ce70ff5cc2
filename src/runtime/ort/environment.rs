//! The one ONNX Runtime environment of a process.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ort::environment::Environment;

use super::library::{self, Library};
use crate::plain::spell;
use crate::{Error, ErrorKind, Result};

/// The library that was loaded, its environment, and the execution providers that it was built with.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) library: Library,
    /// The paths that were given and led to it.
    given: Vec<PathBuf>,
    pub(super) environment: Environment,
    pub(super) providers: Vec<String>,
}

/// Kept until the process ends, so that it outlives every session.
static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

/// Loads the library and makes its environment, once in a process.
///
/// # Errors
/// [`ErrorKind::Environment`] where no library fits, or this process has loaded another library than `given`.
pub(super) fn load(given: Option<&Path>) -> Result<Loaded> {
    let mut loaded = LOADED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(loaded) = &mut *loaded {
        if let Some(path) = given.filter(|path| loaded.given.iter().all(|known| known != path)) {
            let wanted = library::find(given)?;
            if wanted.path != loaded.library.path {
                let why = format!("this process has loaded {}", spell(&loaded.library.path));
                return Err(Error::new(ErrorKind::Environment, "cannot use ONNX Runtime", &wanted.path, why)
                    .hint("set `ort_lib` to the same library everywhere in a process"));
            }
            loaded.given.push(path.to_owned());
        }
        return Ok(loaded.clone());
    }
    let library = library::find(given)?;
    let fail = |why: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Environment, "cannot use ONNX Runtime", &library.path, why)
            .hint("set `ort_lib` to another library")
    };
    let environment = ort::init_from(&library.path)
        .map_err(|why| fail(&why))?
        .with_telemetry(false)
        .with_name("oasis")
        .build()
        .map_err(|why| fail(&why))?;
    environment.set_log_level(ort::logging::LogLevel::Error);
    if let Some(really) = path_in_use().filter(|really| *really != library.path) {
        return Err(fail(&format!("calls go to {}, which was loaded before it", spell(really))));
    }
    let providers = providers().map_err(|why| fail(&why))?;
    Ok(loaded
        .insert(Loaded { library, given: given.map(Path::to_owned).into_iter().collect(), environment, providers })
        .clone())
}

/// The file of the library that calls go to; `None` where the system cannot tell.
#[cfg(unix)]
fn path_in_use() -> Option<std::path::PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;

    let function = ort::api().Run as *const std::ffi::c_void;
    // SAFETY: `dladdr` fills `info` where it gives anything but 0; the name it points to lives as long as the library,
    // which is never closed.
    let name = unsafe {
        let mut info = std::mem::zeroed::<libc::Dl_info>();
        if libc::dladdr(function, &mut info) == 0 || info.dli_fname.is_null() {
            return None;
        }
        CStr::from_ptr(info.dli_fname)
    };
    std::fs::canonicalize(OsStr::from_bytes(name.to_bytes())).ok()
}

#[cfg(not(unix))]
fn path_in_use() -> Option<std::path::PathBuf> {
    None
}

/// The names of the execution providers in the library.
fn providers() -> Result<Vec<String>, String> {
    let api = ort::api();
    let (mut names, mut count) = (std::ptr::null_mut(), 0);
    // SAFETY: called as the C API declares it. On success `names` points to `count` strings, which are released once read.
    unsafe {
        if !(api.GetAvailableProviders)(&mut names, &mut count).0.is_null() {
            return Err("it does not list its execution providers".to_owned());
        }
        let count = usize::try_from(count).unwrap_or(0);
        let found = std::slice::from_raw_parts(names, count)
            .iter()
            .map(|name| std::ffi::CStr::from_ptr(*name).to_string_lossy().into_owned())
            .collect();
        let _ = (api.ReleaseAvailableProviders)(names, count as std::ffi::c_int);
        Ok(found)
    }
}
