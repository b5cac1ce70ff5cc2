//! Recurrent layers: rolled up where the exporter knows the cell, unrolled where it does not.

use burn::module::Module;
use burn::nn::activation::ActivationConfig;
use burn::nn::{
    BiGru, BiGruConfig, BiLstm, BiLstmConfig, BiRnn, BiRnnConfig, GateController, Gru, GruConfig, Initializer, Lstm,
    LstmConfig, LstmState, Rnn, RnnConfig, RnnState,
};
use burn::tensor::{Device, Tensor};
use oasis::export::{Exporter, Values};

use super::{of_any_length, several};
use crate::common::{floats, layer, verify};

const UNIT: std::ops::Range<f64> = -1.0..1.0;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        nn_gate,
        nn_lstm,
        nn_lstm_from_state,
        nn_lstm_of_any_length,
        nn_bilstm,
        nn_bilstm_of_any_length,
        nn_gru,
        nn_gru_of_any_length,
        nn_bigru,
        nn_bigru_of_any_length,
        nn_rnn,
        nn_rnn_of_any_length,
        nn_birnn,
        nn_recurrent_time_first,
        nn_both_ways_from_state
    ]
}

/// Two sequences of four steps of five features.
fn sequences() -> Tensor<3> {
    floats([2, 4, 5])
}

fn lstm(m: &Lstm, x: Tensor<3>) -> (Tensor<3>, Tensor<2>, Tensor<2>) {
    let (states, last) = m.forward(x, None);
    (states, last.cell, last.hidden)
}

fn bilstm(m: &BiLstm, x: Tensor<3>) -> (Tensor<3>, Tensor<3>, Tensor<3>) {
    let (states, last) = m.forward(x, None);
    (states, last.cell, last.hidden)
}

fn gru(m: &Gru, x: Tensor<3>) -> Tensor<3> {
    m.forward(x, None)
}

fn bigru(m: &BiGru, x: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
    m.forward(x, None)
}

fn rnn(m: &Rnn, x: Tensor<3>) -> (Tensor<3>, Tensor<2>) {
    let (states, last) = m.forward(x, None);
    (states, last.hidden)
}

fn birnn(m: &BiRnn, x: Tensor<3>) -> (Tensor<3>, Tensor<3>) {
    let (states, last) = m.forward(x, None);
    (states, last.hidden)
}

fn nn_gate() {
    for (name, bias) in [("nn_gate", true), ("nn_gate_without_bias", false)] {
        let gate = GateController::new(5, 3, bias, Initializer::XavierNormal { gain: 1.0 }, &Device::flex());
        several(name, gate, (floats([2, 5]), floats([2, 3])), UNIT, |m, (x, h): (Tensor<2>, Tensor<2>)| {
            m.gate_product(x, h)
        });
    }
}

fn nn_lstm() {
    let config = || LstmConfig::new(5, 3, true);
    let others = config()
        .with_gate_activation(ActivationConfig::Softsign)
        .with_cell_activation(ActivationConfig::Relu)
        .with_hidden_activation(ActivationConfig::Sigmoid);
    let cases = [
        ("nn_lstm", config()),
        ("nn_lstm_without_bias", LstmConfig::new(5, 3, false)),
        ("nn_lstm_reverse", config().with_reverse(true)),
        ("nn_lstm_clip", config().with_clip(Some(0.1))),
        ("nn_lstm_input_forget", config().with_input_forget(true)),
        ("nn_lstm_input_forget_reverse", config().with_input_forget(true).with_reverse(true)),
        ("nn_lstm_activations", others),
    ];
    for (name, config) in cases {
        layer(name, config.init(&Device::flex()), sequences(), lstm);
    }
    layer("nn_lstm_one_step", config().init(&Device::flex()), floats([2, 1, 5]), lstm);
    let trained = config().init(&Device::flex()).to_device(&Device::flex().autodiff());
    layer("nn_lstm_autodiff", trained, sequences(), lstm);
}

fn nn_lstm_from_state() {
    let forward = |m: &Lstm, (x, c, h): (Tensor<3>, Tensor<2>, Tensor<2>)| {
        let (states, last) = m.forward(x, Some(LstmState::new(c, h)));
        (states, last.cell, last.hidden)
    };
    let sample = || (sequences(), floats([2, 3]), floats([2, 3]) * 0.5);
    let module = || LstmConfig::new(5, 3, true).init(&Device::flex());
    several("nn_lstm_from_state", module(), sample(), UNIT, forward);
    of_any_length("nn_lstm_from_state_of_any_length", module(), sample(), 1, UNIT, forward);
}

fn nn_lstm_of_any_length() {
    let cases = [
        ("nn_lstm_of_any_length", LstmConfig::new(5, 3, true)),
        ("nn_lstm_without_bias_of_any_length", LstmConfig::new(5, 3, false)),
        ("nn_lstm_reverse_of_any_length", LstmConfig::new(5, 3, true).with_reverse(true)),
    ];
    for (name, config) in cases {
        of_any_length(name, config.init(&Device::flex()), sequences(), 1, UNIT, lstm);
    }
}

fn nn_bilstm() {
    let cases = [
        ("nn_bilstm", BiLstmConfig::new(5, 3, true)),
        ("nn_bilstm_without_bias", BiLstmConfig::new(5, 3, false)),
        ("nn_bilstm_settings", BiLstmConfig::new(5, 3, true).with_clip(Some(0.1)).with_input_forget(true)),
    ];
    for (name, config) in cases {
        layer(name, config.init(&Device::flex()), sequences(), bilstm);
    }
}

fn nn_bilstm_of_any_length() {
    for (name, bias) in [("nn_bilstm_of_any_length", true), ("nn_bilstm_without_bias_of_any_length", false)] {
        let module = BiLstmConfig::new(5, 3, bias).init(&Device::flex());
        of_any_length(name, module, sequences(), 1, UNIT, bilstm);
    }
}

fn grus() -> [(&'static str, GruConfig); 4] {
    [
        ("nn_gru", GruConfig::new(5, 3, true)),
        ("nn_gru_without_bias", GruConfig::new(5, 3, false)),
        ("nn_gru_reset_before", GruConfig::new(5, 3, true).with_reset_after(false)),
        ("nn_gru_reset_before_without_bias", GruConfig::new(5, 3, false).with_reset_after(false)),
    ]
}

fn nn_gru() {
    for (name, config) in grus() {
        layer(name, config.init(&Device::flex()), sequences(), gru);
    }
    let clipped = GruConfig::new(5, 3, true).with_clip(Some(0.1));
    layer("nn_gru_clip", clipped.init(&Device::flex()), sequences(), gru);
    let others = GruConfig::new(5, 3, true)
        .with_gate_activation(ActivationConfig::Softsign)
        .with_hidden_activation(ActivationConfig::Relu);
    layer("nn_gru_activations", others.init(&Device::flex()), sequences(), gru);
}

fn nn_gru_of_any_length() {
    for (name, config) in grus() {
        let module = config.init(&Device::flex());
        of_any_length(&format!("{name}_of_any_length"), module, sequences(), 1, UNIT, gru);
    }
    let module = GruConfig::new(5, 3, true).init(&Device::flex());
    let sample = (sequences(), floats([2, 3]));
    of_any_length("nn_gru_from_state", module, sample, 1, UNIT, |m: &Gru, (x, h): (Tensor<3>, Tensor<2>)| {
        m.forward(x, Some(h))
    });
}

fn nn_bigru() {
    let cases = [
        ("nn_bigru", BiGruConfig::new(5, 3, true)),
        ("nn_bigru_without_bias", BiGruConfig::new(5, 3, false)),
        ("nn_bigru_settings", BiGruConfig::new(5, 3, true).with_reset_after(false).with_clip(Some(0.1))),
    ];
    for (name, config) in cases {
        layer(name, config.init(&Device::flex()), sequences(), bigru);
    }
}

fn nn_bigru_of_any_length() {
    let module = BiGruConfig::new(5, 3, true).init(&Device::flex());
    of_any_length("nn_bigru_of_any_length", module, sequences(), 1, UNIT, bigru);
}

fn nn_rnn_of_any_length() {
    let module = RnnConfig::new(5, 3, true).init(&Device::flex());
    of_any_length("nn_rnn_of_any_length", module, sequences(), 1, UNIT, rnn);
}

fn nn_rnn() {
    let cases = [
        ("nn_rnn", RnnConfig::new(5, 3, true)),
        ("nn_rnn_without_bias", RnnConfig::new(5, 3, false)),
        ("nn_rnn_reverse", RnnConfig::new(5, 3, true).with_reverse(true)),
        ("nn_rnn_clip", RnnConfig::new(5, 3, true).with_clip(Some(0.1))),
        ("nn_rnn_relu", RnnConfig::new(5, 3, true).with_hidden_activation(ActivationConfig::Relu)),
    ];
    for (name, config) in cases {
        layer(name, config.init(&Device::flex()), sequences(), rnn);
    }
    let module = RnnConfig::new(5, 3, true).init(&Device::flex());
    let sample = (sequences(), floats([2, 3]));
    several("nn_rnn_from_state", module, sample, UNIT, |m: &Rnn, (x, h): (Tensor<3>, Tensor<2>)| {
        let (states, last) = m.forward(x, Some(RnnState::new(h)));
        (states, last.hidden)
    });
}

fn nn_birnn() {
    layer("nn_birnn", BiRnnConfig::new(5, 3, true).init(&Device::flex()), sequences(), birnn);
    let settings = BiRnnConfig::new(5, 3, false).with_clip(Some(0.1));
    layer("nn_birnn_settings", settings.init(&Device::flex()), sequences(), birnn);
}

/// Checks a module on sequences `[time, batch, features]`.
fn time_first<M: Module + 'static, O: Values>(name: &str, module: M, f: impl Fn(&M, Tensor<3>) -> O + Send + 'static) {
    let exporter = Exporter::new().name(name).input("x").float_range("x", UNIT).dynamic_axis("x", 1, "batch");
    let exported = exporter.export(&module, floats([4, 2, 5]), f).unwrap_or_else(|e| panic!("{e}"));
    verify(name, &exported);
}

fn nn_recurrent_time_first() {
    let device = Device::flex();
    time_first("nn_lstm_time_first", LstmConfig::new(5, 3, true).with_batch_first(false).init(&device), lstm);
    time_first("nn_bilstm_time_first", BiLstmConfig::new(5, 3, true).with_batch_first(false).init(&device), bilstm);
    time_first("nn_bigru_time_first", BiGruConfig::new(5, 3, true).with_batch_first(false).init(&device), bigru);
    time_first("nn_rnn_time_first", RnnConfig::new(5, 3, true).with_batch_first(false).init(&device), rnn);
    time_first("nn_birnn_time_first", BiRnnConfig::new(5, 3, true).with_batch_first(false).init(&device), birnn);
}

/// Checks a module on sequences, from states of both directions `[2, batch, hidden]`.
fn both_ways<M, I, O>(name: &str, module: M, sample: I, states: &[&str], f: impl Fn(&M, I) -> O + Send + 'static)
where
    M: Module + 'static,
    I: Values + Send + 'static,
    O: Values,
{
    let mut exporter = Exporter::new().name(name).input("x").float_range("x", UNIT).dynamic_axis("x", 0, "batch");
    for state in states {
        exporter = exporter.input(*state).float_range(*state, UNIT).dynamic_axis(*state, 1, "batch");
    }
    verify(name, &exporter.export(&module, sample, f).unwrap_or_else(|e| panic!("{e}")));
}

fn nn_both_ways_from_state() {
    let device = Device::flex();
    let one = || (sequences(), floats([2, 2, 3]));
    let two = (sequences(), floats([2, 2, 3]), floats([2, 2, 3]) * 0.5);
    let module = BiLstmConfig::new(5, 3, true).init(&device);
    both_ways("nn_bilstm_from_state", module, two, &["cell", "hidden"], |m, (x, c, h)| {
        let (states, last) = m.forward(x, Some(LstmState::new(c, h)));
        (states, last.cell, last.hidden)
    });
    let module = BiGruConfig::new(5, 3, true).init(&device);
    both_ways("nn_bigru_from_state", module, one(), &["hidden"], |m, (x, h)| m.forward(x, Some(h)));
    let module = BiRnnConfig::new(5, 3, true).init(&device);
    both_ways("nn_birnn_from_state", module, one(), &["hidden"], |m, (x, h)| {
        let (states, last) = m.forward(x, Some(RnnState::new(h)));
        (states, last.hidden)
    });
}
