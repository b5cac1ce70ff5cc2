//! A bundle as a model repository of NVIDIA's Triton inference server.
//!
//! The encoder, the quantizer, the decoder and the prior become models of the backend `onnxruntime`, each the bytes that
//! engines are given ([`ModelFile::bytes`]), which for a bundle that `oasis export` wrote are those of its file. Two ensembles
//! chain them: `reconstruct` (image to reconstruction) and `encode` (image to codes). Names, element types and shapes are
//! those that the models declare.
//!
//! ```no_run
//! use std::path::Path;
//! use oasis::bundle::{Bundle, triton};
//! # fn main() -> oasis::Result<()> {
//! let bundle = Bundle::resolve(None)?;
//! triton::write(&bundle, Path::new("models"), &triton::Settings::default())?;
//! # Ok(())
//! # }
//! ```

mod config;
mod text;

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

pub use config::{Kind, ModelConfig, Step, Tensor};

use super::keys;
use super::open::Bundle;
use super::role::Role;
use crate::digest::sha256;
use crate::fs::{check_free, write_folder, write_synced};
use crate::onnx::ModelFile;
use crate::{Error, ErrorKind, Result, Subject};

/// The version folder that every model has.
const VERSION: &str = "1";
/// The file's name that the backend expects.
const FILE: &str = "model.onnx";
/// The parameter that holds the SHA-256 of a model's file.
const SHA256: &str = "oasis.sha256";

/// The ensembles, and the roles that data passes in each.
const ENSEMBLES: [(&str, &[Role]); 2] =
    [("reconstruct", &[Role::Encoder, Role::Quantizer, Role::Decoder]), ("encode", &[Role::Encoder, Role::Quantizer])];

/// How a repository is written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// What every model's name begins with: ASCII letters, digits, `_`, `-` and `.`, no `.` first. May be empty.
    pub prefix: String,
    /// The longest batch of a request, and of requests that the server joins; at least 1.
    pub max_batch: u16,
    /// How many instances of each ONNX model run, on GPUs where the server has them; at least 1, and the server's own
    /// choice where `None`.
    pub instances: Option<u16>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { prefix: "oasis_".to_owned(), max_batch: 64, instances: None }
    }
}

impl Settings {
    /// Checks the values.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] naming the setting.
    pub fn check(&self) -> Result<()> {
        let refuse = |setting: &str, found: String, expected: &str| {
            let why = format!("found {found}, expected {expected}");
            Err(Error::new(ErrorKind::Usage, "cannot write a model repository", Subject::setting(setting), why)
                .hint(format!("give `{setting}` {expected}")))
        };
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
        if self.prefix.starts_with('.') || !self.prefix.chars().all(plain) {
            let expected = "letters, digits, `_`, `-` and `.`, no `.` first";
            return refuse("prefix", format!("{:?}", self.prefix), expected);
        }
        if self.max_batch == 0 {
            return refuse("max_batch", "0".to_owned(), "a number from 1 on");
        }
        if self.instances == Some(0) {
            return refuse("instances", "0".to_owned(), "a number from 1 on");
        }
        Ok(())
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// The models of the repository: the ONNX models in the order that data passes them, then the ensembles.
///
/// # Errors
/// Those of [`Settings::check`]; [`ErrorKind::Model`] for a model that Triton cannot serve.
pub fn models(bundle: &Bundle, settings: &Settings) -> Result<Vec<ModelConfig>> {
    settings.check()?;
    let singles = Role::FIXED.into_iter().filter_map(|role| Some(single(bundle.get(&role)?, role, settings)));
    let ensembles = ENSEMBLES.into_iter().map(|(name, roles)| ensemble(bundle, name, roles, settings));
    singles.chain(ensembles).collect()
}

/// Writes the repository into the folder `out`, which is made whole or not at all, and tells its models.
///
/// # Errors
/// Those of [`models`]; [`ErrorKind::Input`] where `out` holds something already or cannot be written.
pub fn write(bundle: &Bundle, out: &Path, settings: &Settings) -> Result<Vec<ModelConfig>> {
    let models = models(bundle, settings)?;
    write_folder(out, |staged| models.iter().try_for_each(|model| stage(bundle, model, staged, out)))?;
    Ok(models)
}

/// Checks what [`write()`] refuses whatever the bundle is, so that it is known before a bundle is made.
///
/// # Errors
/// Those of [`Settings::check`]; [`ErrorKind::Input`] where `out` is a file, or a folder that holds something.
pub fn check(out: &Path, settings: &Settings) -> Result<()> {
    settings.check()?;
    check_free(out)
}

fn single(file: &ModelFile, role: Role, settings: &Settings) -> Result<ModelConfig> {
    let model = file.model();
    let told = model.metadata.iter().filter(|(key, _)| key.starts_with("oasis."));
    let told = told.cloned();
    Ok(ModelConfig {
        name: settings.name(role.as_str()),
        kind: Kind::Onnx { role, instances: settings.instances },
        max_batch: settings.max_batch,
        inputs: config::tensors(file, &model.graph.inputs)?,
        outputs: config::tensors(file, &model.graph.outputs)?,
        parameters: told.chain([(SHA256.to_owned(), sha256(file.bytes()))]).collect(),
    })
}

/// A chain of models: each reads all that the one before it makes, and nothing else.
fn ensemble(bundle: &Bundle, name: &str, roles: &[Role], settings: &Settings) -> Result<ModelConfig> {
    let names = |tensors: &[Tensor]| -> Vec<String> { tensors.iter().map(|tensor| tensor.name.clone()).collect() };
    let (mut inputs, mut passed): (Option<Vec<Tensor>>, Vec<Tensor>) = (None, Vec::new());
    let mut steps = Vec::new();
    for role in roles {
        let file = bundle.file(role)?;
        let reads = config::tensors(file, &file.model().graph.inputs)?;
        if inputs.is_some() && reads != passed {
            let why = format!("found inputs {reads:?}, expected what the step before makes: {passed:?}");
            return Err(Error::new(ErrorKind::Model, "cannot chain models", file.name(), why)
                .hint("export all files of the bundle from one run with `oasis export`"));
        }
        let makes = config::tensors(file, &file.model().graph.outputs)?;
        steps.push(Step { model: settings.name(role.as_str()), inputs: names(&reads), outputs: names(&makes) });
        inputs = inputs.or(Some(reads));
        passed = makes;
    }
    let manifest = bundle.manifest();
    let told = [(keys::RUN, &manifest.run), (keys::PREPROCESSING, &manifest.preprocessing)];
    Ok(ModelConfig {
        name: settings.name(name),
        kind: Kind::Ensemble { steps },
        max_batch: settings.max_batch,
        inputs: inputs.unwrap_or_default(),
        outputs: passed,
        parameters: BTreeMap::from(told.map(|(key, value)| (key.to_owned(), value.clone()))),
    })
}

/// Writes the folder of `model` into `staged`; errors name where it would have been in `out`.
fn stage(bundle: &Bundle, model: &ModelConfig, staged: &Path, out: &Path) -> Result<()> {
    let fail = |why: io::Error| {
        Error::input("cannot write model repository", &out.join(&model.name), &why)
            .caused_by(why)
            .hint("check the free space, or choose another folder for `out`")
    };
    let folder = staged.join(&model.name);
    let version = folder.join(VERSION);
    // Never `staged` itself: where a signal has taken it away, it is to stay away.
    fs::create_dir(&folder).and_then(|()| fs::create_dir(&version)).map_err(fail)?;
    if let Kind::Onnx { role, .. } = &model.kind {
        write_synced(&version.join(FILE), bundle.file(role)?.bytes()).map_err(fail)?;
    }
    write_synced(&folder.join("config.pbtxt"), model.to_string().as_bytes()).map_err(fail)
}
