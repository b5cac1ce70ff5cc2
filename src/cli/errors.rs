//! What is printed of errors, and the exit codes that they give.

use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind as ClapErrorKind};
use oasis::{Error, ErrorKind};

use super::flags::Flags;

/// Prints help and versions, or `error: WHAT: SUBJECT: WHY` and clap's tips as hints.
pub fn usage(error: &clap::Error) -> ExitCode {
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

/// Prints `error: WHAT: SUBJECT: WHY` and its hints; the exit code says what sort of failure it was.
pub fn report(error: &anyhow::Error, flags: &Flags) -> ExitCode {
    let Some(error) = error.downcast_ref::<Error>() else {
        eprintln!("error: {error:#}");
        eprintln!("hint: run it again with -vv to see more");
        return ExitCode::from(2);
    };
    eprintln!("error: {}", flags.error(error));
    if error.hints().is_empty() {
        eprintln!("hint: oasis COMMAND --help tells what the command expects");
    }
    for hint in error.hints() {
        eprintln!("hint: {}", flags.text(hint));
    }
    ExitCode::from(match error.kind() {
        ErrorKind::Check => 1,
        ErrorKind::Interrupted => 130,
        _ => 2,
    })
}
