//! The VQ-VAE's objective: reconstruct slices from their codes.

use burn::tensor::{Device, Int, Tensor, TensorData};
use ndarray::ArrayView2;
use rand::rngs::StdRng;
use rayon::prelude::*;

use super::images::{Images, Variation};
use super::objective::{Objective, Validation};
use super::ssim_loss::SsimLoss;
use crate::data::FRAME;
use crate::metrics::{self, CodeUsage};
use crate::model::Vqvae;
use crate::model::preset::{QuantizerKind, Recipe, ReconstructionLoss, VqvaeConfig, VqvaeTraining};

/// A validation takes at most so many slices, spread evenly over the split.
const VALIDATION_SLICES: usize = 192;
/// Slices in a forward pass of a validation.
const VALIDATION_BATCH: usize = 16;

/// Trains a [`Vqvae`] on slices.
pub(super) struct VqvaeObjective {
    config: VqvaeConfig,
    training: VqvaeTraining,
    train: Images,
    validate: Images,
    variance: f64,
    ssim: SsimLoss,
    device: Device,
}

impl VqvaeObjective {
    /// Trains on `train` and validates on `validate`; `device` has autodiff.
    pub(super) fn new(
        config: VqvaeConfig,
        training: VqvaeTraining,
        train: Images,
        validate: Images,
        device: Device,
    ) -> Self {
        let variance = match training.loss {
            ReconstructionLoss::MseOverVariance => train.variance().max(1e-6),
            ReconstructionLoss::L1Ssim => 1.0,
        };
        let [rows, columns] = config.window;
        let ssim = SsimLoss::new(rows, columns, &device);
        Self { config, training, train, validate, variance, ssim, device }
    }

    fn usage(&self, codes: impl IntoIterator<Item = Tensor<3, Int>>) -> CodeUsage {
        let mut usage = CodeUsage::new(self.config.codebook_size);
        for codes in codes {
            let codes: Vec<i64> = codes.into_data().iter::<i64>().collect();
            usage.add(&codes).expect("the nearest codeword is in the codebook");
        }
        usage
    }
}

/// What is kept of a step's forward pass, without gradient.
pub(super) struct VqvaeTrace {
    /// `[batch, D, h, w]`
    latents: Tensor<4>,
    /// `[batch, h, w]`
    codes: Tensor<3, Int>,
    /// The mean SSIM of the windows, where it is part of the loss.
    ssim: Option<Tensor<1>>,
}

impl Objective for VqvaeObjective {
    const SECTION: &'static str = "vqvae_training";

    type Model = Vqvae;
    type Batch = TensorData;
    type Trace = VqvaeTrace;

    fn recipe(&self) -> &Recipe {
        &self.training.recipe
    }

    fn columns(&self) -> &'static [&'static str] {
        &["validate_ssim", "validate_ssim_min", "codes_used", "perplexity"]
    }

    fn samples(&self) -> usize {
        self.train.len()
    }

    fn batch(&self, indices: &[usize], rng: &mut StdRng) -> TensorData {
        let varied: Vec<_> = indices.iter().map(|_| Variation::draw(&self.training, rng)).collect();
        self.train.batch(indices, self.config.window, &varied)
    }

    fn loss(&self, model: &Vqvae, batch: TensorData) -> (Tensor<1>, VqvaeTrace) {
        let images = Tensor::<4>::from_data(batch, &self.device);
        let pass = model.forward(images.clone(), &self.config);
        let error = pass.reconstruction.clone() - images.clone();
        let (reconstruction, ssim) = match self.training.loss {
            ReconstructionLoss::MseOverVariance => (error.powf_scalar(2.0).mean().div_scalar(self.variance), None),
            ReconstructionLoss::L1Ssim => {
                let ssim = self.ssim.ssim(pass.reconstruction, images);
                let loss = error.abs().mean() + (ssim.clone().neg() + 1.0).mul_scalar(self.training.ssim_weight);
                (loss, Some(ssim.without_autodiff()))
            }
        };
        let (latents, codes) = (pass.latents.without_autodiff(), pass.codes.without_autodiff());
        (reconstruction + pass.quantization_loss, VqvaeTrace { latents, codes, ssim })
    }

    fn update(&self, mut model: Vqvae, trace: &VqvaeTrace, step: usize) -> Vqvae {
        if self.config.quantizer == QuantizerKind::Ema {
            let every = self.config.revive_every;
            let revive = every > 0 && step.is_multiple_of(every);
            let (latents, codes) = (trace.latents.clone(), trace.codes.clone());
            model.quantizer = model.quantizer.averaged(latents, codes, self.config.decay, revive);
        }
        model
    }

    fn figures(&self, _loss: f64, trace: &VqvaeTrace) -> Vec<(&'static str, f64)> {
        let usage = self.usage([trace.codes.clone()]);
        let ssim = trace.ssim.clone().map(|ssim| ("SSIM", ssim.into_scalar::<f64>()));
        ssim.into_iter().chain([("codes", usage.used() as f64), ("perplexity", usage.perplexity())]).collect()
    }

    fn validate(&self, model: &Vqvae) -> Validation {
        let device = self.device.clone().without_autodiff();
        let every = self.validate.len().div_ceil(VALIDATION_SLICES).max(1);
        let indices: Vec<usize> = (0..self.validate.len()).step_by(every).collect();
        let mut grids = Vec::new();
        let mut scores = Vec::with_capacity(indices.len());
        for chunk in indices.chunks(VALIDATION_BATCH) {
            let images = self.validate.frames(chunk, false, &device);
            let codes = model.encode(images.clone());
            let reconstructions = floats(model.decode(codes.clone()));
            let originals = floats(images);
            grids.push(codes);
            let pairs = originals.par_chunks(FRAME * FRAME).zip(reconstructions.par_chunks(FRAME * FRAME));
            scores.extend(pairs.map(|(a, b)| metrics::ssim(square(a), square(b))).collect::<Vec<_>>());
        }
        let usage = self.usage(grids);
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let min = scores.iter().copied().fold(f64::INFINITY, f64::min);
        Validation { score: mean, values: vec![mean, min, usage.used() as f64, usage.perplexity()] }
    }
}

fn floats(x: Tensor<4>) -> Vec<f32> {
    x.into_data().iter::<f32>().collect()
}

fn square(pixels: &[f32]) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((FRAME, FRAME), pixels).expect("a frame is 256x256")
}
