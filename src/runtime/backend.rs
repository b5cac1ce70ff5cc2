//! Engines by name.

use std::fmt;
use std::str::FromStr;

use super::engine::{Engine, EngineOptions};
use crate::{Error, ErrorKind, Result};

/// Which engine to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Backend {
    /// The pure-Rust engine.
    #[default]
    Tract,
    /// ONNX Runtime on the CPU.
    Ort,
    /// ONNX Runtime on an NVIDIA GPU.
    OrtCuda,
    /// Burn, from ONNX files that were imported when the binary was built.
    Burn,
    /// The first of `ort-cuda`, `ort` and `tract` that can run here.
    Auto,
}

impl Backend {
    /// All names that are accepted.
    pub const ALL: [Self; 5] = [Self::Tract, Self::Ort, Self::OrtCuda, Self::Burn, Self::Auto];
    /// What `auto` tries, in order.
    pub const AUTO: [Self; 3] = [Self::OrtCuda, Self::Ort, Self::Tract];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tract => "tract",
            Self::Ort => "ort",
            Self::OrtCuda => "ort-cuda",
            Self::Burn => "burn",
            Self::Auto => "auto",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Backend {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|backend| backend.as_str() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Error::new(ErrorKind::Usage, "unknown backend", name, format!("expected one of {names}"))
                .hint("choose one with --backend; `oasis doctor` shows which can run here")
        })
    }
}

/// The engine of that name. Whether it can run here is for [`Engine::check`] to say, but for `auto`, which is the first
/// engine whose check passes.
///
/// # Errors
/// [`ErrorKind::Environment`] where the Cargo feature is missing, or nothing that `auto` tries can run.
pub fn engine(backend: Backend, options: &EngineOptions) -> Result<Box<dyn Engine>> {
    match backend {
        Backend::Tract => tract(options),
        Backend::Ort => ort(options, false),
        Backend::OrtCuda => ort(options, true),
        Backend::Burn => burn(options),
        Backend::Auto => auto(options),
    }
}

fn auto(options: &EngineOptions) -> Result<Box<dyn Engine>> {
    let mut last = None;
    for backend in Backend::AUTO {
        match engine(backend, options).and_then(|engine| engine.check().map(|info| (engine, info))) {
            Ok((engine, info)) => {
                tracing::info!("auto takes {} ({} {})", engine.name(), info.library, info.version);
                return Ok(engine);
            }
            Err(error) => {
                tracing::info!("auto passes over {backend}: {error}");
                last = Some(error);
            }
        }
    }
    Err(last.expect("at least one engine is tried"))
}

#[cfg(feature = "tract")]
fn tract(options: &EngineOptions) -> Result<Box<dyn Engine>> {
    Ok(Box::new(super::tract::Tract::new(options)?))
}

#[cfg(feature = "ort")]
fn ort(options: &EngineOptions, cuda: bool) -> Result<Box<dyn Engine>> {
    Ok(Box::new(super::ort::Ort::new(options, cuda)))
}

#[cfg(feature = "burn-engine")]
fn burn(options: &EngineOptions) -> Result<Box<dyn Engine>> {
    Ok(Box::new(super::burn::Burn::new(options)?))
}

#[cfg(not(feature = "tract"))]
fn tract(_: &EngineOptions) -> Result<Box<dyn Engine>> {
    Err(missing("tract", "tract"))
}

#[cfg(not(feature = "ort"))]
fn ort(_: &EngineOptions, cuda: bool) -> Result<Box<dyn Engine>> {
    Err(missing(if cuda { "ort-cuda" } else { "ort" }, "ort"))
}

#[cfg(not(feature = "burn-engine"))]
fn burn(_: &EngineOptions) -> Result<Box<dyn Engine>> {
    Err(missing("burn", "burn-engine"))
}

#[cfg(not(all(feature = "tract", feature = "ort", feature = "burn-engine")))]
fn missing(engine: &str, feature: &str) -> Error {
    let why = format!("this binary was built without the feature `{feature}`");
    Error::new(ErrorKind::Environment, "cannot use engine", engine, why)
        .hint(format!("build with `cargo build --release --features {feature}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_unknown_ones_list_the_known() {
        for backend in Backend::ALL {
            assert_eq!(backend.as_str().parse::<Backend>().unwrap(), backend);
        }
        let error = "tflite".parse::<Backend>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.why().contains("ort-cuda"));
    }

    #[test]
    #[cfg(not(feature = "burn-engine"))]
    fn burn_says_that_it_is_not_there() {
        let error = engine(Backend::Burn, &EngineOptions::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Environment);
        assert!(error.why().contains("burn-engine"));
        assert!(error.hints()[0].contains("--features burn-engine"));
    }

    #[test]
    #[cfg(feature = "burn-engine")]
    fn burn_is_there_and_auto_does_not_take_it() {
        let burn = engine(Backend::Burn, &EngineOptions::default()).unwrap();
        assert_eq!((burn.name(), burn.check().unwrap().name.as_str()), ("burn", "burn"));
        assert!(!Backend::AUTO.contains(&Backend::Burn));
    }
}
