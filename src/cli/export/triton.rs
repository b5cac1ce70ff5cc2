//! A bundle to a Triton model repository.

use std::path::Path;

use oasis::bundle::Bundle;
use oasis::bundle::triton::{self, ModelConfig, Settings};
use oasis::{Error, ErrorKind, Subject, spell};
use serde_json::{Value, json};

use super::runs::RunArgs;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::print::Lines;

/// How a Triton model repository is written.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of --layout triton")]
pub struct TritonArgs {
    /// The longest batch of a request, and of requests that the server joins [default: 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    max_batch: Option<u16>,
    /// What the models' names begin with [default: oasis_]
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Instances of each model, on GPUs where the server has them [default: the server's choice]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    instances: Option<u16>,
}

impl TritonArgs {
    /// Refuses the options where no repository is written.
    pub fn refuse(&self) -> oasis::Result<()> {
        let given = [
            ("max_batch", self.max_batch.is_some()),
            ("prefix", self.prefix.is_some()),
            ("instances", self.instances.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((name, _)) => {
                let why = "only a Triton model repository has this setting";
                Err(Error::new(ErrorKind::Usage, "cannot export", Subject::setting(name), why)
                    .hint(format!("add --layout triton, or leave `{name}` out")))
            }
            None => Ok(()),
        }
    }

    /// Writes the repository into `out`: from the runs where they are given, else from a bundle.
    pub fn write(&self, runs: &RunArgs, out: &Path, context: &Context) -> oasis::Result<Exit> {
        let settings = self.settings();
        // Refused before a long export, not after it.
        triton::check(out, &settings)?;
        let (bundle, errors) = if runs.given() {
            let (bundle, errors) = exported(runs, context)?;
            (bundle, Some(errors))
        } else {
            (Bundle::resolve(context.bundle.as_deref())?, None)
        };
        let models = triton::write(&bundle, out, &settings)?;
        let run = &bundle.manifest().run;
        let mut value = json!({
            "out": spell(out), "run": run, "max_batch": settings.max_batch,
            "models": models.iter().map(describe).collect::<Vec<_>>(),
        });
        if let Some(errors) = errors {
            value["max_abs_error"] = errors;
        }
        context.result(&value, || {
            let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
            let (count, names, out) = (models.len(), names.join(", "), spell(out));
            let mut text = Lines::one(format_args!("{count} models of run {run} in {out}: {names}"));
            text.add(format_args!("serve them: tritonserver --model-repository={out}"));
            text
        })?;
        Ok(Exit::Done)
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        if let Some(prefix) = &self.prefix {
            settings.prefix.clone_from(prefix);
        }
        settings.max_batch = self.max_batch.unwrap_or(settings.max_batch);
        settings.instances = self.instances;
        settings
    }
}

/// The runs as a bundle in memory, and the largest errors against Burn.
fn exported(runs: &RunArgs, context: &Context) -> oasis::Result<(Bundle, Value)> {
    if context.bundle.is_some() {
        let why = "a trained run is named too";
        return Err(Error::new(ErrorKind::Usage, "cannot export", Subject::setting("bundle"), why)
            .hint("leave out either `bundle` or `vqvae`"));
    }
    let (bundle, errors) = runs.export(None, context)?;
    Ok((bundle, errors.into()))
}

fn describe(model: &ModelConfig) -> Value {
    json!({
        "name": model.name, "platform": model.platform(), "inputs": model.inputs, "outputs": model.outputs,
        "parameters": model.parameters,
    })
}
