//! `oasis data check|phantom`.

use std::path::PathBuf;

use clap::Subcommand;
use oasis::data::{CheckReport, Dataset, Finding, SplitCount, phantom};
use oasis::spell;

use super::context::Context;
use super::exit::Exit;
use super::print::Lines;

/// Check a dataset, or make one up.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Debug, Subcommand)]
enum DataCommand {
    /// Count slices and subjects; report overlaps, duplicates and unreadable files
    Check {
        /// Folder with keras_png_slices_{train,validate,test}
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Draw brain-like slices, 32 of each subject, in the layout of the real ones
    Phantom {
        /// Subjects to draw; at least 3, so that each split has one
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
            context.say_left_out(&report.left_out);
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
            context.result(&written, || {
                let (slices, folder) = (written.slices, spell(&out));
                Lines::one(format_args!("{slices} slices of {subjects} made-up subjects in {folder}"))
            })?;
            Ok(Exit::Done)
        }
    }
}

fn text(report: &CheckReport) -> Lines {
    let mut text = Lines::default();
    for SplitCount { split, slices, subjects, .. } in &report.splits {
        text.add(format_args!("{split:<9} {slices:>6} slices of {subjects} subjects"));
    }
    for (label, findings) in [("problem", &report.problems), ("warning", &report.warnings)] {
        for Finding { subject, why, .. } in findings {
            text.add(format_args!("{label}: {subject}: {why}"));
        }
    }
    text.add(if report.ok { "no problems" } else { "not fit for training: correct the problems above" });
    text
}
