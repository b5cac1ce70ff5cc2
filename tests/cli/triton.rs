//! `oasis export --layout triton`, and what it refuses.

use std::fs;

use super::house::{Scratch, oasis, shipped};
use crate::arguments;

const ROLES: [&str; 4] = ["encoder", "quantizer", "decoder", "prior"];

#[test]
fn export_writes_a_repository_from_the_embedded_or_a_given_bundle() {
    let scratch = Scratch::new();
    let (out, again) = (scratch.at("models"), scratch.at("again"));
    let ran = oasis(arguments!["export", "--layout", "triton", "--out", out, "--max-batch", "8", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = ran.json();
    let names: Vec<_> =
        report["models"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect();
    assert_eq!(names[..4], ROLES.map(|role| format!("oasis_{role}")));
    assert_eq!(names[4..], ["oasis_reconstruct", "oasis_encode"]);
    assert_eq!(report["models"][0]["inputs"][0]["dims"], serde_json::json!([1, 256, 256]));
    assert_eq!(report["max_batch"], 8);

    let ran = oasis(arguments!["export", "--layout", "triton", "--bundle", shipped(), "--out", again, "--prefix", ""]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("tritonserver --model-repository="), "{}", ran.stdout);
    for role in ROLES {
        let source = fs::read(shipped().join(format!("{role}.onnx"))).unwrap();
        assert_eq!(fs::read(out.join(format!("oasis_{role}/1/model.onnx"))).unwrap(), source);
        assert_eq!(fs::read(again.join(format!("{role}/1/model.onnx"))).unwrap(), source);
    }
    let config = |path: &std::path::Path| fs::read_to_string(path.join("config.pbtxt")).unwrap();
    assert!(config(&out.join("oasis_encode")).contains("max_batch_size: 8\n"));
    assert!(config(&again.join("encode")).contains("max_batch_size: 64\n"));
}

#[test]
fn export_refuses_what_makes_no_repository() {
    let scratch = Scratch::new();
    let (out, full) = (scratch.at("models"), scratch.bundle("full"));
    let refused = |more: &[std::ffi::OsString], words: &str| {
        let mut arguments = arguments!["export"].to_vec();
        arguments.extend_from_slice(more);
        let ran = oasis(arguments);
        assert!(ran.refused().contains(words), "{words} is not in {}", ran.stderr);
        assert!(!out.exists());
    };
    refused(&arguments!["--layout", "triton"], "--out");
    refused(&arguments!["--layout", "nonsense", "--out", out], "nonsense");
    refused(&arguments!["--layout", "triton", "--out", full], "not empty");
    refused(&arguments!["--layout", "triton", "--out", full.join("bundle.json")], "a file");
    refused(&arguments!["--layout", "triton", "--out", out, "--max-batch", "0"], "--max-batch");
    refused(&arguments!["--layout", "triton", "--out", out, "--prefix", "a/b"], "--prefix");
    refused(&arguments!["--layout", "triton", "--out", out, "--bundle", scratch.at("none")], "none");
    refused(&arguments!["--layout", "triton", "--out", out, "--bundle", full, "--vqvae", "run"], "--bundle");
    refused(&arguments!["--out", out, "--prefix", "a"], "--layout triton");
    let lacking = if cfg!(feature = "train") { "--vqvae" } else { "--features train" };
    refused(&arguments!["--out", out], lacking);
    refused(&arguments!["--layout", "bundle", "--out", out], "--layout triton");
    let run = if cfg!(feature = "train") { "nowhere" } else { "--features train" };
    refused(&arguments!["--layout", "triton", "--out", out, "--vqvae", scratch.at("nowhere")], run);
    assert!(full.join("bundle.json").is_file());
}

#[test]
fn the_help_says_what_this_build_can_do() {
    let help = oasis(["export", "--help"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("--layout") && help.contains("--max-batch") && help.contains("--vqvae"), "{help}");
    assert_eq!(help.contains("--opset"), cfg!(feature = "train"), "{help}");
    assert!(help.contains("needs the feature `train`"), "{help}");
}

#[cfg(feature = "train")]
#[test]
fn a_trained_run_becomes_a_repository() {
    let scratch = Scratch::new();
    let (data, run, out) = (scratch.at("data"), scratch.at("run"), scratch.at("models"));
    assert_eq!(oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data]).code, 0);
    let mut train = arguments!["train", "vqvae", "--data", data, "--out", run, "--epochs", "1"].to_vec();
    let small = ["vqvae.channels=[8,16]", "vqvae.codebook_size=32", "vqvae.latent_dim=8", "vqvae_training.batch=16"];
    for set in small {
        train.extend(arguments!["--set", set]);
    }
    let ran = oasis(train);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = oasis(arguments!["export", "--layout", "triton", "--vqvae", run, "--out", out, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["models"].as_array().unwrap().len(), 5);
    assert!(report["max_abs_error"]["encoder"]["tract"].is_number(), "{report}");
    let config = fs::read_to_string(out.join("oasis_decoder/config.pbtxt")).unwrap();
    assert!(config.contains(report["run"].as_str().unwrap()), "{config}");
}
