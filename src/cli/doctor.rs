//! `oasis doctor`: which engines this machine can run, and why not the others.

use oasis::runtime::Backend;
use oasis::runtime::doctor::{self, EngineReport, Report};
use oasis::spell;

use super::context::Context;
use super::engine::LibraryArgs;
use super::exit::Exit;
use super::print::Lines;

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

fn text(report: &Report) -> Lines {
    let machine = &report.machine;
    let features = machine.cpu_features.join(" ");
    let mut text = Lines::one(format_args!("{}, {} threads, {features}", machine.platform, machine.threads));
    match (&machine.driver, &machine.gpus[..]) {
        (None, []) => text.add("no NVIDIA GPU found"),
        (driver, gpus) => {
            let driver = driver.as_deref().unwrap_or("unknown");
            text.add(format_args!("GPU: {}, driver {driver}", gpus.join(", ")));
        }
    }
    for engine in &report.engines {
        describe(&mut text, engine);
    }
    text
}

fn describe(text: &mut Lines, engine: &EngineReport) {
    match &engine.info {
        Some(info) => text.add(format_args!(
            "{:<9} available: {} {} (wanted {}), {}, {} threads",
            engine.name,
            info.library,
            info.version,
            info.wanted,
            info.providers.join(", "),
            info.threads
        )),
        None => {
            let reason = engine.reason.as_deref().unwrap_or("unknown");
            text.add(format_args!("{:<9} not available: {reason}", engine.name));
        }
    }
    if let Some(path) = engine.info.as_ref().and_then(|info| info.path.as_ref()) {
        text.add(format_args!("          {}", spell(path)));
    }
    for refused in engine.info.iter().flat_map(|info| &info.refused) {
        text.add(format_args!("          passed over {refused}"));
    }
    for hint in &engine.hints {
        text.add(format_args!("          hint: {hint}"));
    }
}
