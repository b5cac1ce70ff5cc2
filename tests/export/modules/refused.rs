//! Modules whose forward pass has no form in ONNX.

use burn::module::Module;
use burn::nn::LstmConfig;
use burn::nn::loss::{CTCLossConfig, PoissonNllLossConfig, Reduction};
use burn::tensor::{Device, Int, Tensor};
use oasis::ErrorKind;
use oasis::export::{Exporter, Values};

use crate::common::{floats, ints};
use crate::listed::ERRORS;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![nn_losses_that_read_values_are_refused, nn_clipped_lstm_of_any_length_is_refused]
}

/// The error of an export.
fn refusal<M, I, O>(exporter: Exporter, module: &M, sample: I, f: impl Fn(&M, I) -> O + Send + 'static) -> String
where
    M: Module + 'static,
    I: Values + Send + 'static,
    O: Values,
{
    match exporter.export(module, sample, f) {
        Ok(exported) => panic!("it was exported:\n{}", exported.summary()),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Model);
            error.message()
        }
    }
}

/// The error of a panic without the place in this file, which every change to it moves.
fn without_place(error: &str) -> String {
    let file = "tests/export/modules/refused.rs:";
    let (before, after) = error.split_once(file).unwrap_or_else(|| panic!("{file} is not named in {error}"));
    let end = after.find("{{closure}}").unwrap_or_default();
    format!("{before}refused.rs{}", &after[end..])
}

/// Burn checks the targets of these, the lengths of CTC with debug assertions alone.
fn nn_losses_that_read_values_are_refused() {
    let poisson = PoissonNllLossConfig::new().init();
    let sample = (floats([2, 3]), floats([2, 3]).abs());
    let why = refusal(Exporter::new(), &poisson, sample, |m, (x, y): (Tensor<2>, Tensor<2>)| {
        m.forward(x, y, Reduction::Mean)
    });
    ERRORS.check("nn_poisson_nll", &without_place(&why));
    if cfg!(debug_assertions) {
        type Lengths = (Tensor<3>, Tensor<2, Int>, Tensor<1, Int>, Tensor<1, Int>);
        let ctc = CTCLossConfig::new().init();
        let sample = (floats([5, 2, 4]), ints([2, 2], 3) + 1, ints([2], 1) + 5, ints([2], 2) + 1);
        let why = refusal(Exporter::new(), &ctc, sample, |m, (x, targets, steps, labels): Lengths| {
            m.forward(x, targets, steps, labels)
        });
        ERRORS.check("nn_ctc", &without_place(&why));
    }
}

/// ONNX's operator bounds what goes into the gates, Burn the state.
fn nn_clipped_lstm_of_any_length_is_refused() {
    let exporter = Exporter::new().input("x").dynamic_axis("x", 0, "batch").dynamic_axis("x", 1, "time");
    let module = LstmConfig::new(5, 3, true).with_clip(Some(0.1)).init(&Device::flex());
    let why = refusal(exporter, &module, floats([2, 4, 5]), |m, x: Tensor<3>| m.forward(x, None).0);
    ERRORS.check("nn_clipped_lstm_of_any_length", &why);
}
