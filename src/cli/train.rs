//! `oasis train vqvae|prior`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use oasis::spell;
use oasis::train::{DeviceKind, Event, RunRecord, TrainRequest, train_prior, train_vqvae};
use serde_json::{Map, Value, json};

use super::context::Context;
use super::exit::Exit;
use super::interrupt;
use super::print::Lines;
use super::progress::Quarters;

/// Train the VQ-VAE or the prior.
#[derive(Debug, ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    model: Model,
}

#[derive(Debug, Subcommand)]
enum Model {
    /// The VQ-VAE: slices to codes and back
    Vqvae(Common),
    /// The prior over the codes of a trained VQ-VAE
    Prior {
        /// The VQ-VAE's run folder
        #[arg(long, value_name = "RUN")]
        vqvae: PathBuf,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, ClapArgs)]
struct Common {
    /// Folder with keras_png_slices_{train,validate}
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The run folder to write
    #[arg(long, value_name = "RUN")]
    out: PathBuf,
    /// keras, oasis or oasis-hd [default: oasis; that of the VQ-VAE for a prior]
    #[arg(long)]
    preset: Option<String>,
    /// cpu, vulkan or cuda
    #[arg(long, default_value = "cpu")]
    device: DeviceKind,
    /// Passes over the slices [default: the preset's]
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Change a setting, such as vqvae.codebook_size=256
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seed of every random draw
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Train on the validation slices too
    #[arg(long)]
    join_validate: bool,
    /// Continue the run in --out, if there is one
    #[arg(long)]
    resume: bool,
}

impl Common {
    /// The request, with the preset `usual` where none is named.
    fn request(self, section: &str, usual: String) -> oasis::Result<TrainRequest> {
        let mut set = self.set;
        let preset_name = self.preset.unwrap_or(usual);
        set.extend(self.epochs.map(|epochs| format!("{section}.epochs={epochs}")));
        let mut request = TrainRequest::new(self.data, self.out, &preset_name, &set)?;
        request.device = self.device;
        request.seed = self.seed;
        request.join_validate = self.join_validate;
        request.resume = self.resume;
        request.commit = option_env!("OASIS_COMMIT").map(str::to_owned);
        Ok(request)
    }
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    let (out, outcome) = match args.model {
        Model::Vqvae(common) => {
            let request = common.request("vqvae_training", "oasis".to_owned())?;
            let outcome = train_vqvae(&request, interrupt::stop(), watch(context))?;
            (request.out, outcome)
        }
        Model::Prior { vqvae, common } => {
            let trained = RunRecord::read(&vqvae)?;
            let request = common.request("prior_training", trained.preset_name)?;
            let mut quarters = Quarters::default();
            let mut done = 0;
            let encoded = |count, total| {
                done += count;
                if quarters.pass(done, total) {
                    context.say(format!("encoded {done}/{total} slices"));
                }
            };
            let outcome = train_prior(&request, &vqvae, interrupt::stop(), encoded, watch(context))?;
            (request.out, outcome)
        }
    };
    let state = outcome.state;
    let validation: Map<String, Value> =
        outcome.validation.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let value = json!({
        "run": spell(&out),
        "interrupted": outcome.interrupted,
        "epochs": state.epoch,
        "steps": state.step,
        "best_epoch": state.best_epoch,
        "validation": validation,
    });
    let printed = context.result(&value, || {
        let (epochs, out, best) = (state.epoch, spell(&out), state.best_epoch);
        Lines::one(format_args!("{epochs} epochs in {out}, best was epoch {best}"))
    });
    if outcome.interrupted {
        return Err(oasis::Error::new(
            oasis::ErrorKind::Interrupted,
            "training stopped",
            &out,
            match state.step {
                0 => "no step was done yet".to_owned(),
                step => format!("a checkpoint at step {step} is written"),
            },
        )
        .hint("continue it with the same command and --resume"));
    }
    printed.map(|()| Exit::Done)
}

/// A progress bar on a terminal, a line a tenth of an epoch elsewhere.
fn watch(context: &Context) -> impl FnMut(Event<'_>) {
    let bar = context.bar(0, "images");
    let mut said = (0, 0);
    move |event| match event {
        Event::Step { epoch, epochs, done, samples, loss, figures, rate, left, .. } => {
            let figures: String = figures.iter().map(|(name, value)| format!(" {name} {value:.4}")).collect();
            let left = indicatif::HumanDuration(std::time::Duration::from_secs_f64(left));
            let line = format!("loss {loss:.4}{figures} {rate:.1} images/s, {left:#} left");
            bar.set_length(samples as u64);
            bar.set_position(done as u64);
            bar.set_prefix(format!("epoch {epoch}/{epochs}"));
            bar.set_message(line.clone());
            let now = (epoch, done * 10 / samples);
            if bar.is_hidden() && now != said {
                said = now;
                context.say(format!("epoch {epoch}/{epochs} {done}/{samples} {line}"));
            }
        }
        Event::Epoch { state, loss, values, .. } => {
            let figures: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
            bar.suspend(|| context.say(format!("epoch {} loss {loss:.4} {}", state.epoch, figures.join(" "))));
        }
        _ => {}
    }
}
