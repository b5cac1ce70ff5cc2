//! What commands over many files share: the inputs, the progress, how failures are printed.

use std::path::PathBuf;

use oasis::data::{Fit, SliceFile};
use oasis::jobs::{self, Ended, Failure, Stream, find_each};
use oasis::{Error, ErrorKind};

use super::context::Context;
use super::errors::print;
use super::exit::Exit;
use super::{interrupt, progress};

/// Slices to run.
#[derive(Debug, clap::Args)]
pub struct Inputs {
    /// Slices (PNG or JPEG), or volumes (.nii, .nii.gz, .hdr), or folders of either; hidden files, copies (NAME~) and what was made from another file there
    /// are left out of folders
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Shrink slices that are larger than 256x256 instead of refusing them
    #[arg(long)]
    pub resize: bool,
}

impl Inputs {
    /// The slices, and the inputs that cannot be found; says what was left out.
    pub fn find(&self, context: &Context) -> oasis::Result<(Vec<SliceFile>, Vec<Failure>)> {
        let jobs::Inputs { files, failures, left_out, .. } = find_each(&self.inputs)?;
        context.say_left_out(&left_out);
        Ok((files, failures))
    }

    /// The volumes among the inputs, and the others.
    pub fn volumes(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        jobs::find_volumes(&self.inputs)
    }

    /// What to do with large slices.
    pub fn fit(&self) -> Fit {
        fit(self.resize)
    }
}

/// What to do with large slices.
pub fn fit(resize: bool) -> Fit {
    if resize { Fit::Resize } else { Fit::Exact }
}

/// Runs `work` over a stream of slices with a progress bar; Ctrl-C stops it.
pub fn with_stream<T>(
    context: &Context,
    files: &[SliceFile],
    fit: Fit,
    workers: usize,
    work: impl FnOnce(&mut Stream<'_>) -> oasis::Result<T>,
) -> oasis::Result<T> {
    let bar = context.bar(files.len() as u64, "slices");
    let mut progress = progress::inputs(context, &bar, files.len());
    let stream = Stream::new(files).fit(fit).workers(workers).stop(interrupt::stop());
    let result = work(&mut stream.progress(&mut progress));
    bar.finish_and_clear();
    result
}

/// Prints each failure. Where some inputs were done and others failed, the command ends as [`Exit::Partly`]; where none
/// was done, with the first failure's error; where it was stopped, with an error that says so.
pub fn conclude(context: &Context, done: usize, ended: Ended) -> oasis::Result<Exit> {
    if let [failure] = &ended.failures[..]
        && done == 0
        && !ended.interrupted
    {
        return Err(failure.error.clone());
    }
    for failure in &ended.failures {
        print(&failure.error, &context.flags);
    }
    if ended.interrupted {
        let why = format!("the results of the first {done} inputs are written");
        return Err(Error::new(ErrorKind::Interrupted, "stopped", "INPUT", why)
            .hint("run it again for the rest; it begins from the first input"));
    }
    match (done, ended.failures.len()) {
        (_, 0) => Ok(Exit::Done),
        (0, count) => {
            let why = format!("none of the {count} inputs could be used");
            Err(Error::new(ErrorKind::Input, "nothing done", "INPUT", why)
                .hint("correct or leave out the files named above"))
        }
        _ => Ok(Exit::Partly),
    }
}
