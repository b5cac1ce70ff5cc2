//! The command line: arguments, one library call a command, what is printed.

mod context;
#[cfg(feature = "train")]
mod train;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use context::{Context, Exit};

/// VQ-VAE and PixelCNN for brain MRI slices: train, export to ONNX, run anywhere.
#[derive(Debug, Parser)]
#[command(name = "oasis", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// The bundle to run [default: the embedded one]
    #[arg(long, global = true, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// Threads to use [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print one JSON object on stdout; everything else goes to stderr
    #[arg(long, global = true)]
    json: bool,
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train the VQ-VAE or the prior (feature `train`)
    #[cfg(feature = "train")]
    Train(train::Args),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever kept the command from doing anything.
    pub fn run(self) -> anyhow::Result<Exit> {
        let context = Context::new(&self.global)?;
        match self.command {
            #[cfg(feature = "train")]
            Command::Train(args) => train::run(args, &context),
        }
    }
}
