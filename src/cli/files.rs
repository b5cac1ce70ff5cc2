//! What commands over many files share: the inputs, the progress, what is said of failures.

use std::collections::HashSet;
use std::path::PathBuf;

use indicatif::ProgressBar;
use oasis::data::{Fit, SliceFile, find};
use oasis::jobs::{Ended, Failure, Stream};

use super::context::Context;
use super::exit::Exit;
use super::interrupt;

/// Slices to run.
#[derive(Debug, clap::Args)]
pub struct Inputs {
    /// Slices (PNG or JPEG), or folders of them
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Shrink slices that are larger than 256x256 instead of refusing them
    #[arg(long)]
    pub resize: bool,
}

impl Inputs {
    /// The slices; see [`find_each`].
    pub fn find(&self) -> oasis::Result<(Vec<SliceFile>, Vec<Failure>)> {
        find_each(&self.inputs)
    }

    /// What to do with large slices.
    pub fn fit(&self) -> Fit {
        fit(self.resize)
    }
}

/// The slices of inputs, in the order they were given, each once; what cannot be found is a failure
/// of its own where there is more than one input.
pub fn find_each(inputs: &[PathBuf]) -> oasis::Result<(Vec<SliceFile>, Vec<Failure>)> {
    if let [input] = inputs {
        return Ok((find(std::slice::from_ref(input))?, Vec::new()));
    }
    let (mut files, mut failures) = (Vec::<SliceFile>::new(), Vec::new());
    let mut seen = HashSet::new();
    for input in inputs {
        match find(std::slice::from_ref(input)) {
            Ok(found) => files.extend(found.into_iter().filter(|file| seen.insert(file.path.clone()))),
            Err(error) => failures.push(Failure { path: input.clone(), error }),
        }
    }
    Ok((files, failures))
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
    let mut progress = steps(context, &bar, files.len());
    let mut stream = Stream { files, fit, workers, stop: interrupt::stop(), progress: &mut progress };
    let result = work(&mut stream);
    bar.finish_and_clear();
    result
}

/// Moves the bar; where it is hidden, prints a line each quarter of long work.
pub fn steps<'a>(context: &'a Context, bar: &'a ProgressBar, total: usize) -> impl FnMut(usize) + 'a {
    let mut quarter = 0;
    move |done| {
        bar.set_position(done as u64);
        let now = 4 * done / total.max(1);
        if bar.is_hidden() && total > 100 && now != quarter {
            quarter = now;
            context.say(format!("{done}/{total}"));
        }
    }
}

/// Prints each failure; done work with failures is [`Exit::Partly`], no work at all is the first
/// failure's error, and work that was stopped is an error of its own.
pub fn conclude(done: usize, ended: Ended) -> anyhow::Result<Exit> {
    let Ended { failures, interrupted } = ended;
    if done == 0
        && !interrupted
        && let [failure] = &failures[..]
    {
        return Err(failure.error.clone().into());
    }
    for failure in &failures {
        eprintln!("error: {}", failure.error);
        for hint in failure.error.hints() {
            eprintln!("hint: {hint}");
        }
    }
    if interrupted {
        let why = format!("after {done} inputs, whose results are written");
        return Err(oasis::Error::new(oasis::ErrorKind::Interrupted, "stopped", "INPUT", why)
            .hint("run it again for the rest; it begins from the first input")
            .into());
    }
    match (done, failures.len()) {
        (_, 0) => Ok(Exit::Done),
        (0, count) => {
            let why = format!("none of the {count} inputs could be used");
            Err(oasis::Error::new(oasis::ErrorKind::Input, "nothing done", "INPUT", why)
                .hint("mend or leave out the files named above")
                .into())
        }
        _ => Ok(Exit::Partly),
    }
}
