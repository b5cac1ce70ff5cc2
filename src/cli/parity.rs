//! `oasis parity`: whether engines agree, stage by stage.

use std::ops::ControlFlow;
use std::path::PathBuf;

use oasis::bundle::Bundle;
use oasis::data::{Dataset, Frame, Split};
use oasis::jobs::{Ended, Failure, Inputs, find_each};
use oasis::runtime::parity::{self, PairReport, Report, SamplesReport};
use oasis::runtime::{Backend, Oasis, SampleRequest};
use oasis::{Error, ErrorKind, Subject, metrics};

use super::context::Context;
use super::engine::LibraryArgs;
use super::exit::Exit;
use super::files::{conclude, fit};
use super::print::Lines;
use super::progress;

/// Compare engines on the same slices.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Engines to compare, each with every other
    #[arg(long, value_name = "A,B[,C]", value_delimiter = ',', default_value = "tract,ort")]
    backends: Vec<Backend>,
    /// Slices (PNG or JPEG), or folders of them
    #[arg(value_name = "INPUT", required_unless_present = "data", conflicts_with = "data")]
    inputs: Vec<PathBuf>,
    /// Folder with keras_png_slices_{train,validate,test}
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// train, validate or test
    #[arg(long, default_value = "test")]
    split: Split,
    /// Draw N samples with every engine too, and count those that are the same
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    samples: Option<u32>,
    /// The seed of the samples
    #[arg(long, value_name = "S", default_value_t = 1, requires = "samples")]
    seed: u64,
    /// Shrink slices that are larger than 256x256 instead of refusing them
    #[arg(long)]
    resize: bool,
    #[command(flatten)]
    library: LibraryArgs,
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    if args.backends.len() < 2 {
        let why = format!("found {}, expected at least two engines", args.backends.len());
        return Err(Error::new(ErrorKind::Usage, "cannot compare engines", Subject::setting("backends"), why)
            .hint("set `backends` to tract,ort"));
    }
    let (files, mut failures, left_out) = match &args.data {
        Some(data) => {
            let dataset = Dataset::open(data)?;
            (dataset.split(args.split)?.to_vec(), Vec::new(), dataset.left_out().clone())
        }
        None => {
            let Inputs { files, failures, left_out, .. } = find_each(&args.inputs)?;
            (files, failures, left_out)
        }
    };
    context.say_left_out(&left_out);
    let bundle = Bundle::resolve(context.bundle.as_deref())?;
    let options = args.library.options(context);
    let engines = args
        .backends
        .iter()
        .map(|backend| Oasis::open_with(&bundle, *backend, &options))
        .collect::<oasis::Result<Vec<_>>>()?;

    let samples = args.samples.map(|count| SampleRequest::new(count as usize, args.seed));
    if let Some(request) = &samples {
        engines.iter().try_for_each(|engine| engine.sampler()?.check(request))?;
    }

    let bar = context.bar(files.len() as u64, "slices");
    let mut progress = progress::inputs(context, &bar, files.len());
    let mut unread = Vec::new();
    let images = files.iter().filter_map(|file| match Frame::decode(&file.path, fit(args.resize)) {
        Ok(frame) => Some(Ok(frame.pixels)),
        Err(error) => {
            unread.push(Failure::new(&file.path, error));
            None
        }
    });
    let engines: Vec<_> = engines.iter().collect();
    let compared = parity::compare(&engines, images, &|a, b| metrics::ssim(a, b), &mut |done| {
        progress(done);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let read = files.len() - unread.len();
    failures.extend(unread);
    let mut ended = Ended::default();
    ended.failures = failures;
    if read == 0 && !ended.failures.is_empty() {
        return conclude(context, 0, ended);
    }
    let mut report = compared?;
    if let Some(request) = &samples {
        let bar = context.bar(0, "rows");
        parity::compare_samples(&engines, request, &mut report, &mut progress::rows(context, &bar))?;
        bar.finish_and_clear();
    }
    let printed = context.result(&report, || text(&report));
    let exit = conclude(context, read, ended)?;
    printed.map(|()| if report.pass { exit } else { Exit::Partly })
}

fn text(report: &Report) -> Lines {
    let mut text = Lines::default();
    report.pairs.iter().for_each(|report| pair(&mut text, report));
    text.add(if report.pass { "the engines agree" } else { "the engines differ" });
    text
}

fn pair(text: &mut Lines, pair: &PairReport) {
    let PairReport { a, b, images, ssim, codes, stages, samples, .. } = pair;
    let verdict = if pair.pass { "agree" } else { "differ" };
    text.add(format_args!("{a} and {b} on {images} slices: {verdict}"));
    text.add(format_args!(
        "  SSIM {:.6} and {:.6}, at most {:.2e} apart ({:.2e} on the same codes)",
        ssim.a_mean, ssim.b_mean, ssim.max_abs_diff, ssim.max_abs_diff_same_codes
    ));
    let (same, flips, unexcused) = (100.0 * codes.agreement, codes.flips, codes.unexcused_flips);
    text.add(format_args!("  codes {same:.4}% the same, {flips} flips, {unexcused} unexcused"));
    let fixed = [("encoder", &stages.encoder), ("quantizer", &stages.quantizer), ("decoder", &stages.decoder)];
    for (name, stage) in fixed.into_iter().chain(stages.prior.iter().map(|stage| ("prior", stage))) {
        let verdict = if stage.pass { "pass" } else { "FAIL" };
        text.add(format_args!(
            "  {name:<9} {verdict}: max {:.2e}, mean {:.2e} (tolerance {:.0e} + {:.0e} |b|)",
            stage.max_abs, stage.mean_abs, stage.atol, stage.rtol
        ));
    }
    if let Some(SamplesReport { count, identical, .. }) = samples {
        text.add(format_args!("  samples   {identical} of {count} the same"));
    }
}
