//! Whether engines agree: pair by pair, stage by stage, on identical inputs, and through the whole pipeline.
//!
//! Of a pair, `a` makes the inputs of each stage: its latents go to both quantizers, its codes to both decoders and
//! both priors (under "any" condition).

mod codes;
mod report;
mod samples;

use std::ops::ControlFlow;

use ndarray::{Array2, Array3, Array4, ArrayView2, Axis, s};

use super::pipeline::Oasis;
use crate::bundle::{IMAGE, Role};
use crate::{Error, ErrorKind, Result};

pub use report::{CodesReport, PairReport, Report, SsimReport, StageReport, Stages, Tolerance};
pub use samples::{SamplesReport, compare_samples};

use codes::Judge;
use report::Stage;

/// Images that go through an engine at once.
const BATCH: usize = 8;
const COMPARE: &str = "cannot compare engines";

/// Measures the likeness of an original and a reconstruction, `[256, 256]` in 0..1.
pub type Ssim<'a> = &'a dyn Fn(ArrayView2<'_, f32>, ArrayView2<'_, f32>) -> f64;

/// Compares every pair of engines on images `[256, 256]` in 0..1.
///
/// `progress` is told how many images are done; where it breaks, comparing ends.
///
/// # Errors
/// [`ErrorKind::Usage`] for fewer than two engines or two of one name, [`ErrorKind::Input`] where there is no image or
/// one fails, [`ErrorKind::Model`] where the bundles differ in their sizes, [`ErrorKind::Interrupted`] where `progress`
/// breaks, and those of [`Oasis::run`]. That engines differ is no error: [`Report::pass`] tells.
pub fn compare(
    engines: &[&Oasis],
    images: impl IntoIterator<Item = Result<Array2<f32>>>,
    ssim: Ssim<'_>,
    progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Report> {
    check_engines(engines)?;
    let mut pairs = Vec::new();
    for (index, a) in engines.iter().enumerate() {
        for (offset, b) in engines[index + 1..].iter().enumerate() {
            pairs.push((index, index + 1 + offset, Pair::new(a, b)));
        }
    }
    let mut images = images.into_iter();
    let mut done = 0;
    loop {
        let batch: Vec<Array2<f32>> = images.by_ref().take(BATCH).collect::<Result<_>>()?;
        if batch.is_empty() {
            break;
        }
        done += batch.len();
        let batch = stack(&batch)?;
        let runs: Vec<Run> = engines.iter().map(|engine| Run::new(engine, &batch, ssim)).collect::<Result<_>>()?;
        for (a, b, pair) in &mut pairs {
            pair.add(engines[*b], &batch, ssim, &runs[*a], &runs[*b])?;
        }
        if progress(done).is_break() {
            let why = format!("stopped after {done} images");
            return Err(Error::new(ErrorKind::Interrupted, COMPARE, "parity", why));
        }
    }
    if done == 0 {
        return Err(Error::new(ErrorKind::Input, COMPARE, "images", "there is none")
            .hint("name images, or a data set with --data DIR"));
    }
    let pairs: Vec<_> = pairs.into_iter().map(|(.., pair)| pair.report()).collect();
    Ok(Report { pass: pairs.iter().all(|pair| pair.pass), pairs })
}

/// Compares the codes that two quantizers give for the same latents, as a stage of [`compare`] does: a code may differ
/// only where float error cannot tell the two codewords apart.
pub fn compare_codes(
    codebook: &Array2<f32>,
    latents: &Array4<f32>,
    a: &Array3<i64>,
    b: &Array3<i64>,
    tolerance: Tolerance,
) -> StageReport {
    let mut stage = Stage::new(tolerance.atol, tolerance.rtol);
    Judge::new(Some(codebook)).stage(latents, a, b, &mut stage);
    stage.report()
}

fn check_engines(engines: &[&Oasis]) -> Result<()> {
    let names: Vec<_> = engines.iter().map(|engine| engine.engine().name()).collect();
    let listed = names.join(",");
    let refuse = |why: &str| {
        Err(Error::new(ErrorKind::Usage, COMPARE, &listed, why)
            .hint("name two or more engines, such as --backends tract,ort"))
    };
    if names.len() < 2 {
        return refuse("it takes two");
    }
    if (1..names.len()).any(|index| names[..index].contains(&names[index])) {
        return refuse("these are names of one engine");
    }
    let sizes = engines[0].sizes();
    let has_prior = |engine: &Oasis| engine.bundle().get(&Role::Prior).is_some();
    match engines.iter().find(|engine| engine.sizes() != sizes || has_prior(engine) != has_prior(engines[0])) {
        None => Ok(()),
        Some(other) => {
            let why = format!("found {:?}, expected {sizes:?}, and a prior in both or none", other.sizes());
            Err(Error::new(ErrorKind::Model, COMPARE, other.bundle().name(), why))
        }
    }
}

fn stack(images: &[Array2<f32>]) -> Result<Array4<f32>> {
    let mut batch = Array4::zeros((images.len(), 1, IMAGE[0], IMAGE[1]));
    for (index, image) in images.iter().enumerate() {
        if image.shape() != IMAGE {
            let why = format!("found shape {:?}, expected {IMAGE:?}", image.shape());
            return Err(Error::new(ErrorKind::Input, COMPARE, "image", why));
        }
        batch.slice_mut(s![index, 0, .., ..]).assign(image);
    }
    Ok(batch)
}

/// What one engine makes of a batch of images.
struct Run {
    latents: Array4<f32>,
    codes: Array3<i64>,
    images: Array4<f32>,
    logits: Option<Array4<f32>>,
    ssim: Vec<f64>,
}

impl Run {
    fn new(oasis: &Oasis, originals: &Array4<f32>, ssim: Ssim<'_>) -> Result<Self> {
        let latents = oasis.latents(originals.view())?;
        let codes = oasis.quantize_any(latents.view())?;
        let images = oasis.decode(codes.view())?;
        let logits = prior(oasis, &codes)?;
        let pairs = originals.axis_iter(Axis(0)).zip(images.axis_iter(Axis(0)));
        let ssim =
            pairs.map(|(original, image)| ssim(original.slice(s![0, .., ..]), image.slice(s![0, .., ..]))).collect();
        Ok(Self { latents, codes, images, logits, ssim })
    }
}

fn prior(oasis: &Oasis, codes: &Array3<i64>) -> Result<Option<Array4<f32>>> {
    if oasis.bundle().get(&Role::Prior).is_none() {
        return Ok(None);
    }
    let words = &oasis.bundle().manifest().condition;
    let any = [words.slice_any, words.class_any];
    let condition = Array2::from_shape_fn((codes.dim().0, 2), |(_, axis)| any[axis]);
    oasis.prior_logits(codes.view(), condition.view()).map(Some)
}

/// What is known of a pair so far.
struct Pair {
    names: [String; 2],
    tolerance: Tolerance,
    judge: Judge,
    images: usize,
    ssim_sums: [f64; 2],
    ssim_max: f64,
    ssim_max_same_codes: f64,
    codes: CodesReport,
    total_codes: usize,
    stages: [Stage; 4],
}

impl Pair {
    fn new(a: &Oasis, b: &Oasis) -> Self {
        let names = [a, b].map(|oasis| oasis.engine().name().to_owned());
        let tolerance = Tolerance::of(&names[0], &names[1]);
        let Tolerance { atol, rtol, logits_atol, logits_rtol, .. } = tolerance;
        let stage = || Stage::new(atol, rtol);
        Self {
            names,
            tolerance,
            judge: Judge::new(a.bundle().codebook()),
            images: 0,
            ssim_sums: [0.0; 2],
            ssim_max: 0.0,
            ssim_max_same_codes: 0.0,
            codes: CodesReport::default(),
            total_codes: 0,
            stages: [stage(), stage(), stage(), Stage::new(logits_atol, logits_rtol)],
        }
    }

    fn add(&mut self, engine_b: &Oasis, originals: &Array4<f32>, ssim: Ssim<'_>, a: &Run, b: &Run) -> Result<()> {
        self.images += a.ssim.len();
        self.total_codes += a.codes.len();
        self.judge.flips(&a.latents, &b.latents, &a.codes, &b.codes, &mut self.codes);

        let [encoder, quantizer, decoder, logits] = &mut self.stages;
        encoder.add(a.latents.iter().copied(), b.latents.iter().copied());
        let same_codes = a.codes == b.codes;
        let codes_b = if a.latents == b.latents { b.codes.clone() } else { engine_b.quantize_any(a.latents.view())? };
        self.judge.stage(&a.latents, &a.codes, &codes_b, quantizer);
        let decoded = if same_codes { None } else { Some(engine_b.decode(a.codes.view())?) };
        decoder.add_images(&a.images, decoded.as_ref().unwrap_or(&b.images));

        for (index, (x, y)) in a.ssim.iter().zip(&b.ssim).enumerate() {
            self.ssim_sums[0] += x;
            self.ssim_sums[1] += y;
            self.ssim_max = report::worse(self.ssim_max, (x - y).abs());
            let y = decoded
                .as_ref()
                .map_or(*y, |images| ssim(originals.slice(s![index, 0, .., ..]), images.slice(s![index, 0, .., ..])));
            self.ssim_max_same_codes = report::worse(self.ssim_max_same_codes, (x - y).abs());
        }
        if let (Some(x), Some(y)) = (&a.logits, &b.logits) {
            let again = if same_codes { None } else { prior(engine_b, &a.codes)? };
            let y = again.as_ref().unwrap_or(y);
            logits.add(x.iter().copied(), y.iter().copied());
        }
        Ok(())
    }

    fn report(self) -> PairReport {
        let [a, b] = self.names;
        let [encoder, quantizer, decoder, prior] = self.stages;
        let count = self.images as f64;
        let ssim = SsimReport {
            a_mean: self.ssim_sums[0] / count,
            b_mean: self.ssim_sums[1] / count,
            max_abs_diff: self.ssim_max,
            max_abs_diff_same_codes: self.ssim_max_same_codes,
            tolerance: self.tolerance.ssim,
            pass: self.ssim_max_same_codes <= self.tolerance.ssim,
        };
        let mut codes = self.codes;
        codes.agreement = 1.0 - codes.flips as f64 / self.total_codes as f64;
        let prior = (prior.count() > 0).then(|| prior.report());
        let stages =
            Stages { encoder: encoder.report(), quantizer: quantizer.report(), decoder: decoder.report(), prior };
        let pass = ssim.pass && codes.unexcused_flips == 0 && stages.pass();
        PairReport { a, b, pass, images: self.images, ssim, codes, stages, samples: None }
    }
}
