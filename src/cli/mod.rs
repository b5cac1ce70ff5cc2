//! The command line: arguments, one library call a command, what is printed.

mod allocator;
mod arguments;
mod bench;
mod codes;
mod completions;
mod context;
mod cut;
mod data;
mod doctor;
mod engine;
mod errors;
mod eval;
mod exit;
mod export;
mod faults;
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
mod print;
mod progress;
mod sample;
#[cfg(feature = "train")]
mod train;
mod volumes;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use oasis::{Plain, spell};

/// Parses the arguments, runs the command and prints its error, if it has one.
pub fn main() -> ExitCode {
    interrupt::listen();
    faults::listen();
    allocator::keep_pages();
    // The panic's message is printed already.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(ExitCode::from(2))
}

fn run() -> ExitCode {
    let mut command = arguments::Cli::command();
    command.build();
    let given: Vec<OsString> = std::env::args_os().collect();
    match parse(&command, &given) {
        Ok((cli, flags)) => {
            let ended = if cli.isolated() { isolate::run() } else { cli.run(&flags).map(ExitCode::from) };
            ended.unwrap_or_else(|error| errors::fail(&error, &flags))
        }
        Err(error) => {
            // The error's text repeats arguments, and finds its own parts by line breaks: it is made of their plain text.
            let plain: Vec<OsString> = given.iter().map(|text| Plain(spell(text)).to_string().into()).collect();
            errors::usage(&parse(&command, &plain).err().unwrap_or(error))
        }
    }
}

/// The command that arguments stand for, and its flags.
fn parse(command: &clap::Command, arguments: &[OsString]) -> Result<(arguments::Cli, flags::Flags), clap::Error> {
    let matches = command.clone().try_get_matches_from(arguments)?;
    let cli = arguments::Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command.clone()))?;
    Ok((cli, flags::Flags::of(command, &matches)))
}
