//! The one ONNX Runtime environment of a process.

use std::path::Path;
use std::sync::Mutex;

use ort::environment::Environment;

use super::library::{self, Library};
use crate::{Error, ErrorKind, Result};

/// The library that was loaded and its environment.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) library: Library,
    pub(super) environment: Environment,
}

/// Kept until the process ends, so that every session goes before it.
static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

/// Loads the library and makes its environment, once a process; says which library it really is.
///
/// # Errors
/// [`ErrorKind::Environment`] where no library fits, or `given` is another than the one loaded before.
pub(super) fn load(given: Option<&Path>) -> Result<Loaded> {
    let mut loaded = LOADED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(loaded) = &*loaded {
        if given.is_some() {
            let wanted = library::find(given)?;
            if wanted.path != loaded.library.path {
                let why = format!("this process has loaded {}", loaded.library.path.display());
                let subject = wanted.path.display();
                return Err(Error::new(ErrorKind::Environment, "cannot use ONNX Runtime", subject, why)
                    .hint("use one --ort-lib in a process"));
            }
        }
        return Ok(loaded.clone());
    }
    let library = library::find(given)?;
    let fail = |why: &dyn std::fmt::Display| {
        let subject = library.path.display();
        Error::new(ErrorKind::Environment, "cannot use ONNX Runtime", subject, why)
            .hint("name another library with --ort-lib FILE")
    };
    let environment = ort::init_from(&library.path)
        .map_err(|why| fail(&why))?
        .with_telemetry(false)
        .with_name("oasis")
        .build()
        .map_err(|why| fail(&why))?;
    environment.set_log_level(ort::logging::LogLevel::Error);
    Ok(loaded.insert(Loaded { library, environment }).clone())
}
