//! The command line of `oasis`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
