//! Whether an NVIDIA GPU can be used, asked of its driver.

use std::ffi::c_int;
use std::path::Path;

use crate::{Error, ErrorKind, Result};

fn fail(subject: &str, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Environment, "cannot use engine", subject, why)
}

/// Checks that device `device` exists, and that the library at `runtime` has its CUDA provider beside it.
pub(super) fn check(device: i32, runtime: &Path) -> Result<()> {
    let count = device_count()?;
    if !(0..count).contains(&device) {
        let why = format!("found {count} CUDA device(s), expected one of number {device}");
        return Err(fail("ort-cuda", why).hint("choose one with --device-id N, from 0 on"));
    }
    let provider = if cfg!(windows) { "onnxruntime_providers_cuda.dll" } else { "libonnxruntime_providers_cuda.so" };
    if !runtime.with_file_name(provider).is_file() {
        let why = format!("there is no {provider} beside {}", runtime.display());
        return Err(
            fail("ort-cuda", why).hint("`python3 -m pip install onnxruntime-gpu[cuda,cudnn]==1.31.1` brings it")
        );
    }
    Ok(())
}

/// The number of CUDA devices.
fn device_count() -> Result<i32> {
    let name = if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" };
    let hint = "install the NVIDIA driver, or use --backend ort";
    // SAFETY: the driver's library is loaded from the system's folders, and its functions are called as CUDA's driver
    // API declares them.
    unsafe {
        let library = libloading::Library::new(name)
            .map_err(|_| fail("ort-cuda", format!("no NVIDIA driver is installed (no {name})")).hint(hint))?;
        let call = |function: &[u8], status: c_int| match status {
            0 => Ok(()),
            100 => Err(fail("ort-cuda", "the NVIDIA driver finds no GPU").hint("use --backend ort")),
            code => {
                let function = String::from_utf8_lossy(&function[..function.len() - 1]).into_owned();
                Err(fail("ort-cuda", format!("the NVIDIA driver fails: {function} gives {code}")).hint(hint))
            }
        };
        let init = library
            .get::<unsafe extern "C" fn(u32) -> c_int>(b"cuInit\0")
            .map_err(|why| fail("ort-cuda", why).hint(hint))?;
        call(b"cuInit\0", init(0))?;
        let get_count = library
            .get::<unsafe extern "C" fn(*mut c_int) -> c_int>(b"cuDeviceGetCount\0")
            .map_err(|why| fail("ort-cuda", why).hint(hint))?;
        let mut count = 0;
        call(b"cuDeviceGetCount\0", get_count(&mut count))?;
        std::mem::forget(library);
        match count {
            0 => Err(fail("ort-cuda", "the NVIDIA driver finds no GPU").hint("use --backend ort")),
            count => Ok(count),
        }
    }
}
