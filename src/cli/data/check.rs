//! `oasis data check`: the health of a dataset.

use std::path::PathBuf;

use oasis::data::{CheckReport, Dataset, Finding, SplitCount};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::print::Lines;

/// Count slices and subjects; report overlaps, duplicates and unreadable files.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder with keras_png_slices_{train,validate,test}
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub fn run(args: &Args, context: &Context) -> oasis::Result<Exit> {
    let bar = context.bar(0, "slices");
    let report = Dataset::check_with(&args.dir, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    context.say_left_out(&report.left_out);
    context.result(&report, || text(&report))?;
    Ok(if report.ok { Exit::Done } else { Exit::Partly })
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
