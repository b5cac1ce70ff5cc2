//! Classifiers of sequences by the last state of Burn's LSTM (Hochreiter and Schmidhuber 1997,
//! <https://doi.org/10.1162/neco.1997.9.8.1735>) and GRU (Cho et al. 2014, <https://arxiv.org/abs/1406.1078>), both of
//! which loop over time.

use burn::module::Module;
use burn::nn::{Gru, GruConfig, Linear, LinearConfig, Lstm, LstmConfig};
use burn::tensor::{Device, Tensor};
use oasis::export::Exported;

use super::seeded::seeded;
use super::{Exporter, batched};

const TIME: usize = 12;
const FEATURES: usize = 8;
const HIDDEN: usize = 16;
const CLASSES: usize = 5;

/// The last hidden state of an LSTM, and a linear layer.
#[derive(Module, Debug)]
pub struct LstmClassifier {
    lstm: Lstm,
    head: Linear,
}

impl LstmClassifier {
    /// A net over so many features a step.
    pub fn new(features: usize, hidden: usize, classes: usize, device: &Device) -> Self {
        Self {
            lstm: LstmConfig::new(features, hidden, true).init(device),
            head: LinearConfig::new(hidden, classes).init(device),
        }
    }

    /// Sequences `[batch, time, features]` to logits `[batch, classes]`.
    pub fn forward(&self, sequence: Tensor<3>) -> Tensor<2> {
        let (_, last) = self.lstm.forward(sequence, None);
        self.head.forward(last.hidden)
    }
}

/// The last state of a GRU, cut out of all of them, and a linear layer.
#[derive(Module, Debug)]
pub struct GruClassifier {
    gru: Gru,
    head: Linear,
}

impl GruClassifier {
    /// A net over so many features a step.
    pub fn new(features: usize, hidden: usize, classes: usize, device: &Device) -> Self {
        Self {
            gru: GruConfig::new(features, hidden, true).init(device),
            head: LinearConfig::new(hidden, classes).init(device),
        }
    }

    /// Sequences `[batch, time, features]` to logits `[batch, classes]`.
    pub fn forward(&self, sequence: Tensor<3>) -> Tensor<2> {
        let states = self.gru.forward(sequence, None);
        let time = states.dims()[1];
        self.head.forward(states.narrow(1, time - 1, 1).squeeze_dim::<2>(1))
    }
}

/// Twelve steps of eight features.
pub fn export_lstm() -> Exported {
    let device = Device::flex();
    let net = seeded(LstmClassifier::new(FEATURES, HIDDEN, CLASSES, &device));
    exporter("lstm").export(&net, sample(&device), LstmClassifier::forward).expect("an LSTM")
}

/// Twelve steps of eight features.
pub fn export_gru() -> Exported {
    let device = Device::flex();
    let net = seeded(GruClassifier::new(FEATURES, HIDDEN, CLASSES, &device));
    exporter("gru").export(&net, sample(&device), GruClassifier::forward).expect("a GRU")
}

/// Any number of steps.
pub fn export_lstm_any_length() -> Exported {
    let device = Device::flex();
    let net = seeded(LstmClassifier::new(FEATURES, HIDDEN, CLASSES, &device));
    let exporter = exporter("lstm_time").dynamic_axis("sequence", 1, "time");
    exporter.export(&net, sample(&device), LstmClassifier::forward).expect("an LSTM")
}

fn exporter(name: &str) -> Exporter {
    batched(name, &["sequence"], &["logits"]).float_range("sequence", -1.0..1.0)
}

fn sample(device: &Device) -> Tensor<3> {
    Tensor::zeros([1, TIME, FEATURES], device)
}
