//! Presets: all settings of a model and of its training, as TOML files that are part of the binary.

mod prior;
mod recipe;
mod require;
mod vqvae;

use std::fmt::Display;

use serde::{Deserialize, Serialize};

pub use prior::{PriorConfig, PriorNet, PriorTraining};
pub use recipe::{OptimizerKind, Recipe, Schedule};
pub use vqvae::{QuantizerKind, ReconstructionLoss, VqvaeConfig, VqvaeNet, VqvaeTraining};

use crate::{Error, ErrorKind, Result, Subject};

/// What fails where an override cannot be used.
const CHANGE: &str = "cannot change the preset";

const PRESETS: [(&str, &str); 3] = [
    ("keras", include_str!("presets/keras.toml")),
    ("oasis", include_str!("presets/oasis.toml")),
    ("oasis-hd", include_str!("presets/oasis-hd.toml")),
];

/// All settings of both models and of their trainings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
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
    /// The preset `name` with `key=value` overrides, such as `vqvae.codebook_size=256`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a preset or a key that does not exist, and for a value of the wrong type or out of
    /// range.
    pub fn named(name: &str, overrides: &[String]) -> Result<Self> {
        let text = PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        let text = text.ok_or_else(|| {
            let known = PRESETS.map(|(name, _)| name).join(", ");
            usage("unknown preset", Subject::setting("preset"), format!("found {name:?}, expected one of {known}"))
                .hint("set `preset` to oasis")
        })?;
        let mut table: toml::Table = toml::from_str(text).expect("a preset is valid TOML");
        for entry in overrides {
            apply(&mut table, entry)?;
        }
        let preset: Self = table.try_into().map_err(|why: toml::de::Error| {
            let text = why.to_string().trim_end().replace('\n', " ");
            usage(CHANGE, Subject::setting("set"), format!("{}: {text}", overrides.join(" ")))
                .caused_by(why)
                .hint("the files in src/model/presets show every key and its type")
        })?;
        preset.validate()?;
        Ok(preset)
    }

    /// Checks every setting.
    pub(crate) fn validate(&self) -> Result<()> {
        self.vqvae.check()?;
        self.vqvae_training.check(self.vqvae.window)?;
        self.prior.check()?;
        self.prior_training.check()
    }
}

/// Sets `section.key=value` in `table`; the key must exist.
fn apply(table: &mut toml::Table, entry: &str) -> Result<()> {
    let form = || {
        usage(CHANGE, Subject::setting("set"), format!("found {entry:?}, expected section.key=value"))
            .hint("for example vqvae.codebook_size=256")
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
        usage("unknown setting", Subject::setting(path), "no preset has this key")
            .hint("the files in src/model/presets show every key")
    })?;
    *slot = match (&*slot, value) {
        (toml::Value::Float(_), toml::Value::Integer(whole)) => toml::Value::Float(whole as f64),
        (_, value) => value,
    };
    Ok(())
}

fn usage(what: &str, subject: Subject, why: impl Display) -> Error {
    Error::new(ErrorKind::Usage, what, subject, why)
}
