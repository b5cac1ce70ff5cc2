//! `oasis data import`: volumes to slices.

use std::path::PathBuf;

use oasis::data::import::{Held, ImportReport, ImportRequest, import};
use oasis::spell;

use crate::cli::context::Context;
use crate::cli::cut::CutArgs;
use crate::cli::errors::print;
use crate::cli::exit::Exit;
use crate::cli::interrupt;
use crate::cli::print::Lines;

/// How many warnings are printed.
const TOLD: usize = 10;

/// Cut the volumes of a downloaded tree into slices, split by subject.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder with what was downloaded and unpacked: discs of OASIS-1 (disc1/OAS1_0001_MR1/...), or NIfTI volumes, at any
    /// depth
    #[arg(value_name = "TREE")]
    tree: PathBuf,
    /// Folder to write; a run that was stopped is gone on with by the same command
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    cut: CutArgs,
    /// Bits of a pixel
    #[arg(long, value_name = "8|16", default_value_t = 8)]
    bits: u8,
    /// Subjects of the split validate: a share below 1, or a number
    #[arg(long, value_name = "N", default_value = "0.1")]
    validate: Held,
    /// Subjects of the split test: a share below 1, or a number
    #[arg(long, value_name = "N", default_value = "0.1")]
    test: Held,
    /// The same seed holds out the same subjects
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub fn run(args: &Args, context: &Context) -> oasis::Result<Exit> {
    let request = ImportRequest {
        tree: &args.tree,
        out: &args.out,
        slab: args.cut.slab,
        scale: args.cut.scale(),
        bits: args.bits,
        axes: args.cut.axes,
        registered: args.cut.registered,
        validate: args.validate,
        test: args.test,
        seed: args.seed,
        stop: interrupt::stop(),
    };
    let bar = context.bar(0, "volumes");
    let report = import(&request, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        // A line each eighth where there is no bar.
        if bar.is_hidden() && total >= 8 && done.is_multiple_of(total.div_ceil(8)) {
            context.say(format_args!("{done}/{total} volumes"));
        }
    })?;
    bar.finish_and_clear();
    for warning in report.warnings.iter().take(TOLD) {
        context.say(format_args!("warning: {warning}"));
    }
    if report.warnings.len() > TOLD {
        context.say(format_args!(
            "warning: {} more in {}",
            report.warnings.len() - TOLD,
            spell(args.out.join("import.json"))
        ));
    }
    for failure in &report.failed {
        print(&failure.error, &context.flags);
    }
    context.result(&report, || text(&report))?;
    Ok(if report.failed.is_empty() { Exit::Done } else { Exit::Partly })
}

fn text(report: &ImportReport) -> Lines {
    let mut text = Lines::default();
    for left in &report.left_out {
        text.add(format_args!(
            "left out  {:>6} {} ({}{})",
            left.count,
            left.why,
            left.first,
            if left.count > 1 { ", ..." } else { "" }
        ));
    }
    for (split, subjects) in &report.subjects {
        let volumes = report.volumes.iter().filter(|row| row.split == *split).count();
        text.add(format_args!("{split:<9} {volumes:>6} volumes of {subjects} subjects"));
    }
    let resumed = if report.resumed > 0 { format!(", {} of them done before", report.resumed) } else { String::new() };
    text.add(format_args!(
        "{} slices of {} volumes{resumed} in {}; import.json tells where each comes from",
        report.slices,
        report.volumes.len(),
        spell(&report.out)
    ));
    text
}
