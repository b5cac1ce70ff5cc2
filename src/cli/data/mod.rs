//! `oasis data check|import|phantom`.

mod check;
mod import;
mod phantom;

use clap::Subcommand;

use super::context::Context;
use super::exit::Exit;

/// Check a dataset, import one, or make one up.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Debug, Subcommand)]
enum DataCommand {
    /// Count slices and subjects; report overlaps, duplicates and unreadable files
    Check(check::Args),
    /// Cut the volumes of a downloaded tree (OASIS-1 discs, NIfTI) into slices, split by subject
    Import(import::Args),
    /// Draw brain-like slices, 32 of each subject, in the layout of the real ones
    Phantom(phantom::Args),
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    match args.command {
        DataCommand::Check(args) => check::run(&args, context),
        DataCommand::Import(args) => import::run(&args, context),
        DataCommand::Phantom(args) => phantom::run(&args, context),
    }
}
