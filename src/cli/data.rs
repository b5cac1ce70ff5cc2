//! `oasis data check|phantom`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Subcommand;
use oasis::data::{CheckReport, Dataset, Finding, SplitCount, phantom};

use super::context::Context;
use super::exit::Exit;

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
        #[arg(long, value_name = "N", default_value_t = 10)]
        subjects: u32,
        /// The same seed draws the same slices
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Folder to write
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    match args.command {
        DataCommand::Check { dir } => {
            let bar = context.bar(0, "slices");
            let report = Dataset::check_with(&dir, &|done, total| {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
            })?;
            bar.finish_and_clear();
            context.result(&report, || text(&report))?;
            Ok(if report.ok { Exit::Done } else { Exit::Partly })
        }
        DataCommand::Phantom { subjects, seed, out } => {
            let bar = context.bar(0, "slices");
            let written = phantom::write_dataset(&out, subjects, seed, &|done, total| {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
            })?;
            bar.finish_and_clear();
            let (slices, folder) = (written.slices, out.display());
            context.result(&written, || format!("{slices} slices of {subjects} made-up subjects in {folder}"))?;
            Ok(Exit::Done)
        }
    }
}

fn text(report: &CheckReport) -> String {
    let mut text = String::new();
    for SplitCount { split, slices, subjects, .. } in &report.splits {
        let _ = writeln!(text, "{split:<9} {slices:>6} slices of {subjects} subjects");
    }
    for (label, findings) in [("problem", &report.problems), ("warning", &report.warnings)] {
        for Finding { subject, why, .. } in findings {
            let _ = writeln!(text, "{label}: {subject}: {why}");
        }
    }
    text.push_str(if report.ok { "no problems" } else { "not fit for training: correct the problems above" });
    text
}
