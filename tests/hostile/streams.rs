//! Streams that cannot be written: a full disk, a reader that is gone, a closed descriptor.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::house::Scratch;
use super::run::oasis;
use crate::arguments;

/// What is wrong with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Full,
    Gone,
    Closed,
}

const STDOUT: i32 = 1;
const STDERR: i32 = 2;

/// Runs a command with a fault in one of its streams.
fn faulty(mut command: Command, stream: i32, fault: Fault) -> Output {
    let broken = match fault {
        Fault::Full => Stdio::from(File::options().write(true).open("/dev/full").unwrap()),
        Fault::Gone => Stdio::from(std::io::pipe().unwrap().1),
        Fault::Closed => Stdio::null(),
    };
    if stream == STDOUT {
        command.stdout(broken)
    } else {
        command.stderr(broken)
    };
    if fault == Fault::Closed {
        // SAFETY: closing a descriptor is safe after a fork.
        unsafe {
            command.pre_exec(move || {
                libc::close(stream);
                Ok(())
            });
        }
    }
    command.output().unwrap()
}

/// A command, how it ends where all is well, and a file that it leaves in the folder.
type Row = (&'static str, Vec<OsString>, i32, Option<&'static str>);

fn commands(scratch: &Scratch, data: &Path, out: &Path) -> Vec<Row> {
    let (good, bad) = (scratch.slice("good.png"), scratch.file("bad.png", b"hello"));
    let codes = scratch.at("codes.npy");
    ndarray_npy::write_npy(&codes, &ndarray::Array2::<i64>::zeros((32, 32))).unwrap();
    let test = data.join("keras_png_slices_test");
    let sample = arguments!["sample", "--count", "1", "--given", codes, "--rows", "31", "--out", out];
    let csv = out.with_extension("csv");
    vec![
        ("infer", arguments!["infer", good, bad, "--out", out, "-vv"].into(), 1, Some("metrics.csv")),
        ("infer --json", arguments!["infer", test, "--out", out, "--json"].into(), 0, Some("metrics.csv")),
        ("encode", arguments!["encode", good, good, "--out", out, "--likelihood"].into(), 0, Some("likelihood.csv")),
        ("decode", arguments!["decode", codes, bad, "--out", out].into(), 1, Some("codes.png")),
        ("eval", arguments!["eval", "--data", data, "--csv", csv, "--shard", "1/20"].into(), 0, Some("../out.csv")),
        ("sample", sample.into(), 0, Some("sample_0000.png")),
        (
            "data phantom",
            arguments!["data", "phantom", "--subjects", "3", "--out", out].into(),
            0,
            Some("subjects.csv"),
        ),
        ("data check", arguments!["data", "check", data, "--json"].into(), 0, None),
        ("man", arguments!["man", out].into(), 0, Some("oasis.1")),
        (
            "export",
            arguments!["export", "--layout", "triton", "--out", out].into(),
            0,
            Some("oasis_encoder/1/model.onnx"),
        ),
        ("bench", arguments!["bench", "--rounds", "1", "--stages", "encoder", "--threads", "999"].into(), 0, None),
        ("inspect", arguments!["inspect"].into(), 0, None),
        ("doctor", arguments!["doctor"].into(), 0, None),
        ("completions", arguments!["completions", "bash"].into(), 0, None),
        ("help", arguments!["help"].into(), 0, None),
        ("--version", arguments!["--version"].into(), 0, None),
        ("an error", arguments!["infer", bad, "--out", out].into(), 2, None),
        ("bad usage", arguments!["infer", "--nonsense"].into(), 2, None),
        ("no command", arguments![].into(), 2, None),
    ]
}

#[test]
fn streams_that_cannot_be_written_lose_no_results() {
    let scratch = Scratch::new();
    let (data, out) = (scratch.at("data"), scratch.at("out"));
    assert!(oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data]).output().unwrap().status.success());
    let mut tries = 0;
    for (name, arguments, exit, file) in commands(&scratch, &data, &out) {
        for (stream, fault) in [STDOUT, STDERR]
            .into_iter()
            .flat_map(|stream| [Fault::Full, Fault::Gone, Fault::Closed].into_iter().map(move |fault| (stream, fault)))
        {
            let _ = std::fs::remove_dir_all(&out);
            let _ = std::fs::remove_file(out.with_extension("csv"));
            let Output { status, stdout, stderr } = faulty(oasis(&arguments), stream, fault);
            let case = format!("{name}, {stream} {fault:?}");
            // Where all of stdout is lost on a full disk, that is an error once the work is done.
            let lost = (stream, fault) == (STDOUT, Fault::Full) && exit < 2;
            let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
            assert_eq!(status.code(), Some(if lost { 2 } else { exit }), "{case}: {stdout} {stderr}");
            assert!(!stderr.contains("panicked"), "{case}: {stderr}");
            assert!(file.is_none_or(|file| out.join(file).exists() || scratch.at("out.csv").exists()), "{case}");
            if lost {
                let error = "error: cannot print the result: stdout: No space left on device (os error 28)\nhint: ";
                assert!(stderr.contains(error), "{case}: {stderr}");
            }
            if name == "infer" && stream == STDOUT {
                assert!(stderr.contains("error: cannot read slice: "), "{case}: {stderr}");
            }
            if stream == STDERR && exit < 2 {
                assert!(!stdout.is_empty(), "{case}");
            }
            tries += 1;
        }
    }
    println!("streams: {tries} tries");
}

#[test]
fn quiet_commands_print_errors_only() {
    let scratch = Scratch::new();
    let (data, out) = (scratch.at("data"), scratch.at("out"));
    assert!(oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data]).output().unwrap().status.success());
    std::fs::write(data.join("subjects.csv"), "no,table\n").unwrap();
    for (name, arguments, exit, _) in commands(&scratch, &data, &out) {
        let prints = ["completions", "help", "--version"].contains(&name);
        if arguments.iter().any(|argument| argument == "-vv") || exit == 2 || prints {
            continue;
        }
        let _ = std::fs::remove_dir_all(&out);
        let json = arguments.iter().any(|argument| argument == "--json");
        let mut command = oasis(arguments.iter().cloned().chain(arguments!["-q"]));
        let Output { status, stdout, stderr } = command.env("OASIS_LOG", "debug").output().unwrap();
        let stderr = String::from_utf8_lossy(&stderr);
        // The broken table is a problem of the data, and of nothing else that these commands do.
        assert_eq!(status.code(), Some(if name == "data check" { 1 } else { exit }), "{name}: {stderr}");
        assert_eq!(stdout.is_empty(), !json, "{name}: {}", String::from_utf8_lossy(&stdout));
        let errors = stderr.lines().all(|line| line.starts_with("error: ") || line.starts_with("hint: "));
        assert!(errors && (exit == 1 || stderr.is_empty()), "{name}: {stderr}");
    }
    let auto = oasis(arguments!["infer", scratch.at("good.png"), "--out", out, "--backend", "auto", "-q"]).output();
    assert!(auto.unwrap().stderr.is_empty());
}
