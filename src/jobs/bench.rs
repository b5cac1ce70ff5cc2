//! How fast an engine runs a bundle on this machine.
//!
//! Inputs are seeded random numbers, since the time does not depend on their values, and outputs go into one buffer.
//! Three untimed runs come before the timed ones: they load graphs, make plans and allocate memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use ndarray::{Array2, Array3, ArrayD, ArrayView2, IxDyn, s};
use serde::{Serialize, Serializer};

use super::memory::peak_rss_bytes;
use crate::bundle::{IMAGE, Role, Sizes};
use crate::metrics::percentile;
use crate::runtime::{EngineInfo, Noise, Oasis, Progress, SampleRequest, Tensor};
use crate::{Error, ErrorKind, Result, Subject};

/// Untimed runs before the timed ones.
const WARM_UP: usize = 3;
/// How many passes of the prior, and how many steps of the naive loop, are timed.
const PASSES: usize = 5;
/// The seed of the inputs.
const SEED: u64 = 1;

/// How fast an engine runs a bundle.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BenchReport {
    /// The engine.
    pub engine: String,
    /// The library behind it and its version, such as `ONNX Runtime 1.31.1`.
    pub library: String,
    /// The file that the library was loaded from; `None` for a library inside this binary.
    pub path: Option<PathBuf>,
    /// Threads that the engine uses.
    pub threads: usize,
    /// The stages that were timed, in the order that data passes them.
    #[serde(serialize_with = "by_name")]
    pub stages: BTreeMap<Role, StageTiming>,
    /// Sampling, where that was timed.
    pub sample: Option<SampleTiming>,
    /// The most memory that this process has held in RAM so far; `None` where the system does not report it.
    pub peak_rss_bytes: Option<u64>,
}

/// How long one run of a stage takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StageTiming {
    /// Images in a run.
    pub batch: usize,
    /// Runs that were timed.
    pub rounds: usize,
    /// The median over the runs, in milliseconds.
    pub ms_median: f64,
    /// The 90th percentile over the runs, in milliseconds.
    pub ms_p90: f64,
    /// `batch` divided by the median.
    pub images_per_second: f64,
}

/// How long sampling takes, beside the naive loop, which makes one full-grid pass of the prior for each code.
///
/// `naive_step_seconds` is measured on five steps of the naive loop, after three untimed ones. Where it is close to
/// `pass_seconds`, a code of the naive loop costs one pass, as `speedup` assumes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SampleTiming {
    /// Samples drawn at once.
    pub batch: usize,
    /// Their seed.
    pub seed: u64,
    /// From the request to the last code; nothing is decoded.
    pub seconds: f64,
    /// The codes of all samples divided by `seconds`.
    pub codes_per_second: f64,
    /// One full-grid pass of the prior over the batch, the median of five.
    pub pass_seconds: f64,
    /// One step of the naive loop over the batch, a pass and a code drawn for each sample, the median of five.
    pub naive_step_seconds: f64,
    /// The cost of the samples in full-grid passes: `seconds / pass_seconds`.
    pub passes: f64,
    /// The codes in a grid divided by `passes`.
    pub speedup: f64,
}

/// Times the stages `roles` one after the other, or all stages of the bundle where `roles` is empty: `rounds` runs of
/// `batch` images each, after three untimed runs. `progress` is called with each stage before it starts.
///
/// # Errors
/// [`ErrorKind::Usage`] for no images, no rounds or a role without a fixed interface, [`ErrorKind::Input`] for a role
/// that the bundle lacks, and those of [`Oasis::run`].
pub fn bench_stages(
    oasis: &Oasis,
    roles: &[Role],
    batch: usize,
    rounds: usize,
    progress: &mut dyn FnMut(&Role),
) -> Result<BenchReport> {
    at_least_one("batch", batch)?;
    at_least_one("rounds", rounds)?;
    let roles: BTreeSet<Role> = match roles {
        [] => Role::FIXED.into_iter().filter(|role| oasis.bundle().get(role).is_some()).collect(),
        named => named.iter().cloned().collect(),
    };
    for role in &roles {
        oasis.bundle().file(role)?;
    }
    let mut stages = BTreeMap::new();
    for role in roles {
        progress(&role);
        let inputs = inputs(oasis, &role, batch)?;
        let views: Vec<_> = inputs.iter().map(|(name, tensor)| (*name, tensor.view())).collect();
        let (name, mut output) = output(oasis, &role, batch)?;
        let seconds = time(rounds, || oasis.run_into(&role, &views, &name, output.view_mut()))?;
        stages.insert(role, StageTiming::new(batch, &seconds));
    }
    BenchReport::new(oasis, stages, None)
}

/// Times the drawing of `batch` samples, a pass of the prior, and a few steps of the naive loop. `progress` is that of
/// [`Sampler::sample`](crate::runtime::Sampler::sample).
///
/// # Errors
/// [`ErrorKind::Usage`] for no samples, and those of [`Oasis::sampler`] and of sampling.
pub fn bench_sample(
    oasis: &Oasis,
    batch: usize,
    seed: u64,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<BenchReport> {
    at_least_one("batch", batch)?;
    let request = SampleRequest::new(batch, seed);
    let sampler = oasis.sampler()?;
    sampler.check(&request)?;
    let Sizes { grid: [h, w], .. } = oasis.sizes();
    let condition = anything(oasis, batch);
    let mut codes = Array3::<i64>::zeros((batch, h, w));
    let passes = time(PASSES, || oasis.prior_logits(codes.view(), condition.view()).map(drop))?;
    let mut at = 0;
    let steps = time(PASSES, || {
        let done = naive_step(oasis, &request, condition.view(), &mut codes, at);
        at = (at + 1) % (h * w);
        done
    })?;

    let started = Instant::now();
    sampler.sample(&request, progress)?;
    let seconds = started.elapsed().as_secs_f64();
    let pass_seconds = percent(&passes, 50.0);
    let passes = seconds / pass_seconds;
    let sample = SampleTiming {
        batch,
        seed,
        seconds,
        codes_per_second: (batch * h * w) as f64 / seconds,
        pass_seconds,
        naive_step_seconds: percent(&steps, 50.0),
        passes,
        speedup: (h * w) as f64 / passes,
    };
    BenchReport::new(oasis, BTreeMap::new(), Some(sample))
}

impl BenchReport {
    fn new(oasis: &Oasis, stages: BTreeMap<Role, StageTiming>, sample: Option<SampleTiming>) -> Result<Self> {
        let EngineInfo { name, library, version, path, threads, .. } = oasis.engine().check()?;
        let library = format!("{library} {version}");
        Ok(Self { engine: name, library, path, threads, stages, sample, peak_rss_bytes: peak_rss_bytes() })
    }
}

impl StageTiming {
    /// The timing of at least one run.
    fn new(batch: usize, seconds: &[f64]) -> Self {
        let median = percent(seconds, 50.0);
        Self {
            batch,
            rounds: seconds.len(),
            ms_median: 1e3 * median,
            ms_p90: 1e3 * percent(seconds, 90.0),
            images_per_second: batch as f64 / median,
        }
    }
}

/// Stages as one object with a field each.
fn by_name<S: Serializer>(stages: &BTreeMap<Role, StageTiming>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(stages.iter().map(|(role, timing)| (role.as_str(), timing)))
}

fn at_least_one(setting: &str, found: usize) -> Result<()> {
    if found > 0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, "cannot time", Subject::setting(setting), "found 0, expected 1 or more"))
}

/// The seconds that each of `rounds` runs takes, after the warm-up.
fn time(rounds: usize, mut work: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    for _ in 0..WARM_UP {
        work()?;
    }
    (0..rounds)
        .map(|_| {
            let started = Instant::now();
            work()?;
            Ok(started.elapsed().as_secs_f64())
        })
        .collect()
}

fn percent(seconds: &[f64], percent: f64) -> f64 {
    percentile(seconds, percent).expect("at least one run was timed")
}

/// Inputs of a stage: floats in 0..1, codes in 0..K, conditions of any position and class.
fn inputs(oasis: &Oasis, role: &Role, batch: usize) -> Result<Vec<(&'static str, Tensor)>> {
    let Sizes { grid: [h, w], codebook_size, latent_dim } = oasis.sizes();
    let floats = |shape: &[usize]| Tensor::F32(numbers(shape, |value| value as f32));
    let codes = || ("codes", Tensor::I64(numbers(&[batch, h, w], |value| (value * codebook_size as f64) as i64)));
    Ok(match role {
        Role::Encoder => vec![("image", floats(&[batch, 1, IMAGE[0], IMAGE[1]]))],
        Role::Quantizer => vec![("latents", floats(&[batch, latent_dim, h, w]))],
        Role::Decoder => vec![codes()],
        Role::Prior => vec![codes(), ("condition", Tensor::I64(anything(oasis, batch).into_dyn()))],
        other => {
            let why = "only encoder, quantizer, decoder and prior can be timed, since their inputs are known";
            return Err(Error::new(ErrorKind::Usage, "cannot time", other.as_str(), why));
        }
    })
}

/// The name of a graph's one output, and room for it.
fn output(oasis: &Oasis, role: &Role, batch: usize) -> Result<(String, Tensor)> {
    let port = &oasis.bundle().file(role)?.model().graph.outputs[0];
    let shape: Vec<usize> = port.dims().iter().map(|dim| dim.fixed().unwrap_or(batch)).collect();
    let tensor = Tensor::zeros(port.dtype, &shape).expect("the contract's types are held");
    Ok((port.name.clone(), tensor))
}

/// `of` applied to seeded uniform numbers in `[0, 1)`.
fn numbers<T>(shape: &[usize], of: impl Fn(f64) -> T) -> ArrayD<T> {
    let count: usize = shape.iter().product();
    let values = Noise::new(SEED, 0, 0, 0).numbers(count).into_iter().map(|bits| of(f64::from(bits) / 2_f64.powi(32)));
    ArrayD::from_shape_vec(IxDyn(shape), values.collect()).expect("one value a place")
}

/// Conditions `[batch, 2]` of any slice position and any dementia class.
fn anything(oasis: &Oasis, batch: usize) -> Array2<i64> {
    let words = &oasis.bundle().manifest().condition;
    let row = [words.slice_any, words.class_any];
    Array2::from_shape_fn((batch, 2), |(_, axis)| row[axis])
}

/// One step of the naive loop: a pass of the prior, of which one code of each sample is kept.
fn naive_step(
    oasis: &Oasis,
    request: &SampleRequest,
    condition: ArrayView2<'_, i64>,
    codes: &mut Array3<i64>,
    at: usize,
) -> Result<()> {
    let (count, _, w) = codes.dim();
    let (row, column) = (at / w, at % w);
    let logits = oasis.prior_logits(codes.view(), condition)?;
    for index in 0..count {
        let noise = Noise::new(request.seed, index as u64, row as u16, column as u16);
        // Logits that hold NaN or infinity are refused before.
        if let Some(chosen) = request.choice.draw(&logits.slice(s![index, .., row, column]).to_vec(), noise) {
            codes[[index, row, column]] = chosen.code as i64;
        }
    }
    Ok(())
}
