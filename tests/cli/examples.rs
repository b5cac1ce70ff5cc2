//! The examples, as they were built: `cargo test` builds them, `cargo test --test cli` alone does not.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use super::house::Scratch;

/// Runs an example that was built with the profile of this test, and gives what it printed.
fn run(name: &str, arguments: &[&OsStr]) -> String {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(Path::parent).expect("a test lies in PROFILE/deps").join("examples");
    let example = built.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        example.is_file(),
        "{} is not built: run `cargo build --examples` with the profile and features of this test; `cargo test` does \
         so by itself, `cargo test --test cli` does not",
        example.display()
    );
    let output = Command::new(&example).args(arguments).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{name}: {}\n{out}{err}", output.status);
    out
}

#[test]
fn reconstruct_prints_a_score_a_brain() {
    let out = run("reconstruct", &[]);
    let shapes = "(3, 1, 256, 256) -> latents (3, 32, 32, 32) -> codes (3, 32, 32)";
    assert_eq!(out.lines().next(), Some(shapes));
    let scores = out.lines().filter_map(|line| line.strip_prefix("brain ")?.split_once("SSIM ")?.1.get(..6));
    let scores: Vec<f64> = scores.map(|score| score.parse().unwrap()).collect();
    // Another processor may round a latent to another code.
    let near = scores.iter().zip([0.9323, 0.9398, 0.9321]).all(|(found, expected)| (found - expected).abs() < 1e-3);
    assert!(scores.len() == 3 && near, "{out}");
}

#[test]
fn sample_writes_four_brains_as_one_picture() {
    let scratch = Scratch::new();
    let path = scratch.at("brains.png");
    let out = run("sample", &[path.as_os_str()]);
    assert_eq!(out, format!("4 brains written to {}\n", path.display()));
    assert_eq!(image::image_dimensions(&path).unwrap(), (514, 514));
}

#[test]
fn threads_get_the_same_results() {
    let out = run("threads", &[]);
    assert_eq!(out.trim_end(), "4 threads at once on tract: 2 images each, identical");
}
