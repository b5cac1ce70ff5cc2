//! What this machine can run, and why not.

use serde::Serialize;

pub use super::machine::Machine;

use super::backend::{Backend, engine};
use super::engine::{EngineInfo, EngineOptions};

/// The machine and each engine on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// Each engine, `auto` left out.
    pub engines: Vec<EngineReport>,
}

/// Whether one engine can run here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EngineReport {
    /// The engine's name.
    pub name: String,
    /// Whether it can run here.
    pub available: bool,
    /// What it is, where it can run.
    pub info: Option<EngineInfo>,
    /// The exact reason why it cannot run.
    pub reason: Option<String>,
    /// Ways out.
    pub hints: Vec<String>,
}

/// Looks at the machine and at every engine.
pub fn report(options: &EngineOptions) -> Report {
    let engines = Backend::ALL.into_iter().filter(|backend| *backend != Backend::Auto);
    Report { machine: Machine::look(), engines: engines.map(|one| examine(one, options)).collect() }
}

/// Looks at one engine; for `auto`, at the one it takes.
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
