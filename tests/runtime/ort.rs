//! ONNX Runtime. A process loads one library, so each case runs in a process of its own: this test binary again, at one
//! of the ignored tests below.

use std::path::Path;
use std::process::Command;

use oasis::runtime::{Backend, EngineOptions, Oasis, SampleRequest, doctor};

use super::skips::skipped;
use super::{parity, toy};

/// Runs an ignored test of this file with a library, and gives whether it passed and what it said.
fn child(test: &str, library: Option<&Path>) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("ort::{test}"), "--ignored", "--nocapture"]);
    if let Some(library) = library {
        command.env("ORT_DYLIB_PATH", library);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

#[test]
#[ignore = "a part of other tests"]
fn say_what_the_doctor_finds() {
    for backend in [Backend::Ort, Backend::OrtCuda, Backend::Auto] {
        println!("{backend}: {:?}", doctor::examine(backend, &EngineOptions::default()));
    }
}

fn line<'a>(text: &'a str, backend: &str) -> &'a str {
    let start = format!("{backend}: ");
    text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn what_is_no_onnx_runtime_is_a_clean_error_and_auto_passes_over_it() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("libonnxruntime.so");
    std::fs::write(&text, "I am text, not a library.\n").unwrap();
    let cut = dir.path().join("libonnxruntime.so.1");
    std::fs::write(&cut, b"\x7fELF and then nothing").unwrap();
    let missing = dir.path().join("libonnxruntime.so.2");
    let cases = [
        (text.as_path(), "is not a shared library"),
        (cut.as_path(), ""),
        (missing.as_path(), "there is no such file"),
        (dir.path(), ""),
    ];
    for (library, why) in cases {
        let (passed, said) = child("say_what_the_doctor_finds", Some(library));
        assert!(passed, "{said}");
        let ort = line(&said, "ort");
        assert!(ort.contains("available: false") && ort.contains(why), "{ort}");
        assert!(ort.contains(&library.display().to_string()), "{ort}");
        assert!(ort.contains("ORT_DYLIB_PATH"), "{ort}");
        assert!(line(&said, "ort-cuda").contains("available: false"));
        assert!(line(&said, "auto").contains("name: \"tract\", available: true"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn another_library_is_not_onnx_runtime() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let library = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("libc.so") || path.contains("libc-"))
        .map(Path::new);
    let Some(library) = library else {
        skipped("this process has no libc.so to try");
        return;
    };
    let (passed, said) = child("say_what_the_doctor_finds", Some(library));
    assert!(passed, "{said}");
    assert!(line(&said, "ort").contains("not ONNX Runtime"), "{said}");
}

#[test]
#[ignore = "a part of other tests"]
fn compare_with_tract() {
    let (_dir, bundle) = toy::bundle();
    let tract = Oasis::open(&bundle, Backend::Tract).unwrap();
    let ort = Oasis::open(&bundle, Backend::Ort).unwrap();
    let report = parity::run(&[&tract, &ort], 10).unwrap();
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
    assert!(report.pass);

    let request = SampleRequest::new(3, 7);
    let mut go_on = |_| std::ops::ControlFlow::Continue(());
    let [a, b] = [&tract, &ort].map(|oasis| oasis.sampler().unwrap().sample(&request, &mut go_on).unwrap());
    assert_eq!(a, b);

    let images = toy::images(2);
    let expected = ort.reconstruct(images.view()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(ort.reconstruct(images.view()).unwrap(), expected));
        }
    });

    // More callers than sessions, and as many sessions as callers, give the same.
    for (threads, runs) in [(1, 1), (1, 4), (2, 2)] {
        let options = EngineOptions::default().threads(threads).runs(runs);
        let engine = oasis::runtime::engine(Backend::Ort, &options).unwrap();
        super::buffers::check(engine.as_ref());
        super::stepper::check(engine.as_ref());
        let ort = Oasis::open_with(&bundle, Backend::Ort, &options).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        assert_eq!(ort.reconstruct(images.view()).unwrap(), expected);
                    }
                });
            }
        });
    }

    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("libonnxruntime.so");
    std::fs::write(&other, "text").unwrap();
    let options = EngineOptions::default().ort_lib(other);
    assert!(Oasis::open_with(&bundle, Backend::Ort, &options).is_err());
}

/// Needs a real library: that of `ORT_DYLIB_PATH` or one that the search finds. Without one it is skipped aloud, or
/// fails where `OASIS_REQUIRE_ORT` is set.
#[test]
fn onnx_runtime_agrees_with_tract() {
    let (passed, said) = child("say_what_the_doctor_finds", None);
    assert!(passed, "{said}");
    if !line(&said, "ort").contains("available: true") {
        assert!(std::env::var_os("OASIS_REQUIRE_ORT").is_none(), "{said}");
        skipped(&format!("no ONNX Runtime to compare with tract: {}", line(&said, "ort")));
        return;
    }
    let (passed, said) = child("compare_with_tract", None);
    assert!(passed, "{said}");
}
