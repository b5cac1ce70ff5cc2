//! The command line of `oasis`: parse, dispatch, exit code.

mod allocator;
mod cli;

use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ErrorKind as ClapErrorKind};

fn main() -> ExitCode {
    allocator::keep_pages();
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match cli.run() {
        Ok(cli::Exit::Done) => ExitCode::SUCCESS,
        Ok(cli::Exit::Partly) => ExitCode::from(1),
        Err(error) => report(&error),
    }
}

/// Prints help and versions, or `error: WHAT: PATH: WHY` and clap's tips as hints.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let missing = error.kind() == ClapErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let mut parts = text.split("\n\n").map(str::trim);
    let first = if missing { "no command given" } else { parts.next().unwrap_or_default() };
    let why = first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ");
    let subject = error.get(ContextKind::InvalidArg).map_or_else(|| "oasis".to_owned(), ToString::to_string);
    eprintln!("error: bad usage: {subject}: {why}");
    for part in parts.filter(|part| part.starts_with("tip:") || part.starts_with("Usage:")) {
        eprintln!("hint: {}", part.trim_start_matches("tip:").split_whitespace().collect::<Vec<_>>().join(" "));
    }
    eprintln!("hint: oasis --help lists the commands, oasis COMMAND --help their flags");
    ExitCode::from(2)
}

/// Prints `error: WHAT: PATH: WHY` and its hints; the exit code says what sort of failure it was.
fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    let Some(error) = error.downcast_ref::<oasis::Error>() else {
        eprintln!("hint: run it again with -vv to see more");
        return ExitCode::from(2);
    };
    if error.hints().is_empty() {
        eprintln!("hint: oasis COMMAND --help tells what the command expects");
    }
    for hint in error.hints() {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(match error.kind() {
        oasis::ErrorKind::Check => 1,
        oasis::ErrorKind::Interrupted => 130,
        _ => 2,
    })
}
