//! Models whose values break their contract.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use oasis::bundle::Role;
use oasis::onnx::{self, DataType, Node};
use sha2::{Digest, Sha256};

use super::house::Scratch;
use super::run::{faults, oasis, run, start};
use super::skips::library;
use super::tally::Tally;
use super::toy;
use super::wire::{Model, floats, ints, node};
use crate::arguments;

/// The arguments that choose each engine there is.
fn engines() -> Vec<Vec<OsString>> {
    let tract = arguments!["--backend", "tract"].to_vec();
    let ort = library().map(|library| arguments!["--backend", "ort", "--ort-lib", library].to_vec());
    [tract].into_iter().chain(ort).collect()
}

/// Has the graph's last node give its output under another name, so that further nodes can make `output` of it.
pub fn before(model: &mut Model, output: &str) -> String {
    let renamed = format!("{}_", &output[..output.len() - 1]);
    let last = &mut model.nodes.last_mut().unwrap().0;
    while let Some(at) = last.windows(output.len()).position(|bytes| bytes == output.as_bytes()) {
        last[at..at + output.len()].copy_from_slice(renamed.as_bytes());
    }
    renamed
}

/// How values are spoiled: by an operator and a number.
#[derive(Clone, Copy)]
enum Spoil {
    /// Divided by a zero: infinity, NaN where it was zero.
    Divide,
    /// So many added to each.
    Add(f32),
}

fn spoil(model: &mut Model, output: &str, how: Spoil) {
    let from = before(model, output);
    let (op, number) = match how {
        Spoil::Divide => ("Div", 0.0),
        Spoil::Add(number) => ("Add", number),
    };
    model.weights.push(match output {
        "codes" => ints("number", &[], &[number as i64]),
        _ => floats("number", &[], &[number]),
    });
    model.nodes.push(node(op, &[&from, "number"], output, &[]));
}

/// A toy bundle with one role spoiled.
fn spoiled(folder: &Path, role: &Role, output: &str, how: Spoil) {
    toy::write(folder, |found, model| {
        if found == role {
            spoil(model, output, how);
        }
    })
    .unwrap();
}

/// Every command that runs a bundle, by the role that it needs most, on inputs that are right.
fn commands(scratch: &Scratch, role: &Role) -> Vec<Vec<OsString>> {
    let (slice, codes) = (scratch.at("data/keras_png_slices_test/case_001_slice_0.png"), scratch.at("codes/a.npy"));
    let (data, out) = (scratch.at("data"), scratch.at("out"));
    let infer = arguments!["infer", slice, "--out", out].to_vec();
    let eval = arguments!["eval", "--data", data, "--split", "test"].to_vec();
    let encode = arguments!["encode", slice, "--out", out].to_vec();
    let likelihood = arguments!["encode", slice, "--likelihood", "--out", out].to_vec();
    let decode = arguments!["decode", codes, "--out", out].to_vec();
    let sample = arguments!["sample", "--count", "1", "--out", scratch.at("out.png")].to_vec();
    let grids = arguments!["sample", "--count", "40", "--out", scratch.at("grids")].to_vec();
    let bench = arguments!["bench", "--rounds", "1", "--stages", role.as_str()].to_vec();
    let batch = arguments!["bench", "--rounds", "1", "--batch", "3", "--stages", role.as_str()].to_vec();
    let speed = arguments!["bench", "sample"].to_vec();
    let mut commands = match role {
        Role::Encoder | Role::Quantizer => vec![infer, eval, encode, likelihood],
        Role::Decoder => vec![infer, eval, decode, sample],
        _ => vec![likelihood, sample, grids, speed],
    };
    commands.extend([bench, batch]);
    commands
}

/// A slice, a data set of it, a good bundle, and codes.
pub fn inputs(scratch: &Scratch) {
    let folder = scratch.at("data/keras_png_slices_test");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(scratch.slice("a.png"), folder.join("case_001_slice_0.png")).unwrap();
    toy::write(&scratch.at("good"), |_, _| {}).unwrap();
    let encode =
        arguments!["encode", scratch.at("a.png"), "--out", scratch.at("codes"), "--bundle", scratch.at("good")];
    let ran = run(&mut oasis(encode));
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn values_that_break_their_contract_are_errors_of_every_command_on_every_engine() {
    let scratch = Scratch::new();
    inputs(&scratch);
    let outside = "expected values in 0..1";
    let cases = [
        (Role::Encoder, "latents", Spoil::Divide, "of the encoder, expected finite values"),
        (Role::Quantizer, "codes", Spoil::Add(8.0), "of the quantizer, expected codes from 0 to 7"),
        (Role::Quantizer, "codes", Spoil::Add(-9.0), "of the quantizer, expected codes from 0 to 7"),
        (Role::Decoder, "reconstruction", Spoil::Divide, outside),
        (Role::Decoder, "reconstruction", Spoil::Add(f32::NAN), outside),
        (Role::Decoder, "reconstruction", Spoil::Add(f32::NEG_INFINITY), outside),
        (Role::Decoder, "reconstruction", Spoil::Add(200.0), outside),
        (Role::Prior, "logits", Spoil::Divide, "of the prior, expected finite values"),
        (Role::Prior, "logits", Spoil::Add(f32::NAN), "of the prior, expected finite values"),
        (Role::Prior, "logits", Spoil::Add(f32::NEG_INFINITY), "of the prior, expected finite values"),
    ];
    let tally = Tally::new("engines: values that break their contract");
    for (number, (role, output, how, why)) in cases.iter().enumerate() {
        let bundle = scratch.at(&format!("bundle{number}"));
        spoiled(&bundle, role, output, *how);
        for engine in engines() {
            let mut commands = commands(&scratch, role);
            if let [_, _, _, library] = &engine[..] {
                let slice = scratch.at("a.png");
                commands.push(arguments!["parity", "--backends", "tract,ort", slice].to_vec());
                commands.push(arguments!["parity", "--backends", "ort,tract", "--ort-lib", library, slice].to_vec());
            }
            for mut command in commands {
                let parity = command[0] == "parity";
                command.extend(arguments!["--bundle", bundle]);
                match (&engine[..], parity) {
                    ([_, _, flag, library], true) if !command.contains(flag) => {
                        command.extend([flag.clone(), library.clone()]);
                    }
                    (_, true) => {}
                    (engine, false) => command.extend(engine.iter().cloned()),
                }
                let ran = start(&mut oasis(&command)).wait();
                let file = bundle.join(role.file_name());
                let said = format!("gives wrong values: {}: found ", file.display());
                let right = ran.code == Some(2)
                    && ran.stdout.is_empty()
                    && ran.stderr.contains(&said)
                    && ran.stderr.contains(&format!("`{output}`"))
                    && ran.stderr.contains(why)
                    && ran.stderr.matches("error: ").count() == 1
                    && ran.stderr.contains("\nhint: set ");
                let mut wrong = faults(&ran);
                if !right {
                    wrong.push(format!("{ran:?}"));
                }
                tally.add(format!("{command:?}"), &wrong);
            }
        }
    }
    tally.finish();
}

/// The shipped bundle with an output of one of its steps divided by zero.
fn spoiled_step(scratch: &Scratch, name: &str, role: &Role, output: &str) -> PathBuf {
    let bundle = scratch.bundle(name);
    let path = bundle.join(role.file_name());
    let mut model = onnx::Model::read(&std::fs::read(&path).unwrap().into()).unwrap();
    let renamed = format!("{output}_before");
    for node in &mut model.graph.nodes {
        let names = node.outputs.iter_mut().chain(&mut node.inputs);
        names.filter(|name| name.as_str() == output).for_each(|name| name.clone_from(&renamed));
    }
    let zero = onnx::Tensor { dtype: DataType::F32, dims: vec![], data: vec![0; 4].into() };
    model.graph.initializers.push(("a_zero".to_owned(), zero));
    model.graph.nodes.push(Node {
        name: "spoil".to_owned(),
        op: "Div".into(),
        inputs: vec![renamed, "a_zero".to_owned()],
        outputs: vec![output.to_owned()],
        ..Node::default()
    });
    let bytes = model.write();
    std::fs::write(&path, &bytes).unwrap();
    let manifest = bundle.join("bundle.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    json["files"][role.as_str()]["bytes"] = bytes.len().into();
    json["files"][role.as_str()]["sha256"] = digest.into();
    std::fs::write(manifest, serde_json::to_vec(&json).unwrap()).unwrap();
    bundle
}

#[test]
fn states_of_the_steps_that_are_not_finite_are_errors() {
    let scratch = Scratch::new();
    let outputs = [
        (Role::PriorStepRow, "contexts"),
        (Role::PriorStepRow, "next"),
        (Role::PriorStepCode, "logits"),
        (Role::PriorStepCode, "next"),
    ];
    for (role, output) in outputs {
        let bundle = spoiled_step(&scratch, &format!("{role}_{output}"), &role, output);
        for engine in engines() {
            for count in ["1", "3"] {
                let out = scratch.at("out.png");
                let mut command = arguments!["sample", "--count", count, "--out", out, "--bundle", bundle].to_vec();
                command.extend(engine.iter().cloned());
                let ran = run(&mut oasis(&command));
                assert_eq!(ran.code, Some(2), "{command:?}: {ran:?}");
                let said = format!("gives wrong values: {}: found ", bundle.join(role.file_name()).display());
                assert!(ran.stderr.contains(&said), "{command:?}: {ran:?}");
                assert!(ran.stderr.contains(&format!("`{output}` of the {role}")), "{command:?}: {ran:?}");
                assert!(!out.exists(), "{command:?}");
            }
        }
    }
}
