//! `oasis judge`: how real the samples are.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use oasis::data::{Dataset, Split};
use oasis::judge::{JudgeRequest, Pictures, Watch, judge};
use oasis::runtime::Choice;

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::print::Lines;

/// What asks judging to stop: nothing, since a signal ends this command at once.
static NEVER: AtomicBool = AtomicBool::new(false);

/// Measure how real the samples are, in numbers that need no pretrained network.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The split to compare samples with: validate to choose settings, test to report results
    #[arg(long, default_value = "test")]
    split: Split,
    /// Leave out the two-sample tests and the likelihoods, which take most of the time
    #[arg(long)]
    quick: bool,
    /// The number of samples, and of slices to compare them with [default: all slices of the split]
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// Folder for pictures of samples, real slices and nearest training slices (the data's terms of use hold for them)
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// The seed of the samples and of all other random draws
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Folder with keras_png_slices_{train,validate,test}
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Divides the logits of the samples
    #[arg(long, value_name = "T", default_value_t = 1.0, allow_negative_numbers = true)]
    temperature: f64,
    /// Draw among the likeliest K codes only
    #[arg(long, value_name = "K")]
    top_k: Option<usize>,
    /// Draw among the likeliest codes that together reach probability P only
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    top_p: Option<f64>,
    #[command(flatten)]
    engine: EngineArgs,
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    let dataset = Dataset::open(&args.data)?;
    context.say_left_out(dataset.left_out());
    let count = match args.count {
        Some(count) => count,
        None => dataset.split(args.split)?.len(),
    };
    let oasis = args.engine.open(context)?;
    let choice = Choice::default().temperature(args.temperature).top_k(args.top_k).top_p(args.top_p);
    let mut request = JudgeRequest::new(count, args.seed);
    (request.split, request.choice, request.quick) = (args.split, choice, args.quick);
    let mut say = |what: &str| context.say(what);
    if let Some(folder) = &args.pictures {
        Pictures::prepare(folder)?;
    }
    let (report, pictures) = judge(&oasis, &dataset, &request, Watch::new(&NEVER, &mut say))?;
    if let Some(folder) = &args.pictures {
        pictures.save(folder)?;
    }
    context.result(&report, || Lines::of(&report.to_string()))?;
    Ok(Exit::Done)
}
