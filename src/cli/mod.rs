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
mod isolate;
#[cfg(feature = "train")]
mod judge;
mod man;
#[cfg(not(feature = "train"))]
mod missing;
mod parity;
mod progress;
mod sample;
#[cfg(feature = "train")]
mod train;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

/// Parses the arguments, runs the command and prints its error, if it has one.
pub fn main() -> ExitCode {
    allocator::keep_pages();
    let mut command = arguments::Cli::command();
    command.build();
    let parsed = command.clone().try_get_matches().and_then(|matches| {
        let cli = arguments::Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        Ok((cli, flags::Flags::of(&command, &matches)))
    });
    match parsed {
        Ok((cli, flags)) => {
            let ended = if cli.isolated() { isolate::run() } else { cli.run(&flags).map(ExitCode::from) };
            ended.unwrap_or_else(|error| errors::fail(&error, &flags))
        }
        Err(error) => errors::usage(&error),
    }
}
