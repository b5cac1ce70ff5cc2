//! Which engines can run on this machine, and why the others cannot.

use serde::Serialize;

pub use super::machine::Machine;

use super::backend::{Backend, engine};
use super::options::EngineOptions;
use crate::engine::EngineInfo;

/// The machine and each engine on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// Every engine by its own name, so not `auto`.
    pub engines: Vec<EngineReport>,
}

/// Whether one engine can run on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EngineReport {
    /// The engine's name.
    pub name: String,
    /// Whether it can run.
    pub available: bool,
    /// What it is; `None` where it cannot run.
    pub info: Option<EngineInfo>,
    /// The exact reason why it cannot run; `None` where it can.
    pub reason: Option<String>,
    /// What to install or set so that it can run, most helpful first.
    pub hints: Vec<String>,
}

/// Looks at the machine and at every engine.
pub fn report(options: &EngineOptions) -> Report {
    let engines = Backend::ALL.into_iter().filter(|backend| *backend != Backend::Auto);
    Report { machine: Machine::look(), engines: engines.map(|one| examine(one, options)).collect() }
}

/// Looks at one engine. For `auto`, that is the engine it takes.
pub fn examine(backend: Backend, options: &EngineOptions) -> EngineReport {
    match engine(backend, options).and_then(|engine| engine.check()) {
        Ok(info) => {
            EngineReport { name: info.name.clone(), available: true, info: Some(info), reason: None, hints: Vec::new() }
        }
        Err(error) => EngineReport {
            name: backend.to_string(),
            available: false,
            info: None,
            reason: Some(format!("{}: {}", error.subject(), error.why())),
            hints: error.hints().to_vec(),
        },
    }
}
