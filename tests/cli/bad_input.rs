//! Bad input: a clear error and a hint, the right exit code, nothing half-written.

use std::fs;

use super::house::{Scratch, oasis, oasis_with};
use crate::arguments;

#[test]
fn a_bad_image_is_refused_by_name() {
    let scratch = Scratch::new();
    let whole = fs::read(scratch.slice("whole.png")).unwrap();
    let bad = [
        scratch.file("empty.png", b""),
        scratch.file("text.png", b"hello"),
        scratch.file("cut.png", &whole[..whole.len() / 2]),
        scratch.grey("large.png", 300, 300),
        scratch.at("missing.png"),
    ];
    for path in bad {
        let out = scratch.at("out");
        let ran = oasis(arguments!["infer", path, "--out", out]);
        let error = ran.refused();
        assert!(error.contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
        assert!(!out.exists(), "{} left {}", path.display(), out.display());
    }
    assert!(
        oasis(arguments!["infer", scratch.at("large.png"), "--out", scratch.at("out")]).stderr.contains("--resize")
    );
    let resized = oasis(arguments!["infer", scratch.at("large.png"), "--resize", "--out", scratch.at("out")]);
    assert_eq!(resized.code, 0, "{}", resized.stderr);
    assert_eq!(image::image_dimensions(scratch.at("out").join("large.recon.png")).unwrap(), (300, 300));
}

#[test]
fn in_a_batch_the_good_ones_are_done() {
    let scratch = Scratch::new();
    let (good, bad) = (scratch.slice("good.png"), scratch.file("bad.png", b"hello"));
    let out = scratch.at("out");
    let ran = oasis(arguments!["infer", bad, good, scratch.at("missing.png"), "--out", out]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("bad.png") && ran.stderr.contains("missing.png"), "{}", ran.stderr);
    assert!(out.join("good.recon.png").is_file() && !out.join("bad.recon.png").exists());
    assert_eq!(oasis(arguments!["encode", bad, good, "--out", out]).code, 1);
    assert_eq!(oasis(arguments!["decode", bad, out.join("good.npy"), "--out", out]).code, 1);
    assert!(out.join("good.png").is_file());
    // Two inputs that would write the same files.
    fs::create_dir(scratch.at("other")).unwrap();
    let twin = scratch.slice("other/good.png");
    assert_eq!(oasis(arguments!["infer", good, twin, "--out", out]).code, 1);
}

#[test]
fn an_empty_folder_is_refused() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.at("empty")).unwrap();
    oasis(arguments!["infer", scratch.at("empty"), "--out", scratch.at("out")]).refused();
    oasis(arguments!["eval", "--data", scratch.at("empty")]).refused();
    oasis(arguments!["data", "check", scratch.at("empty")]).refused();
}

#[test]
fn a_damaged_bundle_is_refused_before_anything_runs() {
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    let infer = |bundle: &str| {
        let ran = oasis(arguments!["infer", slice, "--bundle", scratch.at(bundle), "--out", scratch.at("out")]);
        let error = ran.refused().to_owned();
        assert!(!scratch.at("out").exists());
        error
    };
    assert!(infer("nowhere").contains("nowhere"));

    let bundle = scratch.bundle("without");
    fs::remove_file(bundle.join("decoder.onnx")).unwrap();
    assert!(infer("without").contains("decoder.onnx"));

    let bundle = scratch.bundle("changed");
    let mut bytes = fs::read(bundle.join("encoder.onnx")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(bundle.join("encoder.onnx"), bytes).unwrap();
    assert!(infer("changed").contains("sha256"));

    let bundle = scratch.bundle("garbled");
    fs::write(bundle.join("bundle.json"), b"{").unwrap();
    assert!(infer("garbled").contains("bundle.json"));
}

#[test]
fn engines_that_cannot_run_say_why() {
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    let library = scratch.file("libonnxruntime.so", b"no library");
    let infer = |backend: &str, more: &[std::ffi::OsString]| {
        let mut arguments = arguments!["infer", slice, "--out", scratch.at("out"), "--backend", backend].to_vec();
        arguments.extend_from_slice(more);
        oasis(arguments).refused().to_owned()
    };
    assert!(infer("nonsense", &[]).contains("nonsense"));
    #[cfg(not(feature = "burn-engine"))]
    assert!(infer("burn", &[]).contains("--features burn-engine"));
    #[cfg(feature = "ort")]
    {
        assert!(infer("ort", &arguments!["--ort-lib", library]).contains("libonnxruntime.so"));
        assert!(infer("ort", &arguments!["--ort-lib", scratch.at("none.so")]).contains("none.so"));
        infer("ort-cuda", &arguments!["--ort-lib", library]);
        let doctor = oasis(arguments!["doctor", "--backend", "ort", "--ort-lib", library]);
        assert_eq!(doctor.code, 2, "{}", doctor.stderr);
        assert!(doctor.stdout.contains("not available"), "{}", doctor.stdout);
    }
    #[cfg(not(feature = "ort"))]
    assert!(infer("ort", &arguments!["--ort-lib", library]).contains("ort"));
    assert!(!scratch.at("out").exists());
}

#[test]
fn sampling_outside_the_vocabulary_is_refused() {
    let scratch = Scratch::new();
    let out = scratch.at("out.png");
    let bad: [&[&str]; 9] = [
        &["--slice", "33"],
        &["--slice", "-1"],
        &["--cdr", "7"],
        &["--temperature", "-1"],
        &["--temperature", "NaN"],
        &["--top-k", "0"],
        &["--top-p", "1.5"],
        &["--count", "0"],
        &["--rows", "3"],
    ];
    for more in bad {
        let mut arguments = arguments!["sample", "--count", "1", "--out", out].to_vec();
        if more[0] == "--count" {
            arguments.drain(1..3);
        }
        arguments.extend(more.iter().map(Into::into));
        oasis(&arguments).refused();
        assert!(!out.exists(), "{more:?}");
    }
}

#[test]
fn usage_errors_have_a_hint() {
    for arguments in [
        &["nonsense"][..],
        &["infer"],
        &["eval"],
        &["sample", "--nonsense"],
        &["parity", "--backends", "tract", "x.png"],
    ] {
        oasis(arguments).refused();
    }
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    assert!(oasis(arguments!["parity", "--backends", "tract,tract", slice]).refused().contains("one engine"));
    oasis(arguments!["eval", "--data", scratch.at("none"), "--shard", "3/2"]).refused();
}

#[cfg(not(feature = "train"))]
#[test]
fn commands_without_their_feature_name_it() {
    for command in [&["train", "vqvae"][..], &["export", "--vqvae", "run", "--out", "bundle"]] {
        assert!(oasis(command).refused().contains("--features train"));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    let file = scratch.file("file", b"");
    oasis_with(arguments!["infer", slice, "--out", file.join("below")], |_| {}).refused();
}
