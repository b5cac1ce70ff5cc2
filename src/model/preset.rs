//! Presets: everything that defines a model and its training, as TOML inside the binary.

mod prior;
mod recipe;
mod vqvae;

use serde::{Deserialize, Serialize};

pub use prior::{PriorConfig, PriorNet, PriorTraining};
pub use recipe::{OptimizerKind, Recipe, Schedule};
pub use vqvae::{QuantizerKind, ReconstructionLoss, VqvaeConfig, VqvaeNet, VqvaeTraining};

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
        let (vqvae, training, prior) = (&self.vqvae, &self.vqvae_training, &self.prior_training.recipe);
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
            (
                "prior_training.condition_dropout",
                (0.0..=1.0).contains(&self.prior_training.condition_dropout),
                "expected 0 to 1".into(),
            ),
            ("vqvae_training.brightness", (0.0..1.0).contains(&training.brightness), "expected 0 to below 1".into()),
            (
                "vqvae_training.shift",
                2 * training.shift <= vqvae.window.into_iter().min().unwrap_or(0),
                "expected at most half of the window".into(),
            ),
            ("vqvae_training.epochs", training.recipe.epochs >= 1, "expected at least 1".into()),
            ("vqvae_training.batch", training.recipe.batch >= 1, "expected at least 1".into()),
            ("vqvae_training.learning_rate", training.recipe.learning_rate > 0.0, "expected above 0".into()),
            ("prior_training.epochs", prior.epochs >= 1, "expected at least 1".into()),
            ("prior_training.batch", prior.batch >= 1, "expected at least 1".into()),
            ("prior_training.learning_rate", prior.learning_rate > 0.0, "expected above 0".into()),
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
