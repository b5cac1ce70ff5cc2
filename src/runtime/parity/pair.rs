//! The comparison of two engines.

use ndarray::{Array2, Array3, Array4, ArrayView2};

use super::codes::Judge;
use super::limits::Limits;
use super::report::{CodesReport, PairReport, SsimReport, Stages};
use super::stage::{Stage, worse};
use crate::Result;
use crate::bundle::Role;
use crate::runtime::images::image_at;
use crate::runtime::pipeline::Oasis;

/// Measures how alike an original and a reconstruction are, `[256, 256]` in 0..1.
pub type Ssim<'a> = &'a dyn Fn(ArrayView2<'_, f32>, ArrayView2<'_, f32>) -> f64;

/// What one engine makes of a batch of images.
pub(super) struct Run {
    latents: Array4<f32>,
    codes: Array3<i64>,
    images: Array4<f32>,
    logits: Option<Array4<f32>>,
    ssim: Vec<f64>,
}

impl Run {
    /// Takes a batch of images through an engine.
    ///
    /// # Errors
    /// Those of the engine.
    pub(super) fn new(oasis: &Oasis, originals: &Array4<f32>, ssim: Ssim<'_>) -> Result<Self> {
        let latents = oasis.latents(originals.view())?;
        let codes = oasis.quantize(latents.view())?;
        let images = oasis.decode(codes.view())?;
        let logits = prior(oasis, &codes)?;
        let ssim =
            (0..originals.dim().0).map(|index| ssim(image_at(originals, index), image_at(&images, index))).collect();
        Ok(Self { latents, codes, images, logits, ssim })
    }
}

/// The prior's logits under the condition "any"; `None` where the bundle has no prior.
fn prior(oasis: &Oasis, codes: &Array3<i64>) -> Result<Option<Array4<f32>>> {
    if oasis.bundle().get(&Role::Prior).is_none() {
        return Ok(None);
    }
    let words = &oasis.bundle().manifest().condition;
    let any = [words.slice_any, words.class_any];
    let condition = Array2::from_shape_fn((codes.dim().0, 2), |(_, axis)| any[axis]);
    oasis.prior_logits(codes.view(), condition.view()).map(Some)
}

/// What is known so far about two engines.
pub(super) struct Pair {
    names: [String; 2],
    limits: Limits,
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
    /// Two engines that have done nothing so far.
    pub(super) fn new(a: &Oasis, b: &Oasis) -> Self {
        let names = [a, b].map(|oasis| oasis.engine().name().to_owned());
        let limits = Limits::of(&names[0], &names[1]);
        let stage = || Stage::new(limits.values);
        Self {
            names,
            limits,
            judge: Judge::new(a.bundle().codebook()),
            images: 0,
            ssim_sums: [0.0; 2],
            ssim_max: 0.0,
            ssim_max_same_codes: 0.0,
            codes: CodesReport::default(),
            total_codes: 0,
            stages: [stage(), stage(), stage(), Stage::new(limits.logits)],
        }
    }

    /// Adds what both engines made of a batch of images. The second engine also repeats each stage on the inputs of the
    /// first where these differ from its own.
    ///
    /// # Errors
    /// Those of the second engine.
    pub(super) fn add(
        &mut self,
        engine_b: &Oasis,
        originals: &Array4<f32>,
        ssim: Ssim<'_>,
        a: &Run,
        b: &Run,
    ) -> Result<()> {
        self.images += a.ssim.len();
        self.total_codes += a.codes.len();
        self.judge.flips(&a.latents, &b.latents, &a.codes, &b.codes, &mut self.codes);

        let [encoder, quantizer, decoder, logits] = &mut self.stages;
        encoder.add(a.latents.iter().copied(), b.latents.iter().copied());
        let same_codes = a.codes == b.codes;
        let codes_b = if a.latents == b.latents { b.codes.clone() } else { engine_b.quantize(a.latents.view())? };
        self.judge.stage(&a.latents, &a.codes, &codes_b, quantizer);
        let decoded = if same_codes { None } else { Some(engine_b.decode(a.codes.view())?) };
        decoder.add_images(&a.images, decoded.as_ref().unwrap_or(&b.images));

        for (index, (x, y)) in a.ssim.iter().zip(&b.ssim).enumerate() {
            self.ssim_sums[0] += x;
            self.ssim_sums[1] += y;
            self.ssim_max = worse(self.ssim_max, (x - y).abs());
            let y = decoded.as_ref().map_or(*y, |images| ssim(image_at(originals, index), image_at(images, index)));
            self.ssim_max_same_codes = worse(self.ssim_max_same_codes, (x - y).abs());
        }
        if let (Some(x), Some(y)) = (&a.logits, &b.logits) {
            let again = if same_codes { None } else { prior(engine_b, &a.codes)? };
            let y = again.as_ref().unwrap_or(y);
            logits.add(x.iter().copied(), y.iter().copied());
        }
        Ok(())
    }

    /// What was found.
    pub(super) fn report(self) -> PairReport {
        let [a, b] = self.names;
        let [encoder, quantizer, decoder, prior] = self.stages;
        let count = self.images as f64;
        let ssim = SsimReport {
            a_mean: self.ssim_sums[0] / count,
            b_mean: self.ssim_sums[1] / count,
            max_abs_diff: self.ssim_max,
            max_abs_diff_same_codes: self.ssim_max_same_codes,
            tolerance: self.limits.ssim,
            pass: self.ssim_max_same_codes <= self.limits.ssim,
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
