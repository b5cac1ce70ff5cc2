//! `oasis doctor`: which engines this machine can run, and why not the others.

use std::fmt::Write;

use oasis::runtime::Backend;
use oasis::runtime::doctor::{self, EngineReport, Report};

use super::context::Context;
use super::engine::LibraryArgs;
use super::exit::Exit;

/// Show which engines this machine can run, and why not the others.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exit with 2 unless this engine can run
    #[arg(long, value_name = "ENGINE")]
    backend: Option<Backend>,
    #[command(flatten)]
    library: LibraryArgs,
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    let options = args.library.options(context);
    let mut report = doctor::report(&options);
    for engine in &mut report.engines {
        engine.reason = engine.reason.take().map(|reason| context.flags.text(&reason));
        engine.hints.iter_mut().for_each(|hint| *hint = context.flags.text(hint));
    }
    context.result(&report, || text(&report))?;
    if let Some(backend) = args.backend {
        oasis::runtime::engine(backend, &options)?.check()?;
    }
    Ok(Exit::Done)
}

fn text(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = format!("{}, {} threads, {}\n", machine.platform, machine.threads, machine.cpu_features.join(" "));
    match (&machine.driver, &machine.gpus[..]) {
        (None, []) => text.push_str("no NVIDIA GPU found\n"),
        (driver, gpus) => {
            let driver = driver.as_deref().unwrap_or("unknown");
            let _ = writeln!(text, "GPU: {}, driver {driver}", gpus.join(", "));
        }
    }
    for engine in &report.engines {
        let _ = write!(text, "{}", describe(engine));
    }
    text
}

fn describe(engine: &EngineReport) -> String {
    let mut text = match &engine.info {
        Some(info) => format!(
            "{:<9} available: {} {} (wanted {}), {}, {} threads\n",
            engine.name,
            info.library,
            info.version,
            info.wanted,
            info.providers.join(", "),
            info.threads
        ),
        None => format!("{:<9} not available: {}\n", engine.name, engine.reason.as_deref().unwrap_or("unknown")),
    };
    if let Some(path) = engine.info.as_ref().and_then(|info| info.path.as_ref()) {
        let _ = writeln!(text, "          {}", path.display());
    }
    for refused in engine.info.iter().flat_map(|info| &info.refused) {
        let _ = writeln!(text, "          passed over {refused}");
    }
    for hint in &engine.hints {
        let _ = writeln!(text, "          hint: {hint}");
    }
    text
}
