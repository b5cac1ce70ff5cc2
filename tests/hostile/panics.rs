//! Models that an engine falls over while it runs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use oasis::bundle::Role;
use oasis::onnx::DataType;

use super::engines::{before, inputs};
use super::house::Scratch;
use super::run::{Ran, ends, oasis, run};
use super::tally::Tally;
use super::toy;
use super::wire::{attribute, ints, node};
use crate::arguments;

/// A decoder that divides an integer by another when it is run: by zero, or the smallest there is by -1.
fn divides(folder: &Path, dividend: i64, divisor: i64) {
    toy::write(folder, |role, model| {
        if *role == Role::Decoder {
            model.weights.extend([ints("dividend", &[], &[dividend]), ints("divisor", &[], &[divisor])]);
            let whole = [
                node("Sub", &["codes", "codes"], "nothing", &[]),
                node("Add", &["nothing", "divisor"], "by", &[]),
                node("Div", &["dividend", "by"], "whole", &[]),
                node("Cast", &["whole"], "number", &[attribute("to", &[DataType::F32.number()], false)]),
                node("ReduceMean", &["number"], "mean", &[]),
            ];
            model.nodes.splice(0..0, whole);
            let from = before(model, "reconstruction");
            model.nodes.push(node("Add", &[&from, "mean"], "reconstruction", &[]));
        }
    })
    .unwrap();
}

#[test]
fn a_panic_of_tract_is_one_error_and_its_text_is_printed_once() {
    let scratch = Scratch::new();
    inputs(&scratch);
    let tally = Tally::new("engines: panics while running");
    let bundle = scratch.at("divides");
    divides(&bundle, 7, 0);
    let slices: Vec<PathBuf> = (0..5)
        .map(|number| {
            let path = scratch.at(&format!("s{number}.png"));
            std::fs::copy(scratch.at("a.png"), &path).unwrap();
            path
        })
        .collect();
    for threads in ["1", "2", "4"] {
        for count in [1, 5] {
            let mut command = arguments!["infer", "--out", scratch.at("out"), "--bundle", bundle].to_vec();
            command.extend(arguments!["--threads", threads]);
            command.extend(slices[..count].iter().map(OsString::from));
            let ran = run(&mut oasis(&command));
            let mut wrong = once(&ran);
            let said = format!("error: tract failed on: {}: tract panicked: ", bundle.join("decoder.onnx").display());
            if !ran.stderr.contains(&said) || ran.stderr.contains("RUST_BACKTRACE") {
                wrong.push(format!("does not say {said:?} alone: {ran:?}"));
            }
            tally.add(format!("{command:?}"), &wrong);
        }
    }
    for command in [
        arguments!["bench", "--batch", "4", "--threads", "2", "--stages", "decoder", "--rounds", "1"].to_vec(),
        arguments!["sample", "--count", "2", "--out", scratch.at("out.png")].to_vec(),
        arguments!["decode", scratch.at("codes/a.npy"), "--out", scratch.at("out")].to_vec(),
    ] {
        let ran = run(oasis(&command).args(arguments!["--bundle", bundle]));
        tally.add(format!("{command:?}"), &once(&ran));
    }
    tally.finish();
}

/// What is wrong with a run that must end with an error, which tells of a panic once.
fn once(ran: &Ran) -> Vec<String> {
    let mut wrong = ends(ran, 2);
    let times = ran.stderr.matches("panicked").count();
    if times != 1 {
        wrong.push(format!("it tells {times} times of a panic: {ran:?}"));
    }
    wrong
}

/// ONNX Runtime divides as the processor does, and a fault of the processor ends the process: nothing in it can catch that.
#[test]
#[cfg(target_arch = "x86_64")]
fn a_fault_inside_onnx_runtime_is_an_error_of_an_isolated_command() {
    let Some(library) = super::skips::library() else { return };
    let scratch = Scratch::new();
    inputs(&scratch);
    let bundle = scratch.at("divides");
    divides(&bundle, i64::MIN, -1);
    let decode = |more: &[OsString]| {
        let decode = arguments!["decode", scratch.at("codes/a.npy"), "--out", scratch.at("out"), "--bundle", bundle];
        run(oasis(decode).args(more))
    };
    let tract = decode(&[]);
    assert_eq!((tract.code, tract.signal), (Some(2), None), "{tract:?}");
    // Which of the two depends on how tract was compiled.
    let said = ["decoder.onnx: tract panicked: ", "error: tract gives wrong values: "];
    assert!(said.iter().any(|said| tract.stderr.contains(said)), "{tract:?}");
    let plain = decode(&arguments!["--backend", "ort", "--ort-lib", library]);
    assert_eq!(plain.signal, Some(libc::SIGFPE), "{plain:?}");
    let isolated = decode(&arguments!["--backend", "ort", "--ort-lib", library, "--isolate"]);
    assert_eq!((isolated.code, isolated.signal), (Some(2), None), "{isolated:?}");
    assert!(isolated.stderr.contains("error: cannot go on: oasis: signal 8 (SIGFPE) ended "), "{isolated:?}");
}
