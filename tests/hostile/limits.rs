//! Low limits of the system: memory, processes, open files, stack. A command does its work with less, or ends with an error
//! that has a hint.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::house::Scratch;
use super::run::{Ran, faults, oasis, program, run, start};
use super::tally::{Tally, of};
use crate::arguments;

/// The commands that are run under limits: what they print or write is as without a limit.
fn commands(scratch: &Scratch) -> Vec<(&'static str, Vec<std::ffi::OsString>)> {
    let slice = scratch.slice("case_001_slice_12.png");
    let data = scratch.at("data");
    let ran = run(&mut oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let split = data.join("keras_png_slices_test");
    vec![
        ("infer", arguments!["infer", slice, "--out", scratch.at("out")].to_vec()),
        ("sample", arguments!["sample", "--count", "2", "--out", scratch.at("brains.png")].to_vec()),
        ("eval", arguments!["eval", "--data", data].to_vec()),
        ("data check", arguments!["data", "check", data].to_vec()),
        ("doctor", arguments!["doctor"].to_vec()),
        ("inspect", arguments!["inspect"].to_vec()),
        ("infer --json", arguments!["infer", split, "--out", scratch.at("split"), "--json"].to_vec()),
        #[cfg(feature = "train")]
        ("train", train(&data, &scratch.at("run"))),
    ]
}

/// A training of a small net, whose device fails where it gets no memory or no threads.
#[cfg(feature = "train")]
fn train(data: &Path, out: &Path) -> Vec<std::ffi::OsString> {
    let set = ["vqvae.channels=[8,16]", "vqvae.codebook_size=32", "vqvae.latent_dim=8", "vqvae_training.batch=8"];
    let all = arguments!["train", "vqvae", "--data", data, "--out", out, "--epochs", "1", "--resume"];
    all.into_iter().chain(set.iter().flat_map(|set| arguments!["--set", set])).collect()
}

/// A limit for what a command starts: `resource`, soft and hard.
fn limited(command: &mut Command, resource: libc::__rlimit_resource_t, value: u64) -> &mut Command {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: the call may be made between fork and exec; `limit` is a valid structure.
    unsafe {
        command.pre_exec(move || match libc::setrlimit(resource, &limit) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        })
    }
}

/// What is wrong with the end of a run under a limit: it was done, or there is an error with a hint.
fn judge(ran: &Ran) -> Vec<String> {
    let mut wrong = faults(ran);
    // What the loader of programs says is said before the first line of this one.
    let loader = ran.code == Some(127) && ran.stderr.contains("error while loading shared libraries");
    // A check of many files tells on stdout which of them it could not read.
    let told = ran.stderr.contains("error: ") && ran.stderr.contains("hint: ") || ran.stdout.contains("problem: ");
    if !(ran.code == Some(0) || (matches!(ran.code, Some(1 | 2)) && told) || loader) {
        wrong.push(format!("exit {:?}, signal {:?}: {}", ran.code, ran.signal, ran.stderr));
    }
    wrong
}

/// Runs every command under every value of a limit, and demands success under the last.
fn sweep(kind: &str, resource: libc::__rlimit_resource_t, values: &[u64]) {
    let scratch = Scratch::new();
    let tally = Tally::new(kind);
    for (name, arguments) in commands(&scratch) {
        for (index, &value) in values.iter().enumerate() {
            // A training that is done is not done again.
            let _ = std::fs::remove_dir_all(scratch.at("run"));
            let mut command = oasis(&arguments);
            let ran = start(limited(&mut command, resource, value)).wait();
            let mut wrong = judge(&ran);
            if index + 1 == values.len() && ran.code != Some(0) {
                wrong.push(format!("not done under the largest value: {ran:?}"));
            }
            tally.add(format!("{name}, {value}"), &wrong);
        }
    }
    tally.finish();
}

#[test]
fn little_memory() {
    let mib: Vec<u64> = if of(0, 1) == 0 {
        vec![64, 98, 160, 196, 256, 293, 489, 700, 977, 1200, 8192]
    } else {
        (32..1024).step_by(16).chain([8192]).collect()
    };
    // The system itself ends a program that does not fit, before its first line.
    let least = std::fs::metadata(env!("CARGO_BIN_EXE_oasis")).unwrap().len() + (24 << 20);
    let bytes: Vec<u64> = mib.iter().map(|mib| mib << 20).filter(|bytes| *bytes >= least).collect();
    sweep("limit on memory", libc::RLIMIT_AS, &bytes);
}

#[test]
fn few_open_files() {
    let values: Vec<u64> =
        if of(0, 1) == 0 { vec![3, 4, 5, 6, 8, 12, 40, 64] } else { (3..24).chain([40, 64]).collect() };
    sweep("limit on open files", libc::RLIMIT_NOFILE, &values);
}

#[test]
fn little_stack() {
    let values: &[u64] = if of(0, 1) == 0 {
        &[64, 128, 256, 1024, 8192]
    } else {
        &[64, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096, 8192]
    };
    let bytes: Vec<u64> = values.iter().map(|kib| kib << 10).collect();
    sweep("limit on the stack", libc::RLIMIT_STACK, &bytes);
}

/// The limit does not bind root, so that root runs the binary as nobody, from a folder that nobody can read.
#[test]
fn few_processes() {
    let root = is_root();
    let scratch = Scratch::new();
    let tally = Tally::new("limit on processes");
    let place = scratch.at("open");
    std::fs::create_dir(&place).unwrap();
    for path in [scratch.at(""), place.clone()] {
        open_to_all(&path);
    }
    let binary = place.join("oasis");
    std::fs::copy(env!("CARGO_BIN_EXE_oasis"), &binary).unwrap();
    let slice = scratch.slice("open/case_001_slice_12.png");
    let data = place.join("data");
    let ran = run(&mut oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let values: &[u64] =
        if of(0, 1) == 0 { &[1, 2, 3, 4, 6, 64] } else { &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 64] };
    // Threads of other processes of one user count too: each try is another user.
    let mut user = 60_000;
    for &value in values {
        let out = |name: &str| place.join(format!("{name}-{value}"));
        let infer = |threads: &str| arguments!["infer", slice, "--out", out(threads), "--threads", threads].to_vec();
        let commands = [
            ("infer on 1 thread", infer("1")),
            ("infer on 2 threads", infer("2")),
            ("infer on 8 threads", infer("8")),
            ("inspect", arguments!["inspect"].to_vec()),
            ("sample", arguments!["sample", "--count", "1", "--out", out("sample.png")].to_vec()),
            ("data check", arguments!["data", "check", data].to_vec()),
            #[cfg(feature = "train")]
            ("train", train(&data, &out("run"))),
        ];
        for (name, arguments) in commands {
            user += 1;
            let mut command = program(&binary, arguments);
            if root {
                // SAFETY: both calls may be made between fork and exec.
                unsafe {
                    command.pre_exec(move || match libc::setgid(user) | libc::setuid(user) {
                        0 => Ok(()),
                        _ => Err(std::io::Error::last_os_error()),
                    });
                }
            }
            let allowed = if root { value } else { value + threads_of_this_user() };
            let ran = start(limited(&mut command, libc::RLIMIT_NPROC, allowed)).wait();
            let mut wrong = judge(&ran);
            if value == 64 && ran.code != Some(0) {
                wrong.push(format!("not done under the largest value: {ran:?}"));
            }
            tally.add(format!("{value} processes, {name}"), &wrong);
        }
    }
    tally.finish();
}

fn is_root() -> bool {
    // SAFETY: the call only reads.
    unsafe { libc::geteuid() == 0 }
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
}

/// The threads that processes of this user have now; another test may start and end some.
fn threads_of_this_user() -> u64 {
    use std::os::unix::fs::MetadataExt;
    // SAFETY: the call only reads.
    let user = unsafe { libc::geteuid() };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = processes.filter(|entry| entry.metadata().is_ok_and(|found| found.uid() == user));
    own.map(|entry| std::fs::read_dir(entry.path().join("task")).map_or(0, |tasks| tasks.count() as u64)).sum()
}
