//! The settings of a VQ-VAE and of its training.

use serde::{Deserialize, Serialize};

use super::recipe::Recipe;
use super::require::require;
use crate::Result;
use crate::data::FRAME;

/// The kind of network a VQ-VAE is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VqvaeNet {
    /// Two strided 3x3 convolutions, and transposed ones in the decoder.
    Keras,
    /// A patch convolution, a strided convolution and residual blocks; depth to space in the decoder.
    Oasis,
}

/// How the codebook learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuantizerKind {
    /// By the gradient of the codebook loss (van den Oord et al. 2017, eq. 3).
    Gradient,
    /// By exponential moving averages (van den Oord et al. 2017, appendix A.1).
    Ema,
}

/// The kind and the sizes of a VQ-VAE.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct VqvaeConfig {
    /// The kind of network.
    pub net: VqvaeNet,
    /// Rows and columns of the centred part of the 256x256 frame that is encoded; the rest is decoded as black.
    pub window: [usize; 2],
    /// Rows and columns of the patches of pixels that the outer of two strided layers sees, each as one position.
    pub patch: [usize; 2],
    /// Rows and columns of the outer layer's positions that one code stands for.
    pub stride: [usize; 2],
    /// Channels of the outer and of the inner layers.
    pub channels: [usize; 2],
    /// Residual blocks in the encoder, and as many in the decoder; `keras` has none.
    pub blocks: usize,
    /// D: channels of the latents and of a codeword.
    pub latent_dim: usize,
    /// K: number of codewords.
    pub codebook_size: usize,
    /// How the codebook learns.
    pub quantizer: QuantizerKind,
    /// Weight of the commitment loss (beta).
    pub commitment: f64,
    /// Decay of the moving averages, per step.
    pub decay: f64,
    /// Steps between revivals of dead codes; 0 for never.
    pub revive_every: usize,
}

impl VqvaeConfig {
    /// Rows and columns `[h, w]` of an image's grid of codes.
    pub fn grid(&self) -> [usize; 2] {
        std::array::from_fn(|axis| self.window[axis] / self.cell()[axis])
    }

    /// Rows and columns of the pixels that one code stands for.
    fn cell(&self) -> [usize; 2] {
        std::array::from_fn(|axis| self.patch[axis] * self.stride[axis])
    }

    pub(super) fn check(&self) -> Result<()> {
        let side = |sides: [usize; 2]| sides.iter().all(|side| (1..=FRAME).contains(side));
        require("vqvae.patch", side(self.patch), "sides of 1 to 256")?;
        require("vqvae.stride", side(self.stride), "sides of 1 to 256")?;
        let tiled = |(&n, cell): (&usize, usize)| (12..=FRAME).contains(&n) && n % 2 == 0 && n.is_multiple_of(cell);
        let cell = self.cell();
        let sides = format!("even sides of 12 to {FRAME}, multiples of patch times stride, {cell:?}");
        require("vqvae.window", self.window.iter().zip(cell).all(tiled), &sides)?;
        match self.net {
            VqvaeNet::Keras => {
                let cell = [self.patch, self.stride];
                require("vqvae.patch", cell == [[2; 2]; 2], "patch and stride [2, 2] for net keras")?;
                require("vqvae.blocks", self.blocks == 0, "0 for net keras")?;
                require("vqvae.latent_dim", self.latent_dim >= 1, "at least 1")?;
            }
            // Of a single channel, scaling to unit length leaves only the sign.
            VqvaeNet::Oasis => require("vqvae.latent_dim", self.latent_dim >= 2, "at least 2 for net oasis")?,
        }
        require("vqvae.latent_dim", self.latent_dim <= 4096, "at most 4096")?;
        require("vqvae.codebook_size", (2..=65_536).contains(&self.codebook_size), "2 to 65536")?;
        require("vqvae.channels", self.channels.iter().all(|n| (1..=4096).contains(n)), "1 to 4096 each")?;
        // What the layers hold together, a kernel counted as one, so that a checkpoint can be read again.
        let [outer, inner] = self.channels;
        let area = |[rows, columns]: [usize; 2]| rows * columns;
        let layers = [
            self.codebook_size * self.latent_dim,
            area(self.patch) * outer,
            area(self.stride).saturating_mul(outer * inner),
            self.blocks.saturating_add(1).saturating_mul(inner * inner),
            inner * self.latent_dim,
        ];
        let weights = layers.iter().fold(0_usize, |sum, layer| sum.saturating_add(*layer));
        require("vqvae.channels", weights <= 1 << 22, "layers of at most 4194304 kernels together")?;
        require("vqvae.commitment", self.commitment >= 0.0 && self.commitment.is_finite(), "0 or more")?;
        require("vqvae.decay", (0.0..1.0).contains(&self.decay), "0 to below 1")
    }
}

/// How the loss compares a reconstruction with its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReconstructionLoss {
    /// The mean squared error, divided by the variance of the training slices' pixels.
    MseOverVariance,
    /// The mean absolute error, plus `ssim_weight` times (1 - SSIM).
    L1Ssim,
}

/// How a VQ-VAE is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VqvaeTraining {
    /// How the loss compares a reconstruction with its image.
    pub loss: ReconstructionLoss,
    /// Weight of (1 - SSIM) in `l1-ssim`.
    pub ssim_weight: f64,
    /// Optimiser, learning rate, batches, epochs.
    #[serde(flatten)]
    pub recipe: Recipe,
    /// Whether to mirror images left to right, each with probability one half.
    pub mirror: bool,
    /// The most pixels that an image is moved by, along either axis.
    pub shift: usize,
    /// The most that the factor an image is multiplied by differs from 1.
    pub brightness: f64,
}

impl VqvaeTraining {
    pub(super) fn check(&self, window: [usize; 2]) -> Result<()> {
        let weight = self.ssim_weight >= 0.0 && self.ssim_weight.is_finite();
        require("vqvae_training.ssim_weight", weight, "0 or more")?;
        let half = window[0].min(window[1]) / 2;
        require("vqvae_training.shift", self.shift <= half, &format!("at most half of the window, {half}"))?;
        require("vqvae_training.brightness", (0.0..1.0).contains(&self.brightness), "0 to below 1")?;
        self.recipe.check("vqvae_training")
    }
}
