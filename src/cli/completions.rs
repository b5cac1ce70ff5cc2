//! `oasis completions`: shell completions on stdout.

use clap_complete::Shell;

use super::exit::Exit;
use super::print;

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub fn run(args: Args, mut command: clap::Command) -> oasis::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "oasis", &mut script);
    print::bytes(&script)?;
    Ok(Exit::Done)
}
