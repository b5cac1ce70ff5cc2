//! Engines by name.

use std::fmt;
use std::str::FromStr;

use super::options::EngineOptions;
use crate::engine::Engine;
use crate::{Error, ErrorKind, Result};

/// Which engine to run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Backend {
    /// The pure-Rust engine.
    #[default]
    Tract,
    /// ONNX Runtime on the CPU.
    Ort,
    /// ONNX Runtime on an NVIDIA GPU.
    OrtCuda,
    /// Burn, for the bundle whose ONNX files were imported when the binary was built.
    Burn,
    /// The first of `ort-cuda`, `ort` and `tract` that can run on this machine and, where a bundle is opened, loads every
    /// file of the bundle.
    Auto,
}

impl Backend {
    /// Every backend.
    pub const ALL: [Self; 5] = [Self::Tract, Self::Ort, Self::OrtCuda, Self::Burn, Self::Auto];
    /// The engines that `auto` tries, in order.
    pub const AUTO: [Self; 3] = [Self::OrtCuda, Self::Ort, Self::Tract];

    /// The backend's name, such as `ort-cuda`.
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
                .hint("`oasis doctor` shows which of them can run on this machine")
        })
    }
}

/// The engine of that name. A named engine is not checked ([`Engine::check`]); `auto` is the first engine whose check
/// passes.
///
/// # Errors
/// [`ErrorKind::Environment`] where the Cargo feature is missing; for `auto`, why the last engine that it tries cannot
/// run.
pub fn engine(backend: Backend, options: &EngineOptions) -> Result<Box<dyn Engine>> {
    with_engine(backend, options, Ok)
}

/// What `open` makes of the engine of that name. For `auto`, of the first engine whose check passes and of which `open`
/// makes something.
///
/// # Errors
/// Those of [`engine`] and of `open`.
pub(super) fn with_engine<T>(
    backend: Backend,
    options: &EngineOptions,
    open: impl Fn(Box<dyn Engine>) -> Result<T>,
) -> Result<T> {
    if backend != Backend::Auto {
        return open(named(backend, options)?);
    }
    let mut last = None;
    for backend in Backend::AUTO {
        let opened = named(backend, options).and_then(|engine| {
            let info = engine.check()?;
            Ok((open(engine)?, info))
        });
        match opened {
            Ok((opened, info)) => {
                tracing::info!("auto takes {backend} ({} {})", info.library, info.version);
                return Ok(opened);
            }
            Err(error) => {
                tracing::info!("auto passes over {backend}: {error}");
                last = Some(error);
            }
        }
    }
    Err(last.expect("auto tries at least one engine"))
}

fn named(backend: Backend, options: &EngineOptions) -> Result<Box<dyn Engine>> {
    match backend {
        Backend::Tract => tract(options),
        Backend::Ort => ort(options, false),
        Backend::OrtCuda => ort(options, true),
        Backend::Burn => burn(options),
        Backend::Auto => unreachable!("auto is a choice among named engines"),
    }
}

#[cfg(feature = "tract")]
fn tract(options: &EngineOptions) -> Result<Box<dyn Engine>> {
    Ok(Box::new(super::guarded::Guarded(super::tract::Tract::new(options)?)))
}

#[cfg(feature = "ort")]
fn ort(options: &EngineOptions, cuda: bool) -> Result<Box<dyn Engine>> {
    Ok(Box::new(super::guarded::Guarded(super::ort::Ort::new(options, cuda))))
}

#[cfg(feature = "burn-engine")]
fn burn(options: &EngineOptions) -> Result<Box<dyn Engine>> {
    Ok(Box::new(super::guarded::Guarded(super::burn::Burn::new(options)?)))
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
    Error::new(ErrorKind::Environment, "cannot use engine", crate::Subject::engine(engine), why)
        .hint(format!("build with `cargo build --release --features {feature}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Subject;

    #[test]
    fn names_round_trip_and_unknown_ones_list_the_known() {
        for backend in Backend::ALL {
            assert_eq!(backend.as_str().parse::<Backend>().unwrap(), backend);
        }
        let error = "tflite".parse::<Backend>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert_eq!(error.why(), "expected one of tract, ort, ort-cuda, burn, auto");
    }

    #[test]
    #[cfg(feature = "tract")]
    fn auto_takes_an_engine_of_which_something_can_be_made() {
        let options = EngineOptions::default().threads(1);
        let only_tract = |engine: Box<dyn Engine>| match engine.name() {
            "tract" => Ok("opened"),
            name => Err(Error::new(ErrorKind::Model, "cannot open", Subject::engine(name), "a test says so")),
        };
        assert_eq!(with_engine(Backend::Auto, &options, only_tract).unwrap(), "opened");
        let never = |engine: Box<dyn Engine>| -> Result<()> {
            Err(Error::new(ErrorKind::Model, "cannot open", Subject::engine(engine.name()), "a test says so"))
        };
        let error = with_engine(Backend::Auto, &options, never).unwrap_err();
        assert_eq!(error.message(), "cannot open: tract: a test says so");
    }

    #[test]
    #[cfg(not(feature = "burn-engine"))]
    fn burn_says_that_it_is_not_there() {
        let error = engine(Backend::Burn, &EngineOptions::default()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Environment);
        assert_eq!(error.subject(), &Subject::engine("burn"));
        assert_eq!(error.why(), "this binary was built without the feature `burn-engine`");
        assert_eq!(error.hints(), ["build with `cargo build --release --features burn-engine`"]);
    }

    #[test]
    #[cfg(feature = "burn-engine")]
    fn burn_is_there_and_auto_does_not_take_it() {
        let burn = engine(Backend::Burn, &EngineOptions::default()).unwrap();
        assert_eq!((burn.name(), burn.check().unwrap().name.as_str()), ("burn", "burn"));
        assert!(!Backend::AUTO.contains(&Backend::Burn));
    }
}
