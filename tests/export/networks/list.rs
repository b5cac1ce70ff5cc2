//! The networks by name. Include this file by `#[path]` to use them elsewhere: it needs `burn` and `oasis` alone.

mod layers;
mod mobilenet;
mod ours;
mod recurrent;
mod resnet;
pub mod seeded;
mod transformer;
mod unet;
mod vit;

use oasis::export::Exported;

use super::Exporter;

/// A network's name, and what builds and exports it.
pub type Network = (&'static str, fn() -> Exported);

/// Every network by name, and what builds and exports it.
pub const NETWORKS: &[Network] = &[
    ("resnet18", resnet::export),
    ("unet", unet::export),
    ("mobilenet", mobilenet::export),
    ("lstm", recurrent::export_lstm),
    ("lstm_time", recurrent::export_lstm_any_length),
    ("gru", recurrent::export_gru),
    ("transformer", transformer::export),
    ("transformer_time", transformer::export_any_length),
    ("vit", vit::export),
    ("vqvae", ours::export_vqvae),
    ("pixelcnn", ours::export_pixelcnn),
];

/// An exporter with named inputs and outputs, and one batch for all inputs.
fn batched(name: &str, inputs: &[&str], outputs: &[&str]) -> Exporter {
    let mut exporter = Exporter::new().name(name);
    for input in inputs {
        exporter = exporter.input(*input).dynamic_axis(*input, 0, "batch");
    }
    for output in outputs {
        exporter = exporter.output(*output);
    }
    exporter
}
