//! Streams that cannot be written: a full disk, a reader that is gone, a closed descriptor.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::case::two_at_a_time;
use super::faults::Files;
use super::house::Scratch;
use super::run::{Ran, faults, oasis, run, start_with_streams};
use super::tally::Tally;
use crate::arguments;

/// What is wrong with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Full,
    Gone,
    Closed,
}

impl Fault {
    fn stream(self) -> Stdio {
        match self {
            Self::None => Stdio::piped(),
            Self::Full => File::options().write(true).open("/dev/full").unwrap().into(),
            Self::Gone => std::io::pipe().unwrap().1.into(),
            Self::Closed => Stdio::null(),
        }
    }
}

/// Runs a command with a fault in one of its streams, or in both.
fn faulty(mut command: Command, [stdout, stderr]: [Fault; 2]) -> Ran {
    command.stdout(stdout.stream()).stderr(stderr.stream());
    for (stream, fault) in [(libc::STDOUT_FILENO, stdout), (libc::STDERR_FILENO, stderr)] {
        if fault == Fault::Closed {
            // SAFETY: closing a descriptor is safe after a fork.
            unsafe {
                command.pre_exec(move || {
                    libc::close(stream);
                    Ok(())
                });
            }
        }
    }
    start_with_streams(&mut command).wait()
}

/// A command, and how it ends where all is well.
struct Row {
    name: &'static str,
    arguments: Vec<OsString>,
    /// The name of what it writes, whose path is its last argument.
    target: Option<&'static str>,
    exit: i32,
}

impl Row {
    fn command(&self, place: &Path) -> Command {
        let mut command = oasis(&self.arguments);
        command.args(self.target.map(|target| place.join(target)));
        command
    }
}

fn rows(scratch: &Scratch, data: &Path) -> Vec<Row> {
    let (good, bad) = (scratch.slice("good.png"), scratch.file("bad.png", b"hello"));
    let codes = scratch.at("codes.npy");
    ndarray_npy::write_npy(&codes, &ndarray::Array2::<i64>::zeros((32, 32))).unwrap();
    let (test, shard) = (data.join("keras_png_slices_test"), scratch.at("shard.csv"));
    let scored = run(&mut oasis(arguments!["eval", "--data", data, "--shard", "0/20", "--csv", shard]));
    assert_eq!(scored.code, Some(0), "{scored:?}");
    let mut rows = Vec::new();
    let mut row = |name, arguments: &[OsString], target, exit| {
        rows.push(Row { name, arguments: arguments.to_vec(), target, exit });
    };
    let out = Some("out");
    row("infer", &arguments!["infer", good, bad, "-vv", "--out"], out, 1);
    row("infer --json", &arguments!["infer", test, "--json", "--out"], out, 0);
    row("encode", &arguments!["encode", good, good, "--likelihood", "--out"], out, 0);
    row("decode", &arguments!["decode", codes, bad, "--out"], out, 1);
    row("decode --json", &arguments!["decode", codes, "--json", "--out"], out, 0);
    row("eval", &arguments!["eval", "--data", data, "--shard", "1/20", "--csv"], Some("scores.csv"), 0);
    row("eval --merge", &arguments!["eval", "--merge", shard, "--csv"], Some("scores.csv"), 0);
    let sample = arguments!["sample", "--count", "1", "--given", codes, "--rows", "31", "--out"];
    row("sample, a folder", &sample, out, 0);
    row("sample, a picture", &[&arguments!["sample", "--json"], &sample[1..]].concat(), Some("brains.png"), 0);
    row("data phantom", &arguments!["data", "phantom", "--subjects", "3", "--out"], out, 0);
    row("data check", &arguments!["data", "check", data, "--json"], None, 0);
    row("man", &arguments!["man"], out, 0);
    row("export", &arguments!["export", "--layout", "triton", "--out"], out, 0);
    let bench = arguments!["bench", "--rounds", "1", "--stages", "encoder", "--threads", "999"];
    row("bench", &bench, None, 0);
    for (name, arguments) in [
        ("inspect", arguments!["inspect"].to_vec()),
        ("doctor", arguments!["doctor"].to_vec()),
        ("completions", arguments!["completions", "bash"].to_vec()),
        ("help", arguments!["help"].to_vec()),
        ("--version", arguments!["--version"].to_vec()),
    ] {
        row(name, &arguments, None, 0);
    }
    row("an error", &arguments!["infer", bad, "--out"], out, 2);
    row("bad usage", &arguments!["infer", "--nonsense"], None, 2);
    row("no command", &[], None, 2);
    rows
}

/// What is wrong with a run whose streams had these faults; `clean` is what the command writes without.
fn wrong(row: &Row, [stdout, stderr]: [Fault; 2], ran: &Ran, files: &Files, clean: &Files) -> Vec<String> {
    let mut wrong = faults(ran);
    // Where all of stdout is lost on a full disk, that is an error once the work is done.
    let lost = stdout == Fault::Full && row.exit < 2;
    let exit = if lost { 2 } else { row.exit };
    if ran.code != Some(exit) {
        wrong.push(format!("exit {:?}, signal {:?}, expected {exit}", ran.code, ran.signal));
    }
    let full = "error: cannot print the result: stdout: No space left on device (os error 28)\nhint: ";
    if lost && stderr == Fault::None && !ran.stderr.contains(full) {
        wrong.push(format!("does not say {full:?}"));
    }
    if row.name == "infer" && stderr == Fault::None && !ran.stderr.contains("error: cannot read slice: ") {
        wrong.push("does not say what cannot be read".to_owned());
    }
    if row.exit < 2 && stdout == Fault::None && ran.stdout.is_empty() {
        wrong.push("stdout has nothing".to_owned());
    }
    wrong.extend(files.unlike(clean));
    if let Some(last) = wrong.last_mut() {
        last.push_str(&format!("\n{ran:?}"));
    }
    wrong
}

#[test]
fn streams_that_cannot_be_written_lose_no_results() {
    use Fault::{Closed, Full, Gone, None};

    let scratch = Scratch::new();
    let data = scratch.at("data");
    assert_eq!(run(&mut oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data])).code, Some(0));
    let tally = Tally::new("streams that cannot be written");
    two_at_a_time(&rows(&scratch, &data), |number, row| {
        let written = |streams: [Fault; 2]| {
            let place = scratch.at(&format!("place-{number}"));
            std::fs::create_dir(&place).unwrap();
            let ran = faulty(row.command(&place), streams);
            let files = Files::of(&place);
            std::fs::remove_dir_all(&place).unwrap();
            (ran, files)
        };
        let (ran, clean) = written([None, None]);
        assert_eq!((ran.code, clean.0.is_empty()), (Some(row.exit), row.target.is_none() || row.exit == 2), "{ran:?}");
        for fault in [Full, Gone, Closed] {
            for streams in [[fault, None], [None, fault], [fault, fault]] {
                let (ran, files) = written(streams);
                tally.add(format!("{}, {streams:?}", row.name), &wrong(row, streams, &ran, &files, &clean));
            }
        }
    });
    tally.finish();
}

#[test]
fn quiet_commands_print_errors_only() {
    let scratch = Scratch::new();
    let (data, place) = (scratch.at("data"), scratch.at("place"));
    assert_eq!(run(&mut oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data])).code, Some(0));
    let rows = rows(&scratch, &data);
    std::fs::write(data.join("subjects.csv"), "no,table\n").unwrap();
    for row in rows {
        let has = |flag: &str| row.arguments.iter().any(|argument| argument == flag);
        let name = row.name;
        if has("-vv") || row.exit == 2 || ["completions", "help", "--version"].contains(&name) {
            continue;
        }
        std::fs::create_dir(&place).unwrap();
        let ran = run(row.command(&place).arg("-q").env("OASIS_LOG", "debug"));
        // The broken table is a problem of the data, and of nothing else that these commands do.
        let exit = if name == "data check" { 1 } else { row.exit };
        assert_eq!(ran.code, Some(exit), "{name}: {ran:?}");
        assert_eq!(ran.stdout.is_empty(), !has("--json"), "{name}: {ran:?}");
        let errors = ran.stderr.lines().all(|line| line.starts_with("error: ") || line.starts_with("hint: "));
        assert!(errors && (exit == 1 || ran.stderr.is_empty()), "{name}: {ran:?}");
        std::fs::remove_dir_all(&place).unwrap();
    }
    let auto = arguments!["infer", scratch.at("good.png"), "--out", place, "--backend", "auto", "-q"];
    assert_eq!(run(&mut oasis(auto)).stderr, "");
}
