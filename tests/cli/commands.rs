//! What each command does when all is well.

use std::fs;

use ndarray::{Array2, Array3};
use ndarray_npy::ReadNpyExt;

use super::house::{Scratch, oasis, shipped};
use crate::arguments;

#[test]
fn infer_writes_reconstructions_codes_and_metrics() {
    let scratch = Scratch::new();
    let (slice, small) = (scratch.slice("brain.png"), scratch.grey("small.png", 176, 208));
    let out = scratch.at("out");
    let ran = oasis(arguments!["infer", slice, small, "--out", out, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["images"].as_array().unwrap().len(), 2);
    // Another processor may round a latent to another code, which moves the score of a slice by less than this.
    for (score, expected, tolerance) in
        [("ssim", 0.940_364, 1e-3), ("ssim_brain", 0.814_563, 3e-3), ("psnr", 28.904_8, 5e-2)]
    {
        let found = report["images"][0][score].as_f64().unwrap();
        assert!((found - expected).abs() < tolerance, "{score}: {found}, expected {expected}");
    }
    for (name, size) in [("brain", (256, 256)), ("small", (176, 208))] {
        assert_eq!(image::image_dimensions(out.join(format!("{name}.recon.png"))).unwrap(), size);
        assert!(out.join(format!("{name}.codes.png")).is_file());
    }
    let metrics = fs::read_to_string(out.join("metrics.csv")).unwrap();
    assert_eq!(metrics.lines().count(), 3, "{metrics}");
}

#[test]
fn codes_survive_the_way_to_a_file_and_back() {
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    let out = scratch.at("codes");
    assert_eq!(oasis(arguments!["encode", slice, "--out", out]).code, 0);
    let bytes = fs::read(out.join("brain.npy")).unwrap();
    let codes = Array2::<i64>::read_npy(bytes.as_slice()).unwrap();
    assert_eq!(codes.dim(), (32, 32));
    assert_eq!(oasis(arguments!["decode", out.join("brain.npy"), "--out", out]).code, 0);
    assert_eq!(oasis(arguments!["infer", slice, "--out", out]).code, 0);
    let decoded = image::open(out.join("brain.png")).unwrap();
    assert_eq!(decoded, image::open(out.join("brain.recon.png")).unwrap());
}

#[test]
fn samples_repeat_for_a_seed_and_are_a_grid_or_a_folder() {
    let scratch = Scratch::new();
    let (one, two, folder) = (scratch.at("one.png"), scratch.at("two.png"), scratch.at("folder"));
    let given = scratch.at("given.npy");
    // Half a brain is given, so that little is left to draw.
    ndarray_npy::write_npy(&given, &Array3::<i64>::zeros((1, 32, 32))).unwrap();
    let sample = |out: &std::path::Path, more: &[&str]| {
        let mut arguments =
            arguments!["sample", "--count", "2", "--seed", "5", "--given", given, "--rows", "26", "--out", out]
                .to_vec();
        arguments.extend(more.iter().map(Into::into));
        let ran = oasis(arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    sample(&one, &["--slice", "3", "--cdr", "0.5"]);
    sample(&two, &["--slice", "3", "--cdr", "0.5", "--threads", "1"]);
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
    sample(&folder, &["--temperature", "0"]);
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["sample_0000.npy", "sample_0000.png", "sample_0001.npy", "sample_0001.png"]);

    // The codes of a sample are those that its picture was decoded from, and begin as those given do.
    let codes = Array2::<i64>::read_npy(fs::read(folder.join("sample_0001.npy")).unwrap().as_slice()).unwrap();
    assert!(codes.iter().take(26 * 32).all(|code| *code == 0));
    let again = scratch.at("again");
    assert_eq!(oasis(arguments!["decode", folder.join("sample_0001.npy"), "--out", again]).code, 0);
    assert_eq!(
        image::open(again.join("sample_0001.png")).unwrap(),
        image::open(folder.join("sample_0001.png")).unwrap()
    );
}

#[test]
fn likelihoods_of_slices_are_written_and_averaged() {
    let scratch = Scratch::new();
    let (slice, out) = (scratch.slice("brain.png"), scratch.at("out"));
    let ran = oasis(arguments!["encode", slice, "--out", out, "--likelihood", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mean = ran.json()["bits_per_code"].as_f64().unwrap();
    let text = fs::read_to_string(out.join("likelihood.csv")).unwrap();
    let (header, row) = text.trim_end().split_once('\n').unwrap();
    let (name, bits) = row.split_once(',').unwrap();
    assert_eq!((header, name), ("name,bits_per_code", "brain"));
    assert_eq!(bits.parse::<f64>().unwrap(), mean);
    assert!((mean - 6.669_5).abs() < 2e-2, "{mean}");
    assert!(oasis(arguments!["encode", slice, "--out", out, "--json"]).json().get("bits_per_code").is_none());
}

#[test]
fn data_phantom_and_check_agree() {
    let scratch = Scratch::new();
    let out = scratch.at("phantoms");
    let ran = oasis(arguments!["data", "phantom", "--subjects", "3", "--seed", "2", "--out", out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = oasis(arguments!["data", "check", out, "--json"]);
    assert_eq!(report.code, 0, "{}", report.stderr);
    let splits = report.json()["splits"].as_array().unwrap().clone();
    assert_eq!(splits.iter().map(|split| split["slices"].as_u64().unwrap()).sum::<u64>(), 96);

    let test = out.join("keras_png_slices_test");
    let slice = fs::read_dir(&test).unwrap().next().unwrap().unwrap().path();
    fs::write(&slice, b"no picture").unwrap();
    let broken = oasis(arguments!["data", "check", out]);
    assert_eq!(broken.code, 1, "{}", broken.stderr);
    let why = "it looks like text, expected a PNG or JPEG image";
    let problem = format!("\nproblem: {}: {why}\n", slice.display());
    assert!(broken.stdout.contains(&problem), "{}", broken.stdout);
    assert!(broken.stdout.ends_with("\nnot fit for training: correct the problems above\n"), "{}", broken.stdout);
}

#[test]
fn inspect_shows_a_bundle_and_a_file() {
    let whole = oasis(["inspect", "--json"]).json();
    let manifest = fs::read(shipped().join("bundle.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    for (role, parameters) in [("encoder", 267_809), ("quantizer", 33_792), ("decoder", 390_225), ("prior", 586_529)] {
        let file = &whole["files"][role];
        assert_eq!((&file["opset"], &file["parameters"]), (&18.into(), &parameters.into()), "{role}");
        assert_eq!(file["sha256"], manifest["files"][role]["sha256"], "{role}");
        let layers = file["layers"].as_array().unwrap();
        assert_eq!(file["nodes"], layers.len(), "{role}");
        assert!(layers.iter().all(|layer| layer["shape"].is_array()), "{role}");
    }
    let file = shipped().join("encoder.onnx");
    let one = oasis(arguments!["inspect", file, "--json"]).json();
    assert_eq!(one["files"]["encoder"]["sha256"], whole["files"]["encoder"]["sha256"]);
    let table = oasis(["inspect"]);
    let head = table.stdout.lines().find(|line| line.trim_start().starts_with("layer ")).expect("a table of layers");
    let words: Vec<_> = head.split_whitespace().collect();
    assert_eq!(words, ["layer", "operation", "output", "shape", "parameters"]);
}

#[test]
fn doctor_and_completions_run_everywhere() {
    let report = oasis(["doctor", "--json"]).json();
    let tract = &report["engines"].as_array().unwrap()[0];
    assert_eq!((&tract["name"], &tract["available"]), (&"tract".into(), &true.into()));
    for (shell, first) in [("bash", "_oasis() {"), ("zsh", "#compdef oasis")] {
        assert_eq!(oasis(["completions", shell]).stdout.lines().next(), Some(first));
    }
    let fish = oasis(["completions", "fish"]).stdout;
    for command in COMMANDS {
        let line = format!("complete -c oasis -n \"__fish_oasis_needs_command\" -f -a \"{command}\" ");
        assert!(fish.contains(&line), "{line}");
    }
}

/// Every command.
const COMMANDS: [&str; 15] = [
    "sample",
    "infer",
    "encode",
    "decode",
    "eval",
    "parity",
    "bench",
    "inspect",
    "doctor",
    "data",
    "train",
    "export",
    "judge",
    "completions",
    "man",
];

#[test]
fn help_lists_every_command() {
    let help = oasis(["--help"]).stdout;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<_> = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    assert_eq!(names, [&COMMANDS[..], &["help"]].concat());
}

#[test]
fn man_writes_a_page_for_every_command() {
    let scratch = Scratch::new();
    let out = scratch.at("deep/man");
    let ran = oasis(arguments!["man", out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let below: &[&str] = if cfg!(feature = "train") {
        &["data-check", "data-import", "data-phantom", "train-vqvae", "train-prior"]
    } else {
        &["data-check", "data-import", "data-phantom"]
    };
    let mut expected: Vec<_> = COMMANDS.iter().chain(below).map(|name| format!("oasis-{name}.1")).collect();
    expected.push("oasis.1".to_owned());
    expected.sort();
    assert_eq!(ran.stdout, format!("{} man pages in {}\n", expected.len(), out.display()));
    let mut names: Vec<_> =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, expected);
    let page = fs::read_to_string(out.join("oasis-sample.1")).unwrap();
    assert!(page.contains("\n.TH oasis-sample 1 "), "{page}");
    assert!(page.contains("\noasis\\-sample \\- Draw new brains from the prior\n"), "{page}");
    assert!(page.contains("\n\\fB\\-\\-top\\-k\\fR \\fI<K>\\fR\nDraw among the likeliest K codes only\n"), "{page}");
    // A second run replaces the pages.
    assert_eq!(oasis(arguments!["man", out]).code, 0);
    let refused = oasis(arguments!["man", scratch.file("file", b"")]);
    let error =
        format!("error: cannot make folder: {}: a file of that name is in the way\n", scratch.at("file").display());
    assert!(refused.refused().starts_with(&error), "{}", refused.stderr);
}

#[test]
fn eval_scores_a_split_and_merges_shards() {
    let scratch = Scratch::new();
    let data = scratch.at("data");
    assert_eq!(oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data]).code, 0);
    let whole = oasis(arguments!["eval", "--data", data, "--split", "validate", "--json"]).json();
    assert_eq!(whole["images"], 32);
    for part in ["1/2", "2/2"] {
        let csv = scratch.at(&part.replace('/', "of"));
        let ran = oasis(arguments!["eval", "--data", data, "--split", "validate", "--shard", part, "--csv", csv]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let (a, b) = (scratch.at("1of2"), scratch.at("2of2"));
    let merged = oasis(arguments!["eval", "--merge", a, b, "--json"]).json();
    for field in ["images", "ssim", "ssim_brain", "psnr", "codes"] {
        assert_eq!(merged[field], whole[field], "{field}");
    }
}

#[test]
fn inspect_shows_what_can_be_exported() {
    let ran = oasis(["inspect", "--export-coverage", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let table = ran.json();
    let operations = table["operations"].as_array().unwrap();
    let lowered = operations.iter().filter(|operation| operation["ort"] == true).count();
    assert_eq!((table["total"].as_u64(), table["lowered"].as_u64()), (Some(174), Some(167)));
    assert_eq!((operations.len(), lowered), (174, 167));
    let named = |name: &str| operations.iter().find(|operation| operation["name"] == name).unwrap();
    assert!(named("Hypot")["lowering"].as_str().unwrap().contains("Sqrt"));
    assert!(named("Random")["why"].as_str().unwrap().contains("repeatable"));
}
