//! `oasis sample`: new brains.

use std::path::PathBuf;

use ndarray::Axis;
use oasis::data::dementia_class;
use oasis::runtime::{Choice, Condition, Given, Oasis, SampleRequest};
use oasis::{jobs, spell};

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::print::Lines;
use super::progress;

/// Draw new brains from the prior.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The number of samples
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=4096))]
    count: u32,
    /// The seed; it draws the same brains on every engine and any number of threads
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Slice position, 0 (bottom of the slab) to 31 (top) [default: any]
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    slice: Option<i64>,
    /// Clinical dementia rating: 0, 0.5, 1, 2 or 3 [default: any]
    #[arg(long = "cdr", value_name = "C", value_parser = class)]
    class: Option<i64>,
    /// Divides the logits before a code is drawn; 0 takes the likeliest code
    #[arg(long, value_name = "T", default_value_t = 1.0, allow_negative_numbers = true)]
    temperature: f64,
    /// Draw among the likeliest K codes only
    #[arg(long, value_name = "K")]
    top_k: Option<usize>,
    /// Draw among the likeliest codes that together reach probability P only
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    top_p: Option<f64>,
    /// Codes to start from (.npy, int64), of which the first --rows rows are kept
    #[arg(long, value_name = "FILE.npy", requires = "rows")]
    given: Option<PathBuf>,
    /// The number of rows of --given to keep
    #[arg(long, value_name = "R", requires = "given")]
    rows: Option<usize>,
    /// FILE.png for one picture of all samples, or a folder for a PNG and the codes (.npy) of each
    #[arg(long, value_name = "FILE.png|DIR")]
    out: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
}

/// The dementia class of a clinical dementia rating.
fn class(rating: &str) -> Result<i64, String> {
    let rating: f32 = rating.parse().map_err(|_| "expected 0, 0.5, 1, 2 or 3".to_owned())?;
    dementia_class(rating).map(i64::from).map_err(|error| error.why().to_owned())
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    if let Some(given) = &args.given {
        jobs::keeps_given(given, &args.out, args.count as usize)?;
    }
    let oasis = args.engine.open(context)?;
    let request = request(&args, &oasis)?;
    let bar = context.bar(0, "rows");
    let sampled = jobs::sample(&oasis, &request, &args.out, &mut progress::rows(context, &bar))?;
    bar.finish_and_clear();
    context.result(&sampled, || {
        let (count, out, seconds) = (sampled.count, spell(&args.out), sampled.seconds);
        Lines::one(format_args!("{count} samples in {out} ({seconds:.1} s)"))
    })?;
    Ok(Exit::Done)
}

fn request(args: &Args, oasis: &Oasis) -> oasis::Result<SampleRequest> {
    let given = match (&args.given, args.rows) {
        (Some(path), Some(rows)) => {
            let codes = jobs::read_codes(oasis, path)?.insert_axis(Axis(0));
            Some(Given::new(codes, rows))
        }
        _ => None,
    };
    Ok(SampleRequest::new(args.count as usize, args.seed)
        .condition(Condition::default().slice(args.slice).class(args.class))
        .choice(Choice::default().temperature(args.temperature).top_k(args.top_k).top_p(args.top_p))
        .given(given))
}
