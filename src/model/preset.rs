//! Presets: everything that defines a model and its training, as TOML inside the binary.

use serde::{Deserialize, Serialize};

use crate::data::FRAME;
use crate::{Error, ErrorKind, Result};

const PRESETS: [(&str, &str); 3] = [
    ("keras", include_str!("presets/keras.toml")),
    ("oasis", include_str!("presets/oasis.toml")),
    ("oasis-hd", include_str!("presets/oasis-hd.toml")),
];

/// Both models and how each is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The VQ-VAE.
    pub vqvae: VqvaeConfig,
    /// How the VQ-VAE is trained.
    pub vqvae_training: VqvaeTraining,
    /// The prior over its codes.
    pub prior: PriorConfig,
    /// How the prior is trained.
    pub prior_training: PriorTraining,
}

/// Which layers a VQ-VAE is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VqvaeNet {
    /// Two strided 3x3 convolutions and their transposes.
    Keras,
    /// Patch convolution, strided convolution, residual blocks, depth to space.
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

/// A VQ-VAE's layers and sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VqvaeConfig {
    /// The layers.
    pub net: VqvaeNet,
    /// Rows and columns of the centred part of the 256x256 frame that is encoded; what is around it is black.
    pub window: [usize; 2],
    /// Pixels, down and across, that the outer of two strided layers takes as one.
    pub patch: [usize; 2],
    /// Positions of the outer layer that a code stands for, down and across.
    pub stride: [usize; 2],
    /// Channels at the outer and the inner resolution.
    pub channels: [usize; 2],
    /// Residual blocks in the encoder, and as many in the decoder.
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
    /// Codes `[h, w]` of an image.
    pub fn grid(&self) -> [usize; 2] {
        std::array::from_fn(|axis| self.window[axis] / self.cell()[axis])
    }

    /// Pixels of a code, down and across.
    fn cell(&self) -> [usize; 2] {
        std::array::from_fn(|axis| self.patch[axis] * self.stride[axis])
    }

    /// Whether the window is cut into whole cells around the frame's centre.
    fn tiles(&self) -> bool {
        let fits = |n: usize, cell: usize| {
            n > 10 && n <= FRAME && cell > 0 && n.is_multiple_of(cell) && (FRAME - n).is_multiple_of(2)
        };
        self.window.iter().zip(self.cell()).all(|(&n, cell)| fits(n, cell))
    }
}

/// What the reconstruction is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReconstructionLoss {
    /// Mean squared error over the variance of the training pixels.
    MseOverVariance,
    /// Mean absolute error plus `ssim_weight` times (1 - SSIM).
    L1Ssim,
}

/// The optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Adam (Kingma and Ba 2015).
    Adam,
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    Adamw,
}

/// The learning rate over a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same at every step.
    Constant,
    /// Linear rise over the first twentieth, then half a cosine down to a fiftieth.
    Cosine,
}

impl Schedule {
    /// The learning rate of step `step` out of `steps`, for a peak of `peak`.
    pub fn rate(self, peak: f64, step: usize, steps: usize) -> f64 {
        match self {
            Schedule::Constant => peak,
            Schedule::Cosine => {
                let warmup = (steps / 20).max(1);
                if step < warmup {
                    return peak * (step + 1) as f64 / warmup as f64;
                }
                let share = (step - warmup) as f64 / (steps.max(warmup + 1) - warmup) as f64;
                let floor = 0.02;
                peak * (floor + (1.0 - floor) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos()))
            }
        }
    }
}

/// How a VQ-VAE is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VqvaeTraining {
    /// What the reconstruction is held against.
    pub loss: ReconstructionLoss,
    /// Weight of (1 - SSIM) in `l1-ssim`.
    pub ssim_weight: f64,
    /// The optimiser.
    pub optimizer: OptimizerKind,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Its course.
    pub schedule: Schedule,
    /// Decoupled weight decay (`adamw`).
    pub weight_decay: f64,
    /// Images a step.
    pub batch: usize,
    /// Passes over the training slices.
    pub epochs: usize,
    /// Mirror half of the images left to right.
    pub mirror: bool,
}

/// Which layers a prior is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriorNet {
    /// The seed's PixelCNN: a 7x7 mask-A layer, residual blocks, 1x1 mask-B layers.
    Keras,
    /// Gated PixelCNN: a vertical and a horizontal stack, no blind spot.
    Gated,
}

/// A prior's layers and sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorConfig {
    /// The layers.
    pub net: PriorNet,
    /// Channels of every layer.
    pub channels: usize,
    /// Gated layers, or residual blocks.
    pub layers: usize,
    /// Rows and columns of the centred window of codes that depend on each other; those around it see no brain, and
    /// depend on their place alone (`gated`).
    pub window: [usize; 2],
    /// Share of the features dropped in training.
    pub dropout: f64,
}

/// How a prior is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorTraining {
    /// The optimiser.
    pub optimizer: OptimizerKind,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Its course.
    pub schedule: Schedule,
    /// Decoupled weight decay (`adamw`).
    pub weight_decay: f64,
    /// Code grids a step.
    pub batch: usize,
    /// Passes over the training slices.
    pub epochs: usize,
    /// Share of the conditions replaced by "any" in training.
    pub condition_dropout: f64,
    /// Train on the codes of the mirrored slices too.
    pub mirror: bool,
}

impl Preset {
    /// The names of the presets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|(name, _)| *name)
    }

    /// The preset `name` with `key=value` overrides, such as `vqvae.codebook_size=256`.
    ///
    /// # Errors
    /// An unknown preset, an unknown key, or a value of the wrong type.
    pub fn named(name: &str, overrides: &[String]) -> Result<Self> {
        let text = PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        let text = text.ok_or_else(|| {
            let known = Self::names().collect::<Vec<_>>().join(", ");
            usage("unknown preset", name, format!("found {name:?}, expected one of {known}"))
                .hint("pass --preset oasis")
        })?;
        let mut table: toml::Table = toml::from_str(text).expect("a preset is valid TOML");
        for entry in overrides {
            apply(&mut table, entry)?;
        }
        let preset: Self = table.try_into().map_err(|why| {
            usage("cannot use --set", overrides.join(" "), why).hint("see src/model/presets for every key and its type")
        })?;
        preset.validate()?;
        Ok(preset)
    }

    /// Checks that the settings fit each other.
    pub(crate) fn validate(&self) -> Result<()> {
        let vqvae = &self.vqvae;
        let checks = [
            (
                "vqvae.window",
                vqvae.tiles(),
                format!(
                    "found {:?}, expected even sides of 12 to {FRAME}, multiples of patch times stride, {:?}",
                    vqvae.window,
                    vqvae.cell()
                ),
            ),
            (
                "vqvae.patch",
                vqvae.net != VqvaeNet::Keras || [vqvae.patch, vqvae.stride] == [[2; 2]; 2],
                "expected patch and stride [2, 2] for net keras".into(),
            ),
            ("vqvae.codebook_size", self.vqvae.codebook_size >= 2, "expected at least 2".into()),
            ("vqvae.latent_dim", self.vqvae.latent_dim >= 1, "expected at least 1".into()),
            ("vqvae.channels", self.vqvae.channels.iter().all(|&n| n >= 1), "expected at least 1 each".into()),
            ("vqvae.decay", (0.0..1.0).contains(&self.vqvae.decay), "expected 0 to below 1".into()),
            (
                "prior.window",
                self.prior.net == PriorNet::Keras
                    || self
                        .prior
                        .window
                        .iter()
                        .zip(self.vqvae.grid())
                        .all(|(&n, all)| n >= 1 && n <= all && (all - n) % 2 == 0),
                format!(
                    "found {:?}, expected sides of 1 to {:?}, less by an even number",
                    self.prior.window,
                    self.vqvae.grid()
                ),
            ),
            ("prior.channels", self.prior.channels >= 2, "expected at least 2".into()),
            ("prior.dropout", (0.0..1.0).contains(&self.prior.dropout), "expected 0 to below 1".into()),
            ("vqvae_training.epochs", self.vqvae_training.epochs >= 1, "expected at least 1".into()),
            ("prior_training.epochs", self.prior_training.epochs >= 1, "expected at least 1".into()),
            (
                "prior_training.condition_dropout",
                (0.0..=1.0).contains(&self.prior_training.condition_dropout),
                "expected 0 to 1".into(),
            ),
            ("vqvae_training.batch", self.vqvae_training.batch >= 1, "expected at least 1".into()),
            ("prior_training.batch", self.prior_training.batch >= 1, "expected at least 1".into()),
            ("vqvae_training.learning_rate", self.vqvae_training.learning_rate > 0.0, "expected above 0".into()),
            ("prior_training.learning_rate", self.prior_training.learning_rate > 0.0, "expected above 0".into()),
        ];
        match checks.into_iter().find(|(_, holds, _)| !holds) {
            None => Ok(()),
            Some((key, _, why)) => Err(usage("bad setting", key, why).hint(format!("pass --set {key}=VALUE"))),
        }
    }
}

/// Sets `section.key=value` in `table`; the key must exist.
fn apply(table: &mut toml::Table, entry: &str) -> Result<()> {
    let form = || {
        usage("cannot use --set", entry, "expected section.key=value").hint("for example --set vqvae.codebook_size=256")
    };
    let (path, value) = entry.split_once('=').ok_or_else(form)?;
    let (section, key) = path.trim().split_once('.').ok_or_else(form)?;
    let value = toml::from_str::<toml::Table>(&format!("v = {value}"))
        .or_else(|_| toml::from_str::<toml::Table>(&format!("v = {value:?}")))
        .map_err(|_| form())?
        .remove("v")
        .ok_or_else(form)?;
    let slot = table.get_mut(section).and_then(toml::Value::as_table_mut).and_then(|t| t.get_mut(key));
    let slot = slot.ok_or_else(|| {
        usage("unknown setting", path, "no preset has this key").hint("see src/model/presets for every key")
    })?;
    *slot = match (&*slot, value) {
        (toml::Value::Float(_), toml::Value::Integer(whole)) => toml::Value::Float(whole as f64),
        (_, value) => value,
    };
    Ok(())
}

fn usage(what: &str, subject: impl std::fmt::Display, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Usage, what, subject, why)
}
