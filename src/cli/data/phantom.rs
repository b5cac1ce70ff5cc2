//! `oasis data phantom`: made-up slices.

use std::path::PathBuf;

use clap::ValueEnum;
use oasis::data::phantom;
use oasis::spell;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::print::Lines;

/// Draw brain-like slices, 32 of each subject, in the layout of the real ones.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Subjects to draw; at least 3, so that each split has one
    #[arg(long, value_name = "N", default_value_t = 10)]
    subjects: u32,
    /// The same seed draws the same slices
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder to write
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write whole volumes, one of each subject, as people download them: discs of OASIS-1, or NIfTI
    #[arg(long, value_enum, value_name = "FORM", num_args = 0..=1, default_missing_value = "discs")]
    volume: Option<FormArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormArg {
    Discs,
    Nifti,
}

pub fn run(args: &Args, context: &Context) -> oasis::Result<Exit> {
    let Args { subjects, seed, out, volume } = args;
    if let Some(form) = volume {
        let form = if *form == FormArg::Discs { phantom::Form::Discs } else { phantom::Form::Nifti };
        let bar = context.bar(u64::from(*subjects), "volumes");
        let written = phantom::write_volumes(out, *subjects, *seed, form, &|done, _| bar.set_position(done as u64))?;
        bar.finish_and_clear();
        context.result(&written, || {
            Lines::one(format_args!("{} volumes of made-up subjects in {}", written.volumes, spell(out)))
        })?;
        return Ok(Exit::Done);
    }
    let bar = context.bar(0, "slices");
    let written = phantom::write_dataset(out, *subjects, *seed, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    context.result(&written, || {
        let (slices, folder) = (written.slices, spell(out));
        Lines::one(format_args!("{slices} slices of {subjects} made-up subjects in {folder}"))
    })?;
    Ok(Exit::Done)
}
