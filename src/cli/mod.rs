//! The command line: arguments, one library call a command, what is printed.

mod allocator;
mod arguments;
mod bench;
mod codes;
mod completions;
mod context;
mod data;
mod doctor;
mod engine;
mod errors;
mod eval;
mod exit;
mod export;
mod files;
mod flags;
mod infer;
mod inspect;
mod interrupt;
#[cfg(feature = "train")]
mod judge;
mod man;
#[cfg(not(feature = "train"))]
mod missing;
mod parity;
mod sample;
#[cfg(feature = "train")]
mod train;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

/// Parses the arguments, runs the command and prints what kept it from its work.
pub fn main() -> ExitCode {
    allocator::keep_pages();
    let mut command = arguments::Cli::command();
    command.build();
    let parsed = command.clone().try_get_matches().and_then(|matches| {
        let cli = arguments::Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        Ok((cli, flags::Flags::of(&command, &matches)))
    });
    match parsed {
        Ok((cli, flags)) => cli.run().map_or_else(|error| errors::report(&error, &flags), ExitCode::from),
        Err(error) => errors::usage(&error),
    }
}
