//! The command line of `oasis`: parse, dispatch, exit code.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            if !error.use_stderr() {
                return ExitCode::SUCCESS;
            }
            eprintln!("hint: oasis --help lists the commands, oasis COMMAND --help their flags");
            return ExitCode::from(2);
        }
    };
    match cli.run() {
        Ok(cli::Exit::Done) => ExitCode::SUCCESS,
        Ok(cli::Exit::Partly) => ExitCode::from(1),
        Err(error) => report(&error),
    }
}

/// Prints `error: WHAT: PATH: WHY` and its hints; the exit code says what sort of failure it was.
fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    let Some(error) = error.downcast_ref::<oasis::Error>() else {
        return ExitCode::from(2);
    };
    for hint in error.hints() {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(match error.kind() {
        oasis::ErrorKind::Check => 1,
        oasis::ErrorKind::Interrupted => 130,
        _ => 2,
    })
}
