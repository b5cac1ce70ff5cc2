//! How errors are printed, and their exit codes.

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

/// Prints `error: WHAT: SUBJECT: WHY` and the hints of an error, with flags in the place of settings.
pub fn print(error: &Error, flags: &Flags) {
    eprintln!("error: {}", flags.error(error));
    for hint in error.hints() {
        eprintln!("hint: {}", flags.text(hint));
    }
}

/// Prints the error that ended the command, and gives the exit code of its kind.
pub fn fail(error: &Error, flags: &Flags) -> ExitCode {
    print(error, flags);
    if error.hints().is_empty() {
        eprintln!("hint: oasis COMMAND --help tells what the command expects");
    }
    ExitCode::from(match error.kind() {
        ErrorKind::Check => 1,
        ErrorKind::Interrupted => 130,
        _ => 2,
    })
}
