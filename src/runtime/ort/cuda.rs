//! Whether an NVIDIA GPU can be used, asked of its driver.

use std::ffi::c_int;
use std::path::Path;

use super::library::{SUGGESTED, whole};
use crate::plain::spell;
use crate::{Error, ErrorKind, Result, Subject};

const DRIVER: &str = if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" };

/// Loads the driver's library.
///
/// # Safety
/// Its initialisers are run.
unsafe fn driver() -> Result<libloading::Library, libloading::Error> {
    // Without this flag Windows looks into the current folder and those of PATH too.
    #[cfg(windows)]
    return unsafe {
        use libloading::os::windows::{LOAD_LIBRARY_SEARCH_SYSTEM32, Library};
        Library::load_with_flags(DRIVER, LOAD_LIBRARY_SEARCH_SYSTEM32).map(Into::into)
    };
    #[cfg(not(windows))]
    unsafe {
        libloading::Library::new(DRIVER)
    }
}

fn fail(why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Environment, "cannot use engine", Subject::engine("ort-cuda"), why)
}

/// Checks that CUDA device number `device` exists, and that the CUDA provider and what it shares with others lie whole
/// beside the library at `runtime`, which loads them.
///
/// # Errors
/// [`ErrorKind::Environment`] where one of them is missing.
pub(super) fn check(device: i32, runtime: &Path) -> Result<()> {
    let count = device_count()?;
    if !(0..count).contains(&device) {
        let why = format!("found {count} CUDA device(s), but the one asked for is number {device}, counted from 0");
        return Err(fail(why).hint("set `device_id` to a number from 0 on"));
    }
    let providers = match cfg!(windows) {
        true => ["onnxruntime_providers_shared.dll", "onnxruntime_providers_cuda.dll"],
        false => ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"],
    };
    for path in providers.map(|name| runtime.with_file_name(name)) {
        if let Err(why) = whole(&path) {
            let hint = format!("`python3 -m pip install onnxruntime-gpu[cuda,cudnn]=={SUGGESTED}` brings it");
            return Err(fail(format!("{}: {why}", spell(path))).hint(hint));
        }
    }
    Ok(())
}

/// The number of CUDA devices.
fn device_count() -> Result<i32> {
    let hint = "install the NVIDIA driver, or set `backend` to ort";
    // SAFETY: the driver's library is loaded from the system's folders, and its functions are called as CUDA's driver
    // API declares them.
    unsafe {
        let library = driver().map_err(|_| fail(format!("no NVIDIA driver is installed (no {DRIVER})")).hint(hint))?;
        let call = |function: &[u8], status: c_int| match status {
            0 => Ok(()),
            100 => Err(fail("the NVIDIA driver finds no GPU").hint("set `backend` to ort")),
            code => {
                let function = String::from_utf8_lossy(&function[..function.len() - 1]).into_owned();
                Err(fail(format!("the NVIDIA driver fails: {function} returns {code}")).hint(hint))
            }
        };
        let init =
            library.get::<unsafe extern "C" fn(u32) -> c_int>(b"cuInit\0").map_err(|why| fail(why).hint(hint))?;
        call(b"cuInit\0", init(0))?;
        let get_count = library
            .get::<unsafe extern "C" fn(*mut c_int) -> c_int>(b"cuDeviceGetCount\0")
            .map_err(|why| fail(why).hint(hint))?;
        let mut count = 0;
        call(b"cuDeviceGetCount\0", get_count(&mut count))?;
        std::mem::forget(library);
        match count {
            0 => Err(fail("the NVIDIA driver finds no GPU").hint("set `backend` to ort")),
            count => Ok(count),
        }
    }
}
