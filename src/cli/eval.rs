//! `oasis eval`: SSIM and the rest over a split.

use std::path::PathBuf;
use std::str::FromStr;

use oasis::bundle::Bundle;
use oasis::data::{Dataset, SliceFile, Split};
use oasis::jobs::{self, Ended, EvalReport};

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::files::{conclude, fit, with_stream};

/// Score the reconstructions of a split.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder with keras_png_slices_{train,validate,test}
    #[arg(long, value_name = "DIR", required_unless_present = "merge")]
    data: Option<PathBuf>,
    /// train, validate or test
    #[arg(long, default_value = "test")]
    split: Split,
    /// Also write a row an image
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Only every nth slice: part I of N, I counted from 0 or from 1 alike
    #[arg(long, value_name = "I/N", conflicts_with = "merge")]
    shard: Option<Shard>,
    /// Join what --csv wrote for the shards, without running anything
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "data")]
    merge: Vec<PathBuf>,
    /// Shrink slices that are larger than 256x256 instead of refusing them
    #[arg(long)]
    resize: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

/// Part `index` of `count`: the slices whose number leaves `index` when divided by `count`, so
/// that parts 0 to n-1 and parts 1 to n are the same parts.
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
    let files = dataset.split(args.split)?;
    let files = args.shard.map_or_else(|| files.to_vec(), |shard| shard.of(files));
    let (oasis, workers) = args.engine.open_for(context, files.len())?;
    let csv = args.csv.as_deref();
    let (report, ended) =
        with_stream(context, &files, fit(args.resize), workers, |stream| jobs::evaluate(&oasis, stream, csv))?;
    finish(context, &report, ended)
}

fn finish(context: &Context, report: &EvalReport, ended: Ended) -> oasis::Result<Exit> {
    context.result(report, || text(report))?;
    conclude(context, report.images, ended)
}

fn text(report: &EvalReport) -> String {
    let EvalReport { backend, images, ssim, ssim_brain, psnr, codes, confidence, seconds, .. } = report;
    let [height, width] = codes.grid;
    let sure = |interval: Option<[f64; 2]>, decimals| {
        interval.map(|[low, high]| format!(" ({low:.decimals$} to {high:.decimals$})")).unwrap_or_default()
    };
    format!(
        "{images} slices of {} subjects on {backend} in {seconds:.1} s; 95% intervals of means for new subjects\n\
         SSIM        mean {:.4}{}  std {:.4}  min {:.4}  max {:.4}\n\
         SSIM brain  mean {:.4}{}  min {:.4}\n\
         PSNR        mean {:.2}{} dB\n\
         codes       {height}x{width} of {}, {} in use, perplexity {:.1}, {:.0} bits an image",
        confidence.subjects,
        ssim.mean,
        sure(confidence.ssim, 4),
        ssim.std,
        ssim.min,
        ssim.max,
        ssim_brain.mean.unwrap_or(f64::NAN),
        sure(confidence.ssim_brain, 4),
        ssim_brain.min.unwrap_or(f64::NAN),
        psnr.mean,
        sure(confidence.psnr, 2),
        codes.codebook_size,
        codes.used,
        codes.perplexity,
        codes.bits_per_image,
    )
}
