//! Signals to what waits for a reader, to what ignores them, and what dead processes leave.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::case::two_at_a_time;
use super::faults::Files;
use super::house::Scratch;
use super::run::{Running, faults, oasis, run, start, start_with_streams};
use super::tally::Tally;
use crate::arguments;

/// How long a command may take to end once nothing of it is in work, on a machine that does other work too.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_second_signal_ends_what_waits_for_a_reader() {
    let scratch = Scratch::new();
    let data = scratch.at("data");
    assert_eq!(run(&mut oasis(arguments!["data", "phantom", "--subjects", "10", "--out", data])).code, Some(0));
    let tally = Tally::new("signals: a second one");
    two_at_a_time(&[libc::SIGTERM, libc::SIGINT, libc::SIGHUP], |_, &signal| {
        // A pipe that is full and that nobody reads: the first line on stderr waits.
        let (reader, mut writer) = std::io::pipe().unwrap();
        // SAFETY: sets the size of a pipe that is open.
        unsafe { libc::fcntl(std::os::fd::AsRawFd::as_raw_fd(&writer), libc::F_SETPIPE_SZ, 4096) };
        writer.write_all(&[b'x'; 4096]).unwrap();
        let mut command = oasis(arguments!["eval", "--data", data, "--split", "train", "--threads", "1"]);
        let running = start_with_streams(command.stdout(Stdio::null()).stderr(writer));
        std::thread::sleep(Duration::from_secs(8));
        let mut wrong = Vec::new();
        // Signals to a process and to its group, close together, count as one.
        for (pause, what) in [(100, "before a signal"), (700, "after one signal"), (0, "after one signal, sent twice")]
        {
            if !running.signal(signal) {
                wrong.push(format!("it ended {what}"));
            }
            std::thread::sleep(Duration::from_millis(pause));
        }
        let sent = Instant::now();
        let ran = running.wait();
        if ran.code != Some(130) || sent.elapsed() > SOON {
            wrong.push(format!("{:?} after the second signal: {ran:?}", sent.elapsed()));
        }
        tally.add(signal, &wrong);
        drop(reader);
    });
    tally.finish();
}

#[test]
fn nohup_keeps_a_hangup_away() {
    let scratch = Scratch::new();
    let tally = Tally::new("signals: a hangup that is ignored");
    let mut command = oasis(arguments!["sample", "--count", "2", "--out", scratch.at("a.png")]);
    // SAFETY: ignoring a signal is safe after a fork.
    unsafe {
        std::os::unix::process::CommandExt::pre_exec(&mut command, || {
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            Ok(())
        });
    }
    let running = start(&mut command).patience(Duration::from_secs(300));
    // At any moment: while it starts, loads and works.
    let mut met = 0;
    for _ in 0..50 {
        met += usize::from(running.signal(libc::SIGHUP));
        std::thread::sleep(Duration::from_millis(5));
    }
    let ran = running.wait();
    let mut wrong = faults(&ran);
    if ran.code != Some(0) || met == 0 {
        wrong.push(format!("{met} hangups met it: {ran:?}"));
    }
    tally.add_many(met.max(1), "SIGHUP", &wrong);
    tally.finish();
}

#[test]
fn what_the_dead_leave_is_cleaned_and_what_the_living_write_is_not() {
    let scratch = Scratch::new();
    let tally = Tally::new("signals: what the dead leave");
    let phantom = |name: &str, subjects: &str| {
        start(&mut oasis(arguments!["data", "phantom", "--subjects", subjects, "--out", scratch.at(name)]))
    };
    let slice = scratch.slice("a.png");
    let unfinished = || Files::of(&scratch.at("")).split().1;
    let begins = |running: &Running| {
        while unfinished().is_empty() && running.goes_on() {
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    for round in 0..5 {
        let killed = phantom(&format!("killed{round}"), "500");
        begins(&killed);
        killed.signal(libc::SIGKILL);
        let ran = killed.wait();
        assert_eq!(ran.signal, Some(libc::SIGKILL), "{ran:?}");
        assert!(!unfinished().is_empty(), "a killed process leaves something");
        // The next one in that folder, whatever it writes.
        let next = match round % 2 {
            0 => {
                arguments!["data", "phantom", "--subjects", "3", "--out", scratch.at(&format!("next{round}"))].to_vec()
            }
            _ => arguments!["infer", slice, "--out", scratch.at("")].to_vec(),
        };
        let ran = start(&mut oasis(next)).wait();
        let mut wrong = faults(&ran);
        if ran.code != Some(0) || !unfinished().is_empty() {
            wrong.push(format!("{:?} is left over: {ran:?}", unfinished()));
        }
        tally.add(format!("round {round}"), &wrong);
    }
    // Another process at work in the same folder is left alone.
    let living = phantom("living", "20");
    begins(&living);
    let beside = run(&mut oasis(arguments!["infer", slice, "--out", scratch.at("")]));
    assert_eq!(beside.code, Some(0), "{beside:?}");
    assert!(living.goes_on(), "it was at work all the time");
    let ran = living.patience(Duration::from_secs(300)).wait();
    let mut wrong = faults(&ran);
    if ran.code != Some(0) || !scratch.at("living/subjects.csv").is_file() || !unfinished().is_empty() {
        wrong.push(format!("{:?} is left over: {ran:?}", unfinished()));
    }
    tally.add("a living process", &wrong);
    tally.finish();
}
