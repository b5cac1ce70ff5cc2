//! `oasis bench`: how fast this machine runs the model.

use oasis::bundle::Role;
use oasis::jobs::{self, BenchReport, SampleTiming};
use oasis::spell;

use super::context::Context;
use super::engine::EngineArgs;
use super::exit::Exit;
use super::print::Lines;
use super::progress;

/// Time each stage, or sampling.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Time sampling instead of each stage
    #[arg(value_name = "sample")]
    what: Option<What>,
    /// Images in a run, or samples drawn at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
    batch: u32,
    /// Timed runs of each stage, after three untimed ones
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000),
        conflicts_with = "what"
    )]
    rounds: u32,
    /// Stages to time: encoder, quantizer, decoder, prior [default: all in the bundle]
    #[arg(long, value_name = "STAGES", value_delimiter = ',', value_parser = stage, conflicts_with = "what")]
    stages: Vec<Role>,
    /// The seed of the samples
    #[arg(long, value_name = "S", default_value_t = 1, requires = "what")]
    seed: u64,
    #[command(flatten)]
    engine: EngineArgs,
}

/// What is timed instead of the stages.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    Sample,
}

fn stage(name: &str) -> Result<Role, String> {
    let expected = || "expected encoder, quantizer, decoder or prior".to_owned();
    Role::FIXED.into_iter().find(|role| role.as_str() == name).ok_or_else(expected)
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    let oasis = args.engine.open(context)?;
    let batch = args.batch as usize;
    let report = match args.what {
        Some(What::Sample) => {
            let bar = context.bar(oasis.sizes().grid[0] as u64, "rows");
            let report = jobs::bench_sample(&oasis, batch, args.seed, &mut progress::rows(context, &bar));
            bar.finish_and_clear();
            report
        }
        None => {
            let mut progress = |role: &Role| context.say(format!("timing {role}"));
            jobs::bench_stages(&oasis, &args.stages, batch, args.rounds as usize, &mut progress)
        }
    }?;
    context.result(&report, || text(&report))?;
    Ok(Exit::Done)
}

fn text(report: &BenchReport) -> Lines {
    let BenchReport { engine, library, path, threads, stages, sample, peak_rss_bytes, .. } = report;
    let mut text = Lines::one(format_args!("{engine} ({library}), {threads} threads"));
    if let Some(path) = path {
        text.add(spell(path));
    }
    if !stages.is_empty() {
        let head = ["stage", "batch", "ms median", "ms p90", "images/s"];
        text.add(format_args!("{:<10}{:>6}{:>12}{:>12}{:>12}", head[0], head[1], head[2], head[3], head[4]));
    }
    for (role, timing) in stages {
        let (name, batch) = (role.as_str(), timing.batch);
        let [median, p90, rate] = [timing.ms_median, timing.ms_p90, timing.images_per_second];
        text.add(format_args!("{name:<10}{batch:>6}{median:>12.3}{p90:>12.3}{rate:>12.1}"));
    }
    if let Some(sample) = sample {
        sampling(&mut text, sample);
    }
    if let Some(bytes) = peak_rss_bytes {
        text.add(format_args!("peak memory {:.1} MiB", *bytes as f64 / (1_u64 << 20) as f64));
    }
    text
}

fn sampling(text: &mut Lines, sample: &SampleTiming) {
    let SampleTiming { batch, seconds, codes_per_second, pass_seconds, naive_step_seconds, passes, speedup, .. } =
        sample;
    let (pass, step) = (1e3 * pass_seconds, 1e3 * naive_step_seconds);
    text.add(format_args!("{batch} samples in {seconds:.2} s, {codes_per_second:.1} codes/s"));
    text.add(format_args!("a pass      {pass:.1} ms; a step of the naive loop {step:.1} ms"));
    text.add(format_args!("cost        {passes:.1} passes, {speedup:.1} times fewer than one a code"));
}
