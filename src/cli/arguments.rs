//! The commands and their options.

use clap::{CommandFactory, Parser, Subcommand};

use super::context::{Context, Global};
use super::exit::Exit;
use super::flags::Flags;
#[cfg(not(feature = "train"))]
use super::missing;
use super::{bench, codes, completions, data, doctor, eval, export, infer, inspect, man, parity, sample};
#[cfg(feature = "train")]
use super::{judge, train};

/// VQ-VAE and PixelCNN for brain MRI slices: train, export to ONNX, run anywhere.
#[derive(Debug, Parser)]
#[command(name = "oasis", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw new brains from the prior
    Sample(sample::Args),
    /// Reconstruct slices: NAME.recon.png, NAME.codes.png, metrics.csv
    Infer(infer::Args),
    /// Encode slices to codes (.npy)
    Encode(codes::EncodeArgs),
    /// Decode codes (.npy) to images
    Decode(codes::DecodeArgs),
    /// Score the reconstructions of a split: SSIM, PSNR, use of the codes
    Eval(eval::Args),
    /// Compare engines stage by stage; exit 1 where they differ
    Parity(parity::Args),
    /// Measure the latency and throughput of each stage, the speed of sampling, and memory
    Bench(bench::Args),
    /// Show layers, shapes, parameters, opset, metadata and hashes
    Inspect(inspect::Args),
    /// Show which engines this machine can run, and why not the others
    Doctor(doctor::Args),
    /// Check a dataset, or make one up
    Data(data::Args),
    /// Train the VQ-VAE or the prior
    #[cfg(feature = "train")]
    Train(train::Args),
    /// Train the VQ-VAE or the prior (needs the feature `train`)
    #[cfg(not(feature = "train"))]
    Train(missing::Args),
    /// Write a bundle of ONNX files from trained runs, or a Triton model repository
    #[cfg(feature = "train")]
    Export(export::Args),
    /// Write a Triton model repository; a bundle from trained runs needs the feature `train`
    #[cfg(not(feature = "train"))]
    Export(export::Args),
    /// Measure how real the prior's samples are
    #[cfg(feature = "train")]
    Judge(judge::Args),
    /// Measure how real the prior's samples are (needs the feature `train`)
    #[cfg(not(feature = "train"))]
    Judge(missing::Args),
    /// Print shell completions
    Completions(completions::Args),
    /// Write man pages
    Man(man::Args),
}

impl Cli {
    /// Whether the command is to run in a process of its own.
    pub fn isolated(&self) -> bool {
        self.global.isolate
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Those of the command.
    pub fn run(self, flags: &Flags) -> oasis::Result<Exit> {
        let context = Context::new(&self.global, flags)?;
        match self.command {
            Command::Sample(args) => sample::run(args, &context),
            Command::Infer(args) => infer::run(args, &context),
            Command::Encode(args) => codes::encode(args, &context),
            Command::Decode(args) => codes::decode(args, &context),
            Command::Eval(args) => eval::run(args, &context),
            Command::Parity(args) => parity::run(args, &context),
            Command::Bench(args) => bench::run(args, &context),
            Command::Inspect(args) => inspect::run(args, &context),
            Command::Doctor(args) => doctor::run(args, &context),
            Command::Data(args) => data::run(args, &context),
            #[cfg(feature = "train")]
            Command::Train(args) => train::run(args, &context),
            #[cfg(not(feature = "train"))]
            Command::Train(_) => Err(missing::error("oasis train")),
            Command::Export(args) => export::run(args, &context),
            #[cfg(feature = "train")]
            Command::Judge(args) => judge::run(args, &context),
            #[cfg(not(feature = "train"))]
            Command::Judge(_) => Err(missing::error("oasis judge")),
            Command::Completions(args) => completions::run(args, Self::command()),
            Command::Man(args) => man::run(args, Self::command(), &context),
        }
    }
}
