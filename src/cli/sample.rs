//! `oasis sample`: new brains.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use indicatif::ProgressBar;
use ndarray::{Array3, Axis, s};
use oasis::data::{grey_image, save_png};
use oasis::runtime::{Choice, Condition, Given, Oasis, Progress, SampleRequest};
use oasis::{fs, jobs, report};
use serde_json::json;

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::interrupt;

/// Samples that are decoded at once.
const DECODED_TOGETHER: usize = 16;

/// Draw new brains from the prior.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=4096))]
    count: u32,
    /// The same seed draws the same brains, whatever the engine and the threads
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Slice position, 0 (bottom of the slab) to 31 (top) [default: any]
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    slice: Option<i64>,
    /// Clinical dementia rating: 0, 0.5, 1 or 2 [default: any]
    #[arg(long, value_name = "C", value_parser = dementia_class)]
    cdr: Option<i64>,
    /// Divides the logits; 0 takes the likeliest code
    #[arg(long, value_name = "T", default_value_t = 1.0, allow_negative_numbers = true)]
    temperature: f64,
    /// Draw among the likeliest K codes only
    #[arg(long, value_name = "K")]
    top_k: Option<usize>,
    /// Draw among the likeliest codes that together reach probability P only
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    top_p: Option<f64>,
    /// Codes to start from (.npy, int64); the first --rows rows are kept
    #[arg(long, value_name = "FILE.npy", requires = "rows")]
    given: Option<PathBuf>,
    /// Rows of --given to keep
    #[arg(long, value_name = "R", requires = "given")]
    rows: Option<usize>,
    /// FILE.png for one grid, or a folder for a PNG each and its codes (.npy)
    #[arg(long, value_name = "FILE.png|DIR")]
    out: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
}

/// The dementia class of a clinical dementia rating.
fn dementia_class(text: &str) -> Result<i64, String> {
    match text.parse::<f64>() {
        Ok(0.0) => Ok(0),
        Ok(0.5) => Ok(1),
        Ok(1.0 | 2.0 | 3.0) => Ok(2),
        _ => Err("expected a clinical dementia rating: 0, 0.5, 1 or 2".to_owned()),
    }
}

pub fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let oasis = args.engine.open(context)?;
    let request = request(&args, &oasis)?;
    let count = request.count;
    let [height, width] = oasis.sizes().grid;
    let sampler = oasis.sampler()?;
    sampler.check(&request)?;
    prepare(&args.out)?;

    let started = Instant::now();
    let bar = context.bar((height * count) as u64, "rows");
    let codes = sampler.sample(&request, &mut follow(context, &bar))?;
    let files = write(&oasis, &codes, &args.out)?;
    bar.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    let value = json!({
        "backend": oasis.engine().name(), "count": count, "seed": args.seed, "seconds": seconds,
        "codes_per_second": (count * height * width) as f64 / seconds, "files": files,
    });
    context.result(&value, || format!("{count} samples in {} ({seconds:.1} s)", args.out.display()))?;
    Ok(Exit::Done)
}

/// Moves the bar as rows are settled; where it is hidden, prints a line each quarter. Ctrl-C stops the sampling.
pub fn follow<'a>(context: &'a Context, bar: &'a ProgressBar) -> impl FnMut(Progress) -> ControlFlow<()> + 'a {
    let mut quarter = 0;
    move |progress| {
        bar.set_length(progress.rows as u64);
        bar.set_position(progress.rows_done as u64);
        let now = 4 * progress.rows_done / progress.rows.max(1);
        if bar.is_hidden() && now != quarter {
            quarter = now;
            context.say(format!("sampled {}/{} rows", progress.rows_done, progress.rows));
        }
        if interrupt::stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
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
        .condition(Condition::default().slice(args.slice).class(args.cdr))
        .choice(Choice::default().temperature(args.temperature).top_k(args.top_k).top_p(args.top_p))
        .given(given))
}

/// Whether `out` names one picture rather than a folder.
fn one_file(out: &Path) -> bool {
    !out.is_dir() && out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"))
}

/// Makes sure that `out` can be written before the long work starts.
fn prepare(out: &Path) -> oasis::Result<()> {
    if !one_file(out) {
        return fs::create_folder(out);
    }
    match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => fs::create_folder(parent),
        _ => Ok(()),
    }
}

/// Decodes the samples, a few at a time, and writes them: into one picture, or a picture and the codes of each.
fn write(oasis: &Oasis, codes: &Array3<i64>, out: &Path) -> oasis::Result<Vec<PathBuf>> {
    let one = one_file(out);
    let (mut tiles, mut files) = (Vec::new(), Vec::new());
    for some in codes.axis_chunks_iter(Axis(0), DECODED_TOGETHER) {
        let images = oasis.decode(some)?;
        for (image, codes) in images.axis_iter(Axis(0)).zip(some.axis_iter(Axis(0))) {
            let image = grey_image(image.slice(s![0, .., ..]));
            if one {
                tiles.push(image);
                continue;
            }
            let path = out.join(format!("sample_{:04}.png", files.len()));
            save_png(&path, &image)?;
            jobs::write_codes(&path.with_extension("npy"), codes)?;
            files.push(path);
        }
    }
    if one {
        save_png(out, &report::grid(&tiles, report::square_columns(tiles.len())))?;
        files.push(out.to_owned());
    }
    Ok(files)
}
