//! The VQ-VAE's objective: reconstruct slices through a codebook.

use burn::tensor::{Device, Int, Tensor};
use ndarray::ArrayView2;
use rand::rngs::StdRng;
use rayon::prelude::*;

use super::images::{Images, coin_flips};
use super::objective::{Objective, Recipe, Validation};
use super::ssim_loss::SsimLoss;
use crate::data::FRAME;
use crate::metrics::{self, CodeUsage};
use crate::model::Vqvae;
use crate::model::preset::{QuantizerKind, ReconstructionLoss, VqvaeConfig, VqvaeTraining};

/// Most slices that an epoch's validation looks at, spread evenly over the split.
const VALIDATION_SLICES: usize = 192;
/// Slices a forward pass of the validation.
const VALIDATION_BATCH: usize = 16;

/// Trains a [`Vqvae`] on slices.
pub struct VqvaeObjective {
    config: VqvaeConfig,
    training: VqvaeTraining,
    train: Images,
    validate: Images,
    variance: f64,
    ssim: SsimLoss,
    device: Device,
}

impl VqvaeObjective {
    /// Over decoded slices; `device` is the one with autodiff.
    pub fn new(config: VqvaeConfig, training: VqvaeTraining, train: Images, validate: Images, device: Device) -> Self {
        let variance = train.variance().max(1e-6);
        let [rows, columns] = config.window;
        let ssim = SsimLoss::new(rows, columns, &device);
        Self { config, training, train, validate, variance, ssim, device }
    }
}

impl Objective for VqvaeObjective {
    type Model = Vqvae;
    /// Latents and codes of the batch, without gradient.
    type Trace = (Tensor<4>, Tensor<3, Int>);

    fn recipe(&self) -> Recipe {
        let training = &self.training;
        Recipe {
            optimizer: training.optimizer,
            learning_rate: training.learning_rate,
            schedule: training.schedule,
            weight_decay: training.weight_decay,
            batch: training.batch,
            epochs: training.epochs,
        }
    }

    fn columns(&self) -> &'static [&'static str] {
        &["validate_ssim", "validate_ssim_min", "codes_used", "perplexity"]
    }

    fn samples(&self) -> usize {
        self.train.len()
    }

    fn loss(&self, model: &Vqvae, indices: &[usize], rng: &mut StdRng) -> (Tensor<1>, Self::Trace) {
        let mirror = coin_flips(indices.len(), self.training.mirror, rng);
        let images = self.train.batch(indices, self.config.window, &mirror, &self.device);
        let pass = model.forward(images.clone(), &self.config);
        let error = pass.reconstruction.clone() - images.clone();
        let reconstruction = match self.training.loss {
            ReconstructionLoss::MseOverVariance => error.powf_scalar(2.0).mean().div_scalar(self.variance),
            ReconstructionLoss::L1Ssim => {
                let ssim = self.ssim.ssim(pass.reconstruction, images);
                error.abs().mean() + (ssim.neg() + 1.0).mul_scalar(self.training.ssim_weight)
            }
        };
        let trace = (pass.latents.without_autodiff(), pass.codes.without_autodiff());
        (reconstruction + pass.quantization_loss, trace)
    }

    fn update(&self, mut model: Vqvae, (latents, codes): Self::Trace, step: usize) -> Vqvae {
        if self.config.quantizer == QuantizerKind::Ema {
            let every = self.config.revive_every;
            let revive = every > 0 && step.is_multiple_of(every);
            model.quantizer = model.quantizer.averaged(latents, codes, self.config.decay, revive);
        }
        model
    }

    fn validate(&self, model: &Vqvae) -> Validation {
        let device = self.device.clone().without_autodiff();
        let every = self.validate.len().div_ceil(VALIDATION_SLICES).max(1);
        let indices: Vec<usize> = (0..self.validate.len()).step_by(every).collect();
        let mut usage = CodeUsage::new(self.config.codebook_size);
        let mut scores = Vec::with_capacity(indices.len());
        for chunk in indices.chunks(VALIDATION_BATCH) {
            let images = self.validate.frames(chunk, false, &device);
            let codes = model.encode(images.clone());
            let reconstructions = floats(model.decode(codes.clone()));
            let originals = floats(images);
            let codes: Vec<i64> = codes.into_data().iter::<i64>().collect();
            usage.add(&codes).expect("the nearest codeword is in the codebook");
            let pairs = originals.par_chunks(FRAME * FRAME).zip(reconstructions.par_chunks(FRAME * FRAME));
            scores.extend(pairs.map(|(a, b)| metrics::ssim(square(a), square(b))).collect::<Vec<_>>());
        }
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
