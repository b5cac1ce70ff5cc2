//! What a build answers that lacks a feature: it names the feature to build with. `tools/test` runs this in a build with
//! the feature `cli` alone; the features that a build has are left out here.

use std::path::Path;
use std::process::{Command, Output};

/// Runs `oasis`, which must refuse with exit code 2 and nothing on stdout; gives what it prints on stderr.
fn refused(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_oasis")).args(arguments).output().expect("the binary runs");
    let stderr = String::from_utf8(stderr).expect("output is UTF-8");
    assert_eq!(status.code(), Some(2), "{arguments:?}: {stderr}");
    assert!(stdout.is_empty(), "{arguments:?}");
    stderr
}

#[test]
fn commands_without_their_feature_name_it() {
    let commands: &[&[&str]] = if cfg!(feature = "train") {
        &[]
    } else {
        &[&["train", "vqvae"], &["judge", "--count", "16"], &["export", "--vqvae", "run", "--out", "bundle"]]
    };
    for command in commands {
        let why = refused(command);
        assert!(why.contains("this build lacks the feature `train`\n"), "{why}");
        assert!(why.contains("hint: cargo build --release --features train\n"), "{why}");
    }
}

#[test]
fn engines_without_their_feature_name_it() {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
    let bundle = bundle.to_str().expect("the path is UTF-8");
    let engines = [
        ("tract", "tract", cfg!(feature = "tract")),
        ("ort", "ort", cfg!(feature = "ort")),
        ("ort-cuda", "ort", cfg!(feature = "ort")),
        ("burn", "burn-engine", cfg!(feature = "burn-engine")),
    ];
    for (engine, feature, _) in engines.into_iter().filter(|(_, _, built)| !built) {
        let why = refused(&["bench", "--bundle", bundle, "--backend", engine]);
        let expected = format!("cannot use engine: {engine}: this binary was built without the feature `{feature}`\n");
        assert!(why.contains(&expected), "{why}");
        assert!(why.contains(&format!("hint: build with `cargo build --release --features {feature}`\n")), "{why}");
    }
}

#[test]
#[cfg(not(feature = "bundled"))]
fn a_build_without_a_bundle_asks_for_one() {
    let why = refused(&["sample", "--out", "unwritten.png"]);
    assert!(why.contains("this binary was built without the feature `bundled`\n"), "{why}");
    assert!(why.contains("hint: ") && why.contains("--bundle") && why.contains("--features bundled`\n"), "{why}");
}
