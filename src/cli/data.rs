//! `oasis data check|phantom`.

use std::path::PathBuf;

use clap::Subcommand;
use oasis::data::{CheckReport, Dataset, phantom};
use serde_json::json;

use super::{Context, Exit};

/// The data's health; made-up slices.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Debug, Subcommand)]
enum DataCommand {
    /// Count slices and subjects; refuse overlaps, duplicates and unreadable files
    Check {
        /// Folder with keras_png_slices_{train,validate,test}
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Draw brain-like slices, 32 a subject, in the layout of the real ones
    Phantom {
        /// Subjects to draw; at least 3, one a split
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(3..=999))]
        subjects: u32,
        /// The same seed draws the same slices
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Folder to write
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

pub fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.command {
        DataCommand::Check { dir } => {
            let report = Dataset::check(&dir)?;
            context.result(&report, || text(&report))?;
            Ok(if report.ok() { Exit::Done } else { Exit::Partly })
        }
        DataCommand::Phantom { subjects, seed, out } => {
            let bar = context.bar(u64::from(subjects) * 32, "slices");
            phantom::write_dataset(&out, subjects, seed, &mut |done: usize| bar.set_position(done as u64))?;
            bar.finish_and_clear();
            let value = json!({"subjects": subjects, "slices": subjects * 32, "out": out});
            context.result(&value, || format!("{} slices of {subjects} made-up subjects in {}", subjects * 32, out.display()))?;
            Ok(Exit::Done)
        }
    }
}

fn text(report: &CheckReport) -> String {
    format!("{report:#?}")
}
