//! `oasis eval`: scores of the reconstructions of a split.

use std::path::PathBuf;
use std::str::FromStr;

use oasis::bundle::Bundle;
use oasis::data::{Dataset, SliceFile, Split};
use oasis::jobs::{self, Ended, EvalReport};
use oasis::metrics::Summary;

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::files::{conclude, fit, with_stream};
use super::print::Lines;

/// Score the reconstructions of a split.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder with keras_png_slices_{train,validate,test}
    #[arg(long, value_name = "DIR", required_unless_present = "merge")]
    data: Option<PathBuf>,
    /// train, validate or test
    #[arg(long, default_value = "test")]
    split: Split,
    /// Write the scores of each slice to this file too
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Only part I of N, which is every Nth slice; 0/N and N/N are the same part
    #[arg(long, value_name = "I/N", conflicts_with = "merge")]
    shard: Option<Shard>,
    /// Join the files that --csv wrote for the parts of a split, without running an engine
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "data")]
    merge: Vec<PathBuf>,
    /// Shrink slices that are larger than 256x256 instead of refusing them
    #[arg(long)]
    resize: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

/// Part `index` of `count`: every slice whose number divided by `count` has the remainder `index % count`, so that parts
/// 0 to `count - 1` and parts 1 to `count` are the same parts.
#[derive(Debug, Clone, Copy)]
struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    fn of(self, files: &[SliceFile]) -> Vec<SliceFile> {
        files.iter().skip(self.index % self.count).step_by(self.count).cloned().collect()
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (index, count) = text.split_once('/')?;
            let (index, count) = (index.parse().ok()?, count.parse().ok()?);
            (count > 0 && index <= count).then_some(Self { index, count })
        };
        parse().ok_or_else(|| format!("found {text:?}, expected I/N with I from 0 or 1 up to N, such as 1/4"))
    }
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    if !args.merge.is_empty() {
        let bundle = Bundle::resolve(context.bundle.as_deref())?;
        let report = jobs::merge(&args.merge, &bundle, args.csv.as_deref())?;
        return finish(context, &report, Ended::default());
    }
    let data = args.data.as_deref().expect("clap requires --data without --merge");
    let dataset = Dataset::open(data)?;
    context.say_left_out(dataset.left_out());
    let files = dataset.split(args.split)?;
    let files = args.shard.map_or_else(|| files.to_vec(), |shard| shard.of(files));
    let (oasis, workers) = args.engine.open_for(context, files.len())?;
    let csv = args.csv.as_deref();
    let (report, ended) =
        with_stream(context, &files, fit(args.resize), workers, |stream| jobs::evaluate(&oasis, stream, csv))?;
    finish(context, &report, ended)
}

fn finish(context: &Context, report: &EvalReport, ended: Ended) -> oasis::Result<Exit> {
    let printed = context.result(report, || text(report));
    let exit = conclude(context, report.images, ended)?;
    printed.map(|()| exit)
}

fn text(report: &EvalReport) -> Lines {
    let EvalReport { backend, images, ssim, ssim_brain, psnr, codes, confidence, seconds, .. } = report;
    let [height, width] = codes.grid;
    let sure = |interval: Option<[f64; 2]>, decimals| {
        interval.map(|[low, high]| format!(" ({low:.decimals$} to {high:.decimals$})")).unwrap_or_default()
    };
    let ssim_sure = sure(confidence.ssim, 4);
    let Summary { mean, std, min, max, .. } = ssim;
    let brain = |score: Option<f64>| score.unwrap_or(f64::NAN);
    let (k, used, perplexity, bits) = (codes.codebook_size, codes.used, codes.perplexity, codes.bits_per_image);
    let mut text = Lines::one(format_args!(
        "{images} slices of {} subjects on {backend} in {seconds:.1} s; 95% intervals of means for new subjects",
        confidence.subjects
    ));
    text.add(format_args!("SSIM        mean {mean:.4}{ssim_sure}  std {std:.4}  min {min:.4}  max {max:.4}"));
    text.add(format_args!(
        "SSIM brain  mean {:.4}{}  min {:.4}",
        brain(ssim_brain.mean),
        sure(confidence.ssim_brain, 4),
        brain(ssim_brain.min)
    ));
    text.add(format_args!("PSNR        mean {:.2}{} dB", psnr.mean, sure(confidence.psnr, 2)));
    text.add(format_args!(
        "codes       {height}x{width} of {k}, {used} in use, perplexity {perplexity:.1}, {bits:.0} bits an image"
    ));
    text
}
