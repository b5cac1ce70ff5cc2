//! Signals, what dead processes leave, and limits of processes, files, stack and memory.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::house::Scratch;
use super::run::{faults, oasis, run};
use crate::arguments;

/// How long a command may take to end after a signal: a second, and what is in work on a machine that does other work too.
const SOON: Duration = Duration::from_secs(10);

fn send(child: &Child, signal: i32) {
    // SAFETY: sends a signal to a child that nobody has waited for.
    assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
}

/// Waits until a child handles signals, which it does from the first line of `main` on.
fn listens(child: &Child) {
    let started = Instant::now();
    while started.elapsed() < SOON {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).map(str::trim);
        match caught.map(|mask| u64::from_str_radix(mask, 16).unwrap()) {
            Some(mask) if mask & (1 << (libc::SIGHUP - 1)) == 0 => std::thread::sleep(Duration::from_millis(1)),
            Some(_) => return,
            // It has ended, or the system tells no such thing.
            None => return std::thread::sleep(Duration::from_millis(200)),
        }
    }
}

/// Waits for a child; kills it where it does not end in time.
fn wait(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < patience {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// Everything below a folder that is named as unfinished.
fn unfinished(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    let below = paths.iter().filter(|path| path.is_dir() && !path.is_symlink()).flat_map(|path| unfinished(path));
    let own = paths.iter().filter(|path| path.to_string_lossy().ends_with(".part"));
    own.map(|path| path.display().to_string()).chain(below).collect()
}

fn phantoms(scratch: &Scratch, subjects: &str) -> std::path::PathBuf {
    let data = scratch.at("data");
    assert_eq!(run(&mut oasis(arguments!["data", "phantom", "--subjects", subjects, "--out", data])).code, Some(0));
    data
}

#[test]
fn signals_end_every_command_at_any_moment() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch, "10");
    let codes = scratch.at("codes");
    let test = data.join("keras_png_slices_train");
    assert_eq!(run(&mut oasis(arguments!["encode", scratch.slice("a.png"), "--out", codes])).code, Some(0));
    let commands: Vec<(&str, Vec<OsString>)> = vec![
        ("infer", arguments!["infer", test].into()),
        ("encode", arguments!["encode", test, "--likelihood"].into()),
        ("decode", arguments!["decode", codes.join("a.npy")].into()),
        ("eval", arguments!["eval", "--data", data, "--split", "train"].into()),
        ("sample", arguments!["sample", "--count", "64"].into()),
        ("phantom", arguments!["data", "phantom", "--subjects", "200"].into()),
        ("check", arguments!["data", "check", data].into()),
        ("bench", arguments!["bench", "--rounds", "10000"].into()),
        ("inspect", arguments!["inspect"].into()),
        ("export", arguments!["export", "--layout", "triton"].into()),
        ("man", arguments!["man"].into()),
    ];
    let delays = [0, 40, 150, 300, 500, 800, 1200, 2000, 3000];
    let moments: Vec<(usize, usize)> =
        (0..commands.len()).flat_map(|command| (0..delays.len()).map(move |delay| (command, delay))).collect();
    let (next, ended, wrong) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(&(command, delay)) = moments.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let (name, arguments) = &commands[command];
                    let folder = scratch.at(&format!("{name}-{delay}"));
                    std::fs::create_dir(&folder).unwrap();
                    let out = folder.join("out");
                    let more = match *name {
                        "infer" | "encode" | "decode" | "sample" | "phantom" | "export" => {
                            arguments!["--out", out].to_vec()
                        }
                        "eval" => arguments!["--csv", folder.join("scores.csv")].to_vec(),
                        "man" => arguments![out].to_vec(),
                        _ => Vec::new(),
                    };
                    let mut command = oasis(arguments.iter().cloned().chain(more));
                    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
                    listens(&child);
                    std::thread::sleep(Duration::from_millis(delays[delay]));
                    let finished = child.try_wait().unwrap();
                    let signal = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP][next.load(Ordering::SeqCst) % 3];
                    if finished.is_none() {
                        send(&child, signal);
                    }
                    let status = finished.or_else(|| wait(&mut child, SOON));
                    let code = status.and_then(|status| status.code());
                    // It may have ended by itself at that very moment.
                    let by_itself = code.is_some_and(|code| code < 3);
                    if code == Some(130) {
                        ended.fetch_add(1, Ordering::SeqCst);
                    } else if !by_itself {
                        wrong.lock().unwrap().push(format!("{name} after {} ms: {status:?}", delays[delay]));
                    }
                    let left = unfinished(&folder);
                    if !left.is_empty() {
                        wrong.lock().unwrap().push(format!("{name} after {} ms left {left:?}", delays[delay]));
                    }
                    // What keeps its results has as many rows as pictures.
                    let rows =
                        std::fs::read_to_string(out.join("metrics.csv")).map_or(0, |text| text.lines().count() - 1);
                    let pictures = std::fs::read_dir(&out).map_or(0, |entries| entries.count().saturating_sub(1) / 2);
                    if *name == "infer" && rows != pictures {
                        wrong.lock().unwrap().push(format!("{name}: {rows} rows, {pictures} pictures"));
                    }
                    let _ = std::fs::remove_dir_all(&folder);
                }
            });
        }
    });
    println!("signals: {} moments, {} ended by the signal", moments.len(), ended.load(Ordering::SeqCst));
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ended.into_inner() > moments.len() / 3, "most of the commands ended before they were told to");
}

#[test]
fn a_second_signal_ends_what_waits_for_a_reader() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch, "10");
    // A pipe that is full: the first line on stderr waits.
    let (reader, mut writer) = std::io::pipe().unwrap();
    // SAFETY: sets the size of a pipe that is open.
    unsafe { libc::fcntl(std::os::fd::AsRawFd::as_raw_fd(&writer), libc::F_SETPIPE_SZ, 4096) };
    writer.write_all(&[b'x'; 4096]).unwrap();
    let mut command = oasis(arguments!["eval", "--data", data, "--split", "train", "--threads", "1"]);
    let mut child = command.stdout(Stdio::null()).stderr(writer).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(8));
    assert!(child.try_wait().unwrap().is_none(), "it waits for the reader");
    send(&child, libc::SIGTERM);
    std::thread::sleep(Duration::from_millis(100));
    // One signal to a process and to its group counts once.
    send(&child, libc::SIGTERM);
    assert!(wait_a_while(&mut child).is_none());
    send(&child, libc::SIGTERM);
    assert_eq!(wait(&mut child, SOON).and_then(|status| status.code()), Some(130));
    drop(reader);
}

fn wait_a_while(child: &mut Child) -> Option<ExitStatus> {
    std::thread::sleep(Duration::from_millis(700));
    child.try_wait().unwrap()
}

#[test]
fn nohup_keeps_a_hangup_away() {
    let scratch = Scratch::new();
    let mut command = oasis(arguments!["sample", "--count", "2", "--out", scratch.at("a.png")]);
    // SAFETY: ignoring a signal is safe after a fork.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            Ok(())
        });
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // At any moment: while it starts, loads and works.
    for _ in 0..50 {
        send(&child, libc::SIGHUP);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(wait(&mut child, Duration::from_secs(300)).and_then(|status| status.code()), Some(0));
}

#[test]
fn what_the_dead_leave_is_cleaned_and_what_the_living_write_is_not() {
    let scratch = Scratch::new();
    let phantom = |name: &str, subjects: &str| {
        let arguments = arguments!["data", "phantom", "--subjects", subjects, "--out", scratch.at(name)];
        oasis(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let slice = scratch.slice("a.png");
    let wait_for = |count: usize| {
        let started = Instant::now();
        while unfinished(&scratch.at("")).is_empty() == (count > 0) {
            assert!(started.elapsed() < SOON, "{:?}", unfinished(&scratch.at("")));
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    for round in 0..5 {
        let mut killed = phantom(&format!("killed{round}"), "500");
        wait_for(1);
        killed.kill().unwrap();
        assert_eq!(killed.wait().unwrap().signal(), Some(libc::SIGKILL));
        assert!(!unfinished(&scratch.at("")).is_empty(), "a killed process leaves something");
        // The next one in that folder, whatever it writes.
        let next = match round % 2 {
            0 => {
                arguments!["data", "phantom", "--subjects", "3", "--out", scratch.at(&format!("next{round}"))].to_vec()
            }
            _ => arguments!["infer", slice, "--out", scratch.at("")].to_vec(),
        };
        assert_eq!(run(&mut oasis(next)).code, Some(0));
        assert_eq!(unfinished(&scratch.at("")), [""; 0]);
    }
    // Another process at work in the same folder is left alone.
    let mut living = phantom("living", "20");
    wait_for(1);
    assert_eq!(run(&mut oasis(arguments!["infer", slice, "--out", scratch.at("")])).code, Some(0));
    assert_eq!(wait(&mut living, Duration::from_secs(300)).and_then(|status| status.code()), Some(0));
    assert!(scratch.at("living/subjects.csv").is_file());
    assert_eq!(unfinished(&scratch.at("")), [""; 0]);
}

/// Those of processes hold for other users than root.
#[test]
fn low_limits_are_an_error_or_fewer_threads() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch, "3");
    let slices = data.join("keras_png_slices_test");
    let commands: [Vec<OsString>; 4] = [
        arguments!["infer", slices, "--out", scratch.at("out"), "--json"].into(),
        arguments!["inspect"].into(),
        arguments!["sample", "--count", "1", "--out", scratch.at("sample.png")].into(),
        arguments!["data", "check", data].into(),
    ];
    let limits = [
        "-n 5",
        "-n 8",
        "-n 12",
        "-n 40",
        "-s 64",
        "-s 128",
        "-s 256",
        "-s 1024",
        "-v 100000",
        "-v 200000",
        "-v 300000",
        "-v 500000",
        "-v 1000000",
        "-f 0",
        "-f 1",
        "-f 16",
        "-u 1",
        "-u 3",
        "-u 6",
    ];
    let mut wrong = Vec::new();
    for limit in limits {
        for arguments in &commands {
            let mut command = Command::new("bash");
            command.args(["-c", &format!("ulimit {limit} && exec \"$0\" \"$@\"")]).arg(env!("CARGO_BIN_EXE_oasis"));
            let ran = run(command.args(arguments).stdin(Stdio::null()).env_remove("OASIS_LOG"));
            let ended = ran.code.is_some_and(|code| code < 3) && faults(&ran).is_empty();
            let told = ran.code == Some(0) || ran.stderr.contains("error: ");
            if !ended || !told {
                wrong.push(format!("{limit}: {} {:?}: {ran:?}", arguments[0].display(), arguments.get(1)));
            }
        }
    }
    println!(
        "limits: {} tries, {} as they must be",
        limits.len() * commands.len(),
        limits.len() * commands.len() - wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
