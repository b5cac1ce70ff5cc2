//! Faults that end a process, in a process of their own.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::libraries::Trap;
use super::run::{ends, oasis, run, start_with_streams};
use super::tally::Tally;
use crate::arguments;

#[test]
fn a_library_that_ends_the_process_is_an_error_of_an_isolated_command() {
    let trap = Trap::new();
    let tally = Tally::new("faults that end a process, in one of its own");
    for (name, fault, signal) in [
        ("segv.so", "*(volatile int *)8 = 1;", libc::SIGSEGV),
        ("fpe.so", "raise(SIGFPE);", libc::SIGFPE),
        ("kill.so", "raise(SIGKILL);", libc::SIGKILL),
    ] {
        let library = trap.library(name, "\"1.31.1\"", fault);
        let plain = run(&mut oasis(arguments!["doctor", "--ort-lib", library]));
        assert_eq!((plain.code, plain.signal), (None, Some(signal)), "{name}: {plain:?}");
        let isolated = run(&mut oasis(arguments!["doctor", "--ort-lib", library, "--isolate"]));
        let mut wrong = ends(&isolated, 2);
        let said = format!("error: cannot go on: oasis: signal {signal} (");
        if !isolated.stderr.contains(&said) || !isolated.stderr.contains("\nhint: ") {
            wrong.push(format!("does not say {said:?}: {isolated:?}"));
        }
        tally.add(name, &wrong);
    }
    // The one signal that a process sends itself on purpose is an error of any command.
    let library = trap.library("abort.so", "\"1.31.1\"", "abort();");
    for more in [&[][..], &["--isolate"]] {
        let ran = run(oasis(arguments!["doctor", "--ort-lib", library]).args(more));
        let mut wrong = ends(&ran, 2);
        let said = "error: cannot go on: oasis: memory was refused, or a library gave up\nhint: ";
        if !ran.stderr.starts_with(said) {
            wrong.push(format!("does not say {said:?}: {ran:?}"));
        }
        tally.add(format!("abort.so {more:?}"), &wrong);
    }
    // An exit that is none of this program's.
    let library = trap.library("exit.so", "\"1.31.1\"", "_Exit(77);");
    let ran = run(&mut oasis(arguments!["doctor", "--ort-lib", library, "--isolate"]));
    tally.add("exit.so", &ends(&ran, 2));
    tally.finish();
}

#[test]
fn an_isolated_command_prints_and_exits_as_it_does_otherwise() {
    let scratch = super::house::Scratch::new();
    let slice = scratch.slice("a.png");
    let cases = [
        arguments!["inspect", "--json"].to_vec(),
        arguments!["infer", slice, scratch.file("b.png", b"none"), "--out", scratch.at("out")].to_vec(),
        arguments!["infer", scratch.at("none.png"), "--out", scratch.at("out")].to_vec(),
        arguments!["sample", "--count", "x"].to_vec(),
        arguments!["infer", "--out", scratch.at("out"), "--", "--isolate"].to_vec(),
    ];
    for (arguments, code) in cases.into_iter().zip([0, 1, 2, 2, 2]) {
        let plain = run(&mut oasis(&arguments));
        let isolated = run(&mut oasis(["--isolate".into()].into_iter().chain(arguments)));
        assert_eq!(plain.code, Some(code), "{plain:?}");
        assert_eq!((isolated.code, isolated.stdout), (plain.code, plain.stdout));
        assert_eq!(isolated.stderr, plain.stderr);
    }
}

/// A command that samples for long.
fn long(out: &std::path::Path) -> Command {
    let mut command = oasis(arguments!["--isolate", "sample", "--count", "4096", "--threads", "1", "--out", out]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The processes whose parent is `parent`.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<i32> {
    std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))
        .unwrap_or_default()
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect()
}

/// Whether a process runs; one that has ended and was not asked after does not.
#[cfg(target_os = "linux")]
fn runs(process: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

#[test]
#[cfg(target_os = "linux")]
fn signals_reach_the_isolated_process_and_it_does_not_outlive_its_parent() {
    let scratch = super::house::Scratch::new();
    for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGKILL] {
        let parent = start_with_streams(&mut long(&scratch.at("out")));
        let started = Instant::now();
        let worker = loop {
            assert!(started.elapsed() < Duration::from_secs(20), "no process was started");
            match children(parent.id())[..] {
                [worker] => break worker,
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        // Until it samples, so that its own handlers are there.
        std::thread::sleep(Duration::from_millis(1500));
        assert!(parent.signal(signal), "signal {signal}: it ended by itself");
        let ended = parent.wait();
        let expected = if signal == libc::SIGKILL { (None, Some(signal)) } else { (Some(130), None) };
        assert_eq!((ended.code, ended.signal), expected, "signal {signal}");
        let asked = Instant::now();
        while runs(worker) {
            assert!(asked.elapsed() < Duration::from_secs(30), "signal {signal}: the process goes on alone");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
