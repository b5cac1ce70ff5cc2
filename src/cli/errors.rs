//! How errors are printed, and their exit codes.

use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind as ClapErrorKind};
use oasis::{Error, ErrorKind};

use super::flags::Flags;
use super::print::{self, note};

/// Prints help and versions, or `error: WHAT: SUBJECT: WHY` and clap's tips as hints.
pub fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if !error.use_stderr() {
        // Colours where stdout is a terminal that has them.
        let printed = error.print().and_then(|()| std::io::stdout().flush());
        return match printed {
            Err(why) if why.kind() != std::io::ErrorKind::BrokenPipe => fail(&print::failed(why), &Flags::default()),
            _ => ExitCode::SUCCESS,
        };
    }
    let missing = error.kind() == ClapErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let mut parts = text.split("\n\n").map(str::trim);
    let first = if missing { "no command given" } else { parts.next().unwrap_or_default() };
    let why = first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ");
    let subject = error.get(ContextKind::InvalidArg).map_or_else(|| "oasis".to_owned(), ToString::to_string);
    note(format_args!("error: bad usage: {subject}: {why}"));
    for part in parts.filter(|part| part.starts_with("tip:") || part.starts_with("Usage:")) {
        let part = part.trim_start_matches("tip:").split_whitespace().collect::<Vec<_>>().join(" ");
        note(format_args!("hint: {part}"));
    }
    note("hint: oasis --help lists the commands, oasis COMMAND --help their flags");
    ExitCode::from(2)
}

/// Prints `error: WHAT: SUBJECT: WHY` and the hints of an error, with flags in the place of settings.
pub fn print(error: &Error, flags: &Flags) {
    note(format_args!("error: {}", flags.error(error)));
    for hint in error.hints() {
        note(format_args!("hint: {}", flags.text(hint)));
    }
}

/// Prints the error that ended the command, and gives the exit code of its kind.
pub fn fail(error: &Error, flags: &Flags) -> ExitCode {
    print(error, flags);
    if error.hints().is_empty() {
        note("hint: oasis COMMAND --help tells what the command expects");
    }
    ExitCode::from(match error.kind() {
        ErrorKind::Check => 1,
        ErrorKind::Interrupted => 130,
        _ => 2,
    })
}
